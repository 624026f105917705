package broker

import (
	"maps"
	"net/http"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"opsh/cmd/internal/entry"
)

// window is how old a request may be. A signature holds longer, for 5 minutes.
const window = 2 * time.Minute

// once lets every request through one time. It remembers in memory: that is right as long as one instance of the function runs at a time,
// which a reserved concurrency of 1 gives. What an instance before it has let through, it can't know; so it takes nothing that was made before it
// started itself, and nothing from the future, which could be repeated to the one after it.
type once struct {
	mu      sync.Mutex
	started time.Time
	seen    map[string]time.Time // by nonce, until when
}

func (o *once) admit(nonce string, made, now time.Time) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	maps.DeleteFunc(o.seen, func(_ string, until time.Time) bool { return until.Before(now) })
	if _, ok := o.seen[nonce]; ok {
		return refuse(http.StatusConflict, entry.Replayed, "this request has been made before")
	}
	o.seen[nonce] = now.Add(window)
	if made.Before(o.started) || made.Before(now.Add(-window)) || made.After(now) {
		r := refuse(http.StatusConflict, entry.Stale, "the request was not made just now, by the broker's clock; ask again by that")
		r.now = now
		return r
	}
	return nil
}

// limits are how many requests are let through in a minute, from each caller and in all. They are this instance's: with one instance
// at a time a restart begins them anew, and nothing else.
type limits struct {
	mu     sync.Mutex
	each   int
	all    *rate.Limiter
	caller map[string]*rate.Limiter
}

func newLimits(each, all int) *limits {
	return &limits{each: each, all: perMinute(all), caller: map[string]*rate.Limiter{}}
}

func perMinute(n int) *rate.Limiter { return rate.NewLimiter(rate.Limit(float64(n)/60), n) }

// admit takes one from the caller's share, then one from everybody's: who has used up their own takes nothing from others.
func (l *limits) admit(caller string, now time.Time) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	maps.DeleteFunc(l.caller, func(_ string, r *rate.Limiter) bool { return r.TokensAt(now) >= float64(l.each) })
	own := l.caller[caller]
	if own == nil {
		own = perMinute(l.each)
		l.caller[caller] = own
	}
	if !own.AllowN(now, 1) {
		return refuse(http.StatusTooManyRequests, entry.Limited, "you have made too many requests; wait a minute")
	}
	if !l.all.AllowN(now, 1) {
		return refuse(http.StatusTooManyRequests, entry.Limited, "there are too many requests, not only yours; wait a minute")
	}
	return nil
}
