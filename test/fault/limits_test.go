package fault

import (
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
)

// many are n events of a size, spread evenly over a time that ends now.
func many(n, size int, span time.Duration) []types.InputLogEvent {
	events := make([]types.InputLogEvent, n)
	message := strings.Repeat("x", size)
	now := time.Now()
	for i := range events {
		at := now
		if n > 1 {
			at = now.Add(-span + span*time.Duration(i)/time.Duration(n-1))
		}
		events[i] = types.InputLogEvent{Message: &message, Timestamp: aws.Int64(at.UnixMilli())}
	}
	return events
}

// TestLimits: what the API takes and what it doesn't, on both sides of each limit; and the batch is remembered as it was.
func TestLimits(t *testing.T) {
	backwards := many(2, 1, time.Second)
	slices.Reverse(backwards)
	onemore := many(1024, 998, 0)
	onemore = append(onemore, types.InputLogEvent{Message: aws.String("x"), Timestamp: onemore[0].Timestamp})
	day := 24 * time.Hour
	for _, c := range []struct {
		name   string
		events []types.InputLogEvent
		wrong  string
		bytes  int
		span   time.Duration
	}{
		{"one", many(1, 10, 0), "", 36, 0},
		{"10,000 events", many(10000, 1, time.Second), "", 270000, time.Second},
		{"10,001 events", many(10001, 1, time.Second), "less than or equal to 10000", 270027, time.Second},
		{"a batch's bytes", many(1024, 998, 0), "", 1 << 20, 0},
		{"a batch's bytes and one", onemore, "Upload too large: 1048603 bytes exceeds limit of 1048576", 1<<20 + 27, 0},
		{"an event's bytes", many(1, 1<<20-26, 0), "", 1 << 20, 0},
		{"an event's bytes and one", many(1, 1<<20-25, 0), "Log event too large", 1<<20 + 1, 0},
		{"bytes, not characters", []types.InputLogEvent{{Message: aws.String("山田"), Timestamp: aws.Int64(time.Now().UnixMilli())}}, "", 32, 0},
		{"a day", many(3, 1, day), "", 81, day},
		{"a day and a moment", many(3, 1, day+time.Millisecond), "cannot span more than 24 hours", 81, day + time.Millisecond},
		{"backwards", backwards, "must be in chronological order", 54, time.Second},
		{"of one millisecond", many(3, 1, 0), "", 81, 0},
		{"none", []types.InputLogEvent{}, "greater than or equal to 1", 0, 0},
		{"an empty one", many(1, 0, 0), "greater than or equal to 1", 26, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBench(t)
			_, err := b.putEvents(c.events, long)
			var invalid *types.InvalidParameterException
			switch {
			case c.wrong == "" && err != nil:
				t.Errorf("refused: %v", err)
			case c.wrong != "" && (!errors.As(err, &invalid) || !strings.Contains(invalid.ErrorMessage(), c.wrong)):
				t.Errorf("not refused as it should be: %v", err)
			}
			stored := len(c.events)
			if c.wrong != "" {
				stored = 0
			}
			if n := len(Events(t, b.moto.URL, b.group, b.stream)); n != stored {
				t.Errorf("%d events were stored, want %d", n, stored)
			}
			got := b.Batches()[0]
			// Timestamps are cut to milliseconds one by one.
			if got.Bytes != c.bytes || got.Events != len(c.events) || (got.Span-c.span).Abs() > time.Millisecond || (got.Wrong == "") != (c.wrong == "") ||
				got.Stored != stored || got.Chronological != (c.name != "backwards") {
				t.Errorf("remembered as %+v", got)
			}
			said := &recorder{TB: t}
			if b.CheckLimits(said); (said.errors > 0) != (c.wrong != "") {
				t.Errorf("CheckLimits reported %d", said.errors)
			}
		})
	}
}

