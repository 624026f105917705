package audit

import (
	"crypto/sha256"
	"slices"
	"strings"
	"time"
)

// Options say what a verifier may expect.
type Options struct {
	// Repeats tolerates what a shipper that delivers at least once, to a store that sorts by time, makes of a trail: records that come again byte
	// for byte are dropped and counted, and records out of order are put in order by their number, within a window. A file has neither.
	Repeats bool
	// Policy is the SHA-256, in hex, of the policy file that the session must have run under; empty: any.
	Policy string
	// Each gets every readable record, in order and once, also of a broken trail; nil: nobody does.
	Each func(Record)
}

// Verifier checks a trail record by record, in bounded memory.
type Verifier struct {
	options Options
	verdict Verdict
	line    int // the current one

	next   int    // the number that the next record must have
	prev   string // and its prev; empty: unknown, behind a gap
	unread int    // lines since the last record that could not be read
	last   time.Time
	ended  bool
	key    string
	shown  Recorded   // the last one
	recent []sighting // by number modulo window
	ahead  map[int]early
	held   int // bytes of the lines in ahead
}

// sighting is what is remembered of a record, to tell a repeat from a fork.
type sighting struct {
	seq        int
	line, hash [sha256.Size]byte
	taken      bool
}

// early is a record that came before one with a lower number.
type early struct {
	record Record
	line   int
	sum    [sha256.Size]byte
	size   int
}

// The bounds of memory: how many records are remembered for comparison, and how many, of how many bytes in all, may wait for one that
// comes late. CloudWatch takes 10,000 events in one batch.
const (
	window     = 1 << 17
	aheadMost  = 10_000
	aheadBytes = 16 << 20
)

// NewVerifier starts with an empty trail.
func NewVerifier(o Options) *Verifier {
	return &Verifier{options: o, prev: zeros, ahead: map[int]early{}, verdict: Verdict{State: Open, Problems: []Problem{}, Notes: []Problem{}}}
}

// Line takes the next line, without its LF. The bytes may be used again afterwards.
func (v *Verifier) Line(text []byte) {
	v.line++
	r, err := Parse(text)
	if err != nil {
		v.unreadable(strings.TrimPrefix(strings.TrimPrefix(err.Error(), "cannot read a record: "), "cannot trust a record: "))
		return
	}
	v.place(early{r, v.line, sha256.Sum256(text), len(text)})
}

// TooLong takes a line that nobody should hold in memory.
func (v *Verifier) TooLong() {
	v.line++
	v.unreadable("it is longer than any record of opsh's")
}

// Unfinished takes what follows the last LF.
func (v *Verifier) Unfinished(n int) {
	if n == 0 {
		return
	}
	v.verdict.Unfinished = n
	if v.ended {
		v.wrong(v.line+1, -1, "%d bytes follow the end of the session", n)
		return
	}
	v.note(v.line+1, -1, "the last line, of %d bytes, doesn't end in a line feed: a record that was never written whole, or that was cut", n)
}

func (v *Verifier) unreadable(why string) {
	v.unread++
	v.wrong(v.line, -1, "a line that is no record: %s", why)
}

// place finds a record's place in the order.
func (v *Verifier) place(e early) {
	r := e.record
	switch {
	case r.Seq < 0 || r.Seq > 1<<30:
		v.wrong(e.line, r.Seq, "its number is none that a session reaches")
	case r.Seq < v.next:
		v.again(e)
	case r.Seq == v.next || !v.options.Repeats:
		v.take(e)
		for v.flush(v.next) {
		}
	default:
		if was, ok := v.ahead[r.Seq]; ok {
			v.compare(e, was.sum)
			return
		}
		v.ahead[r.Seq] = e
		v.held += e.size
		for len(v.ahead) > aheadMost || v.held > aheadBytes {
			v.flush(v.lowest())
		}
	}
}

// flush takes a record that has waited.
func (v *Verifier) flush(seq int) bool {
	e, ok := v.ahead[seq]
	if ok {
		delete(v.ahead, seq)
		v.held -= e.size
		v.take(e)
	}
	return ok
}

func (v *Verifier) lowest() int {
	first := true
	low := 0
	for seq := range v.ahead {
		if first || seq < low {
			first, low = false, seq
		}
	}
	return low
}

