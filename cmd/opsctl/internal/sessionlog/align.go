// Package sessionlog holds a session's log, as ECS Exec keeps it, against the session's trail: every record has exactly one line
// in the log, in the trail's order, and nothing else in the log may be taken for one.
//
// A log is what a terminal was sent. A tool can send a terminal whatever it likes, so a line of opsh's is believed only when it stands
// there byte for byte as transcript.Line renders the record, from the start of a line to its end. It can't be forged in advance:
// it shows part of a hash that covers the session's key. All else is searched for what a person would read as such a line,
// in disguise.go as text and in screen.go as a screen.
//
// What the ways of a log do to lines is tolerated: script(1) doubles carriage returns and adds a header and a footer, the agent turns
// U+FFFD into a byte and cuts an incomplete character off the end.
package sessionlog

import (
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"opsh/shell/audit"
	"opsh/shell/line"
	"opsh/shell/transcript"
)

// Kind is what is wrong with a line.
type Kind string

// The kinds of findings.
const (
	Forged     Kind = "forged"       // it reads like a record's line, and no record has it
	Altered    Kind = "altered"      // it shows the hash of a record whose line is another
	Repeated   Kind = "repeated"     // the line of a record, once more
	OutOfOrder Kind = "out of order" // the line of a record, behind that of a later one
	Missing    Kind = "missing"      // a record that has no line
	DrawnOver  Kind = "drawn over"   // the log has the record's line; on a screen something was written into it later. A note
)

// widths are those of the terminals that are imitated, since the session's isn't known: the usual one, and one in which few lines break. A line
// editor moves up in what it wrote, and in a terminal of another width than it thinks it gets into the line above. So what was made
// of a genuine line counts where both show it, and is a note where one does.
var widths = []int{80, 400}

// Finding is one such line.
type Finding struct {
	Kind Kind   `json:"kind"`
	Line int    `json:"line"` // of the log, from 1; 0 for what is missing
	Seq  int    `json:"seq"`  // the record's number; -1 where there is none
	How  string `json:"how,omitempty"`
	Text string `json:"text"` // the line as it reads, quoted where it must be
}

func (f Finding) String() string {
	var b strings.Builder
	if f.Line > 0 {
		fmt.Fprintf(&b, "line %d: ", f.Line)
	}
	b.WriteString(string(f.Kind))
	if f.Seq >= 0 {
		fmt.Fprintf(&b, " (record %d)", f.Seq)
	}
	if f.How != "" {
		b.WriteString(", " + f.How)
	}
	return b.String() + ": " + f.Text
}

// Result is what became of the comparison.
type Result struct {
	Lines    int       `json:"lines"`    // of the log
	Records  int       `json:"records"`  // that must have a line
	Found    int       `json:"found"`    // of them, in their place
	Findings []Finding `json:"findings"` // the first of them
	More     int       `json:"more"`     // how many more there are
	Notes    []Finding `json:"notes"`    // what an auditor should know, and an honest session may leave; the first of them
	Blind    int       `json:"blind"`    // from this line on only text was searched, since no terminal could be imitated; 0: nowhere
}

// Agrees says that every record has its line and nothing else passes for one. A log that could not be searched to its end doesn't agree.
func (r Result) Agrees() bool { return len(r.Findings) == 0 && r.Blind == 0 }

// kept bounds the findings that are listed, and shown the characters of each.
const (
	kept  = 1000
	shown = 300
)

// Records are the lines that a log must hold.
type Records struct {
	lines  []string // canonical
	seqs   []int
	at     map[string]int   // a line's index
	short  map[string]int   // by the hash that a line shows
	starts map[string][]int // by their first startBytes
}

// startBytes is as much of a line as tells it from others: up to its time.
const startBytes = len("opsh: #1 2026-11-23T18:0")

// start is the beginning of a line by which it is found.
func start(text string) string { return text[:min(len(text), startBytes)] }

// Add takes the trail's next record.
func (r *Records) Add(rec audit.Record) {
	text := transcript.Line(rec)
	if text == "" {
		return
	}
	if r.at == nil {
		r.at, r.short, r.starts = map[string]int{}, map[string]int{}, map[string][]int{}
	}
	text = canonical(text)
	n := len(r.lines)
	r.at[text], r.short[rec.Short()] = n, n
	r.starts[start(text)] = append(r.starts[start(text)], n)
	r.lines, r.seqs = append(r.lines, text), append(r.seqs, rec.Seq)
}

// canonical is a line as it can be compared: the agent doesn't keep U+FFFD.
func canonical(text string) string {
	if strings.ContainsRune(text, utf8.RuneError) || !utf8.ValidString(text) {
		return lost.ReplaceAllString(strings.ToValidUTF8(text, "\uFFFD"), "\uFFFD")
	}
	return text
}

