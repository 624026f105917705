package launch

import "time"

// What a piece of output ends with may be the beginning of a secret, and is held back until more has come. A prompt must show all the same.
const (
	// holdTurn, holdTurns times, is how long nothing more may come until what is held back is shown. The parts of a secret that come further
	// apart are shown; a person doesn't notice that a typed letter is echoed so much later. It is several times, and not one, because a
	// container that used up its share of the processor stands still as a whole: the time is over then when the tool hadn't any.
	holdTurn  = 10 * time.Millisecond
	holdTurns = 2
	// holdMost is how long something is held back at most while more and more comes, and none of it can be written.
	holdMost = 200 * time.Millisecond
)

// hold notes until when what the redaction holds back now waits, for who has the turn. wrote says that some of what it held was written.
func (o *output) hold(wrote bool) {
	if o.redact.Held() == 0 {
		o.since, o.due = time.Time{}, time.Time{}
		return
	}
	now := time.Now()
	if wrote || o.since.IsZero() {
		o.since = now
	}
	o.turns, o.due = holdTurns, now.Add(holdTurn)
}

// release writes what is held back, for who has the turn.
func (o *output) release() {
	if o.redact != nil && o.redact.Held() > 0 {
		o.put(o.redact.Flush())
		o.hold(true)
	}
}

// held writes what has been held back long enough, and is when to look again; the zero Time where nothing is held.
func (o *output) held() time.Time {
	if o.redact == nil {
		return time.Time{}
	}
	o.turn.Lock()
	defer o.turn.Unlock()
	now := time.Now()
	if o.due.IsZero() || now.Before(o.due) && now.Sub(o.since) < holdMost {
		return o.due
	}
	if o.turns--; o.turns > 0 && now.Sub(o.since) < holdMost {
		o.due = now.Add(holdTurn)
	} else {
		o.release()
	}
	return o.due
}

// sooner is the earlier of two times; the zero Time is none.
func sooner(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}