// again judges a record whose number was passed.
func (v *Verifier) again(e early) {
	was, ok := v.sighting(e.record.Seq)
	switch {
	case ok:
		v.compare(e, was.line)
	case v.options.Repeats && e.record.Seq < v.next-window:
		v.wrong(e.line, e.record.Seq, "it comes again too late to be compared with the first")
	default:
		v.wrong(e.line, e.record.Seq, "it is out of order: record %d was there before", v.next-1)
	}
}

// compare judges a second record with the same number.
func (v *Verifier) compare(e early, was [sha256.Size]byte) {
	switch {
	case e.sum != was:
		v.wrong(e.line, e.record.Seq, "a fork: there are two different records %d", e.record.Seq)
	case v.options.Repeats:
		v.verdict.Repeated++
	default:
		v.wrong(e.line, e.record.Seq, "a repeat of record %d", e.record.Seq)
	}
}

func (v *Verifier) sighting(seq int) (sighting, bool) {
	i := seq % window
	if i >= len(v.recent) || !v.recent[i].taken || v.recent[i].seq != seq {
		return sighting{}, false
	}
	return v.recent[i], true
}

func (v *Verifier) remember(e early) {
	i := e.record.Seq % window
	if i >= len(v.recent) {
		v.recent = append(v.recent, make([]sighting, i+1-len(v.recent))...)
	}
	v.recent[i] = sighting{e.record.Seq, e.sum, sha256.Sum256([]byte(e.record.Hash)), true}
}

// take checks the record that comes next.
func (v *Verifier) take(e early) {
	r := e.record
	v.chain(e)
	switch {
	case v.ended:
		v.wrong(e.line, r.Seq, "it follows the end of the session")
	case (v.verdict.Records == 0) != (r.Event == Begin):
		v.misplacedBegin(e)
	}
	if v.verdict.Records == 0 {
		v.opens(e)
	}
	if r.Session != v.verdict.Session {
		v.wrong(e.line, r.Seq, "it belongs to another session")
	}
	v.signature(e)
	v.time(e)
	v.content(e)
	v.verdict.Records++
	v.verdict.Hash, v.verdict.To = r.Hash, r.Time
	v.next, v.prev, v.unread = r.Seq+1, r.Hash, 0
	v.remember(e)
	if v.options.Each != nil {
		v.options.Each(r)
	}
}

func (v *Verifier) misplacedBegin(e early) {
	if e.record.Event == Begin {
		v.wrong(e.line, e.record.Seq, "a second begin")
		return
	}
	v.wrong(e.line, e.record.Seq, "the trail doesn't start with a begin record, so nothing says which key its records are signed by")
}

// chain checks number and prev.
func (v *Verifier) chain(e early) {
	r := e.record
	missing := r.Seq - v.next
	switch {
	case missing > v.unread && missing == 1:
		v.wrong(e.line, r.Seq, "record %d is missing before it", v.next)
	case missing > v.unread:
		v.wrong(e.line, r.Seq, "records %d to %d are missing before it", v.next, r.Seq-1)
	case missing == 0 && r.Prev != v.prev:
		if from, ok := v.forks(r); ok {
			v.wrong(e.line, r.Seq, "a fork: it says that it follows record %d, as another record does", from)
			return
		}
		v.wrong(e.line, r.Seq, "the chain is broken: it doesn't follow the record before it")
	}
}

// forks finds the earlier record that r says it follows.
func (v *Verifier) forks(r Record) (int, bool) {
	if r.Prev == zeros || len(v.verdict.Problems) == kept { // it is a search, and nobody would read what it finds
		return 0, false
	}
	hash := sha256.Sum256([]byte(r.Prev))
	i := slices.IndexFunc(v.recent, func(s sighting) bool { return s.taken && s.hash == hash })
	if i < 0 {
		return 0, false
	}
	return v.recent[i].seq, true
}

