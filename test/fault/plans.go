package fault

import (
	"math/rand/v2"
	"net/http"
	"slices"
	"time"
)

// Plan says what happens to each request. It is asked for one request at a time, in the order of their numbers.
type Plan func(Request) Fault

// Always has the same fault for every request, or for every one of the named actions.
func Always(f Fault, actions ...string) Plan {
	return func(r Request) Fault {
		if len(actions) > 0 && !slices.Contains(actions, r.Action) {
			return None()
		}
		return f
	}
}

// Script has these faults for the PutLogEvents to come, in turn, and none for those behind them.
func Script(faults ...Fault) Plan {
	return func(r Request) Fault {
		if r.Action != "PutLogEvents" || len(faults) == 0 {
			return None()
		}
		f := faults[0]
		faults = faults[1:]
		return f
	}
}

// inARow is how many faults one action on one stream meets at most, one after the other, in a Mix.
const inARow = 5

// Losing are the kinds with which the API drops events for good: a client can only tell of them.
func Losing() []Kind { return []Kind{KindTooNew, KindTooOld, KindExpired} }

// Passing are all others: a client that waits and tries again gets through.
func Passing() []Kind {
	return []Kind{KindRefuse, KindResetBefore, KindResetAfter, KindStatus, KindStatusAfter, KindThrottle, KindAccessDenied, KindExpiredToken, KindStall,
		KindLate, KindSlow, KindKMS, KindGroupMissing, KindStreamMissing}
}

// Mix has a random fault of these kinds, or of all when none is named, with the probability; which is the seed's choice. Whatever
// stalls does so for the given time. After five in a row an action on a stream is let through.
func Mix(seed uint64, probability float64, stall time.Duration, kinds ...Kind) Plan {
	if len(kinds) == 0 {
		kinds = append(Passing(), Losing()...)
	}
	random := rand.New(rand.NewPCG(seed, seed))
	row := map[[2]string]int{}
	return func(r Request) Fault {
		key := [2]string{r.Action, r.Stream}
		if row[key] >= inARow || random.Float64() >= probability {
			row[key] = 0
			return None()
		}
		f := Fault{Kind: kinds[random.IntN(len(kinds))], For: stall}
		switch f.Kind {
		case KindStatus, KindStatusAfter:
			f.Status = []int{http.StatusInternalServerError, http.StatusBadGateway, http.StatusServiceUnavailable}[random.IntN(3)]
			f.Body = []string{"", `{"__type":"ServiceUnavailableException","message":"The service cannot complete the request."}`,
				"<html><body><h1>Bad Gateway</h1></body></html>"}[random.IntN(3)]
		case KindTooNew, KindTooOld, KindExpired:
			if r.Events == 0 {
				f = None() // not a PutLogEvents
				break
			}
			if f.Index = random.IntN(r.Events); f.Kind != KindTooNew {
				f.Index++
			}
		}
		if f.Kind == KindNone {
			row[key] = 0
		} else {
			row[key]++
		}
		return f
	}
}