// TestRejected: the answer names what was dropped, and nothing else was stored.
func TestRejected(t *testing.T) {
	index := func(p *int32) int {
		if p == nil {
			return -1
		}
		return int(*p)
	}
	for _, c := range []struct {
		name                 string
		fault                Fault
		shift                []time.Duration // of the five events; none: now
		tooOld, expired, new int
		stored               string
	}{
		{"too new", TooNew(3), nil, -1, -1, 3, "a b c"},
		{"all too new", TooNew(0), nil, -1, -1, 0, ""},
		{"too old", TooOld(2), nil, 2, -1, -1, "c d e"},
		{"all too old", TooOld(5), nil, 5, -1, -1, ""},
		{"beyond the batch", TooOld(9), nil, 5, -1, -1, ""},
		{"expired", Expired(1), nil, -1, 1, -1, "b c d e"},
		{"no index", Expired(0), nil, -1, -1, -1, "a b c d e"},
		{"by the clock", None(), []time.Duration{-15 * 24 * time.Hour, -15 * 24 * time.Hour, 0, 0, 3 * time.Hour}, 2, -1, 4, "c d"},
		{"by the clock and more", Expired(3), []time.Duration{-15 * 24 * time.Hour, 0, 0, 0, 3 * time.Hour}, 1, 3, 4, "d"},
		{"within the clock's limits", None(), []time.Duration{time.Hour, time.Hour, time.Hour, time.Hour, 119 * time.Minute}, -1, -1, -1, "a b c d e"},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBench(t)
			b.Set(Always(c.fault))
			events := many(5, 1, 0)
			for i := range events {
				events[i].Message = aws.String(string(rune('a' + i)))
				if c.shift != nil {
					events[i].Timestamp = aws.Int64(time.Now().Add(c.shift[i]).UnixMilli())
				}
			}
			out, err := b.putEvents(events, long)
			if err != nil {
				t.Fatal(err)
			}
			r := out.RejectedLogEventsInfo
			if r == nil {
				r = &types.RejectedLogEventsInfo{}
			}
			if o, x, n := index(r.TooOldLogEventEndIndex), index(r.ExpiredLogEventEndIndex), index(r.TooNewLogEventStartIndex); o != c.tooOld || x != c.expired ||
				n != c.new {
				t.Errorf("answered: too old %d, expired %d, too new %d", o, x, n)
			}
			if got := b.stored(t); got != c.stored {
				t.Errorf("stored: %q, want %q", got, c.stored)
			}
			if got := b.Batches()[0].Stored; got != len(strings.Fields(c.stored)) {
				t.Errorf("remembered as %d stored", got)
			}
		})
	}
}

// TestMix: a client that sends each event until it is told that it is stored gets through, whatever the seed; and every kind happens.
func TestMix(t *testing.T) {
	b := newBench(t)
	b.Set(Mix(rand.Uint64(), 0.8, time.Millisecond, Passing()...))
	const n = 60
	sends := 0
	for i := range n {
		event := []types.InputLogEvent{{Message: aws.String(string(rune('a' + i))), Timestamp: aws.Int64(time.Now().UnixMilli())}}
		for row := 0; ; row++ {
			if row > inARow {
				t.Fatalf("not let through after %d", row)
			}
			sends++
			if _, err := b.putEvents(event, long); err == nil {
				break
			}
		}
	}
	got := Events(t, b.moto.URL, b.group, b.stream)
	if set := slices.Compact(slices.Clone(got)); len(set) != n || len(got) == n {
		t.Errorf("%d events were stored, of them %d different; it was %d, and some of them twice", len(got), len(set), n)
	}
	if b.Requests("PutLogEvents") != sends {
		t.Errorf("%d requests were sent, %d seen", sends, b.Requests("PutLogEvents"))
	}
	b.CheckLimits(t)

	// The plan alone: all kinds come, one seed is one sequence, and no row is longer than it may be.
	first, second := Mix(7, 0.9, time.Second), Mix(7, 0.9, time.Second)
	kinds := map[Kind]int{}
	row := 0
	for range 5000 {
		r := Request{Action: "PutLogEvents", Stream: "s", Events: 5}
		f := first(r)
		if again := second(r); again != f {
			t.Fatalf("one seed, two plans: %v and %v", f, again)
		}
		kinds[f.Kind]++
		if row++; f.Kind == KindNone {
			row = 0
		}
		if row > inARow {
			t.Fatal("a row is too long")
		}
	}
	for _, k := range append(Passing(), append(Losing(), KindNone)...) {
		if kinds[k] == 0 {
			t.Errorf("%s never came", k)
		}
	}
}

// TestRejectProperty: what is kept and what is answered agree with the API's definitions, taken event by event.
func TestRejectProperty(t *testing.T) {
	now := time.Now()
	for range 20000 {
		var p put
		at := now.Add(-maxAge - time.Hour).UnixMilli()
		for range rand.IntN(8) {
			at += rand.Int64N(6 * 24 * time.Hour.Milliseconds())
			p.LogEvents = append(p.LogEvents, event{Timestamp: at, Message: "x"})
		}
		f := Fault{Kind: []Kind{KindNone, KindTooNew, KindTooOld, KindExpired}[rand.IntN(4)], Index: rand.IntN(11) - 1}
		from, to, r := p.reject(f, now)
		if r == nil {
			r = &rejection{}
		}
		for i, e := range p.LogEvents {
			dropped := e.Timestamp < now.Add(-maxAge).UnixMilli() || e.Timestamp > now.Add(maxAhead).UnixMilli() ||
				f.Kind == KindTooNew && i >= f.Index || (f.Kind == KindTooOld || f.Kind == KindExpired) && i < f.Index
			answered := r.TooOld != nil && i < *r.TooOld || r.Expired != nil && i < *r.Expired || r.TooNew != nil && i >= *r.TooNew
			if kept := i >= from && i < to; kept == dropped || answered != dropped {
				t.Fatalf("event %d of %+v with %+v: kept %v, answered %v, want dropped %v", i, p.LogEvents, f, kept, answered, dropped)
			}
		}
	}
}