// opens takes what the first record says of the session.
func (v *Verifier) opens(e early) {
	r := e.record
	v.verdict.Session, v.verdict.From = r.Session, r.Time
	if !isSessionID(r.Session) {
		v.wrong(e.line, r.Seq, "its session id is none that opsh gives")
	}
	if r.Event != Begin {
		return
	}
	v.key = r.Key
	v.verdict.Recording = r.Recording
	v.verdict.Task, v.verdict.Reason, v.verdict.Policy, v.verdict.Key = r.Task, r.Reason, r.Policy, r.Key
	if v.options.Policy != "" && v.options.Policy != r.Policy {
		v.wrong(e.line, r.Seq, "the session ran under another policy than the one given: its SHA-256 is %.64q", r.Policy)
	}
}

// signature checks who signed.
func (v *Verifier) signature(e early) {
	r := e.record
	key := v.key
	switch {
	case r.Event == End && r.Closer != "":
		key = r.Key
		if !isSessionID(r.Closer) || r.Closer == r.Session {
			v.wrong(e.line, r.Seq, "it was closed by another session, whose id is none that opsh gives")
		}
	case r.Closer != "" || r.Key != "" && r.Event != Begin:
		v.wrong(e.line, r.Seq, "it holds a key, which only a begin may, or an end that another session wrote")
	}
	if key != "" && !r.Signed(key) || key == "" && r.Event == Begin {
		v.wrong(e.line, r.Seq, "its signature was not made by the session's key")
	}
}

func (v *Verifier) time(e early) {
	r := e.record
	now := r.When()
	switch {
	case now.IsZero() || now.Format(TimeFormat) != r.Time:
		v.wrong(e.line, r.Seq, "its time can't be read")
		return
	case now.Before(v.last):
		v.wrong(e.line, r.Seq, "its time is before that of the record before it")
		return
	}
	if r.Clock != "" {
		v.note(e.line, r.Seq, "the machine's clock went backwards: it said %.40q", r.Clock)
	}
	v.last = now
}

var events = []Event{Begin, Runbook, Run, Running, Exec, Denied, Exit, Refused, End, Killed, Guard}

// content counts, and refuses what no opsh writes.
func (v *Verifier) content(e early) {
	r := e.record
	switch {
	case !slices.Contains(events, r.Event):
		v.wrong(e.line, r.Seq, "its event is none of opsh's")
	case (r.Event == Exit || r.Event == Refused || r.Event == End) && r.Status == nil:
		v.wrong(e.line, r.Seq, "it has no status")
	}
	if r.Missing > 0 || r.Trouble != "" {
		v.verdict.Unwritten += max(r.Missing, 0)
		v.note(e.line, r.Seq, "opsh says that it could not write %d records before this one: %.200q", r.Missing, r.Trouble)
	}
	v.recorded(e)
	switch r.Event {
	case Run:
		v.verdict.Runs++
	case Refused:
		v.verdict.Refusals++
	case Killed:
		v.verdict.Kills++
	case End:
		v.ended = true
		v.verdict.Status, v.verdict.Category, v.verdict.Closer = r.Status, r.Category, r.Closer
	}
}

// recorded checks what the record says of the recording: that only ever grows, and whoever cut the trail's word on it would hide what was shown.
func (v *Verifier) recorded(e early) {
	r, now := e.record, e.record.Recorded
	recorded := v.verdict.Recording != "" && v.verdict.Recording != RecordingOff
	switch {
	case now == nil:
		if (r.Event == Exit || r.Event == Refused) && recorded {
			v.wrong(e.line, r.Seq, "it doesn't say what the recording held")
		}
	case !recorded:
		v.wrong(e.line, r.Seq, "it tells of a recording, and the session had none")
	case now.Bytes < v.shown.Bytes:
		v.wrong(e.line, r.Seq, "it says that the recording had become shorter")
	default:
		v.shown = *now
	}
}

// Finish says what the trail is. The Verifier is not to be used afterwards.
func (v *Verifier) Finish() Verdict {
	for len(v.ahead) > 0 {
		v.flush(v.lowest())
	}
	d := &v.verdict
	switch {
	case v.line == 0 && d.Unfinished == 0:
		v.wrong(0, -1, "it is empty: no record at all")
	case d.Records == 0 && len(d.Problems) == 0:
		v.wrong(0, -1, "it holds no whole record")
	}
	if d.State != Broken && v.ended && d.Closer == "" {
		d.State = Whole
	}
	return *d
}