var (
	lost = regexp.MustCompile("\uFFFD+")
	// mac is what the end line shows beside the record where the session's starter gave a nonce; only who has the nonce can check it.
	mac = regexp.MustCompile(` mac=[0-9a-f]{64}$`)
)

// aligner is a comparison under way.
type aligner struct {
	want    *Records
	result  Result
	seen    []bool
	next    int
	screens []*screen
}

// Align reads a log. An error is the reader's: then there is no result.
func Align(log io.Reader, want *Records) (Result, error) {
	a := &aligner{want: want, seen: make([]bool, len(want.lines))}
	a.result.Records, a.result.Findings, a.result.Notes = len(want.lines), []Finding{}, []Finding{}
	for _, w := range widths {
		s := newScreen(want, w)
		defer s.close()
		a.screens = append(a.screens, s)
	}
	if err := eachLine(log, a.line); err != nil {
		return Result{}, fmt.Errorf("cannot read the session log: %w", err)
	}
	for i, seen := range a.seen {
		if !seen {
			a.add(Finding{Missing, 0, want.seqs[i], "", want.lines[i]})
		}
	}
	return a.result, nil
}

// line takes the next line of the log, or a piece of one that is too long for any record's.
func (a *aligner) line(l logLine) {
	a.result.Lines = l.number
	i, genuine := a.want.index(canonical(l.text))
	if genuine = genuine && l.whole; genuine {
		a.record(l.number, i)
	}
	drawn := a.show(l, !genuine)
	if genuine {
		return
	}
	found := disguises(l.text)
	if len(found) == 0 {
		found = drawn // else the screen shows no more than the text does
	}
	for _, d := range found {
		a.forged(l.number, d)
	}
}

// show shows a line on the screens. It returns what the widest showed that reads like a record's line, or else the other.
func (a *aligner) show(l logLine, watch bool) (drawn []disguise) {
	times, last := map[int]int{}, map[int]overdrawn{}
	for _, s := range a.screens {
		found, over := s.show(l, watch)
		if len(found) > 0 {
			drawn = found
		}
		for i, o := range over {
			last[i] = o
			if o.whole {
				times[i]++
			}
		}
		if s.failed && a.result.Blind == 0 {
			a.result.Blind = l.number
		}
	}
	for _, i := range slices.Sorted(maps.Keys(last)) {
		f := Finding{Altered, l.number, a.want.seqs[i], "drawn on the screen", last[i].text}
		if times[i] == len(a.screens) {
			a.add(f)
		} else if f.Kind, f.How = DrawnOver, ""; len(a.result.Notes) < kept {
			a.result.Notes = append(a.result.Notes, f.plain())
		}
	}
	return drawn
}

// index finds the record whose line this is.
func (r *Records) index(text string) (int, bool) {
	if !strings.HasPrefix(text, "opsh: ") {
		return 0, false
	}
	i, ok := r.at[text]
	if !ok && strings.HasPrefix(text, "opsh: end ") {
		i, ok = r.at[mac.ReplaceAllString(text, "")]
	}
	return i, ok
}

// beginning is the index of the record whose line begins so, or -1.
func (r *Records) beginning(text string) int {
	for _, i := range r.starts[start(text)] {
		if strings.HasPrefix(r.lines[i], text) {
			return i
		}
	}
	return -1
}

// record takes the line of a record.
func (a *aligner) record(number, i int) {
	switch {
	case a.seen[i]:
		a.add(Finding{Repeated, number, a.want.seqs[i], "", a.want.lines[i]})
	case i < a.next:
		a.seen[i] = true
		a.add(Finding{OutOfOrder, number, a.want.seqs[i], "", a.want.lines[i]})
	default:
		a.seen[i], a.next = true, i+1
		a.result.Found++
	}
}

// forged takes what reads like a record's line and is none.
func (a *aligner) forged(number int, d disguise) {
	f := Finding{Forged, number, -1, d.how, d.text}
	if i, ok := a.want.index(canonical(d.text)); ok {
		f.Kind, f.Seq = Repeated, a.want.seqs[i]
	} else if m := strings.LastIndexByte(d.text, '['); m >= 0 && len(d.text) >= m+9 {
		if i, ok := a.want.short[d.text[m+1:m+9]]; ok {
			f.Kind, f.Seq = Altered, a.want.seqs[i]
		}
	}
	a.add(f)
}

func (a *aligner) add(f Finding) {
	if len(a.result.Findings) == kept {
		a.result.More++
		return
	}
	a.result.Findings = append(a.result.Findings, f.plain())
}

// plain is f as it can be printed.
func (f Finding) plain() Finding {
	if len(f.Text) > shown {
		f.Text = strings.ToValidUTF8(f.Text[:shown], "") + "..."
	}
	f.Text = line.Plain(f.Text)
	return f
}
