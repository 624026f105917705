package recorded

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"

	"opsh/shell/line"
	"opsh/shell/recording"
	"opsh/shell/transcript"
)

// Behind the record that ends a session opsh shows its last lines, and nothing vouches for them: they name that record's hash. So there may be what opsh writes
// there and no byte more, or a command that never ran could be shown there.

const (
	// afterMost bounds what may follow the end's place.
	afterMost = 64 << 10
	// nearlyFull is how near its bound a recording is that may have no room for the last lines.
	nearlyFull = 2 << 20
	// quiteFull is how near it is when not even its exit status has room.
	quiteFull = 1 << 10
)

// after says why what follows the place of the end can't be; "": it can.
func (t *Trail) after(rest []byte) string {
	switch {
	case transcript.Unseen(*t.end) && len(rest) > 0:
		return "who closed the trail found nothing there"
	case transcript.Unseen(*t.end):
		return ""
	case t.end.Status == nil:
		return "the trail's end has no status"
	case len(rest) > afterMost:
		return "they are too long"
	}
	room := recording.Most - t.end.Recorded.Bytes
	full := t.end.Recorded.Cut > 0
	filled := false // by the last lines
	if before, behind, ok := bytes.Cut(rest, []byte(recording.CutComment)); ok && !full && room < nearlyFull {
		rest, filled = append(bytes.Clone(before), behind...), true
	}
	events, why := lastEvents(rest)
	if why != "" {
		return why
	}
	next := func(code recording.Code) (data string, ok bool) {
		if len(events) == 0 || events[0].Code != code {
			return "", false
		}
		data, events = events[0].Data, events[1:]
		return data, true
	}
	next(recording.Resize)
	switch text, ok := next(recording.Output); {
	case ok && (full || filled):
		return "there was no room for them"
	case ok:
		if why := t.lastLines(text); why != "" {
			return why
		}
	case filled:
		if label, _ := next(recording.Marker); label != recording.CutLabel {
			return "nothing marks that they were cut"
		}
	case len(events) > 0 && events[0].Code != recording.Exit:
		return fmt.Sprintf("an event of the kind %q", byte(events[0].Code))
	case !full:
		return "the end's line isn't there: it was cut off, or opsh was killed in its last moment"
	}
	switch status, ok := next(recording.Exit); {
	case !ok && room >= quiteFull:
		return "the exit status isn't behind the end's line"
	case ok && status != strconv.Itoa(*t.end.Status):
		return "its exit status is " + line.QuoteWord(status) + ", and the trail's is " + strconv.Itoa(*t.end.Status)
	case len(events) > 0:
		return "something follows the end: " + line.QuoteWord(events[0].Data)
	}
	return ""
}

// lastEvents are the events of the end, each written as opsh does it, and nothing between them.
func lastEvents(rest []byte) (all []recording.Event, why string) {
	// A reader wants a header: any will do.
	header := []byte(`{"version":3,"term":{"cols":80,"rows":24}}` + "\n")
	events, err := recording.NewReader(io.MultiReader(bytes.NewReader(header), bytes.NewReader(rest)))
	if err != nil {
		return nil, err.Error()
	}
	var last time.Duration
	for {
		e, err := events.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, strings.TrimPrefix(err.Error(), "cannot read the recording: ")
		}
		cols, rows, sized := e.Size()
		if e.Code == recording.Resize && (!sized || e.Data != fmt.Sprintf("%dx%d", cols, rows)) {
			return nil, "a size that is none: " + line.QuoteWord(e.Data)
		}
		written := e.Line(e.At - last)
		if !bytes.HasPrefix(rest, written) {
			return nil, "a line that is none of a recorder's: " + head(rest)
		}
		all, last, rest = append(all, e), e.At, rest[len(written):]
	}
	if len(rest) > 0 {
		return nil, "a line that is no event: " + head(rest)
	}
	return all, ""
}

// head is the beginning of what is wrong.
func head(b []byte) string {
	const most = 80
	return line.QuoteWord(strings.ToValidUTF8(string(b[:min(len(b), most)]), "\uFFFD"))
}

var mac = regexp.MustCompile(`\A mac=[0-9a-f]{64}\z`)

// lastLines says why text isn't what a session shows last: why it ended, that its last records are not off the machine and what to do about it, and the end's
// line. How the lines are folded depends on the locale, so what they say is looked at.
func (t *Trail) lastLines(text string) string {
	text, ok := strings.CutSuffix(text, "\r\n")
	if !ok {
		return "a line without its end"
	}
	lines := strings.Split(text, "\r\n")
	var said []string
	for _, l := range lines[:len(lines)-1] {
		switch more, continues := strings.CutPrefix(l, "  "); {
		case controls(l):
			return "a control character in " + line.QuoteWord(l)
		case strings.HasPrefix(l, transcript.OpshSpeaks):
			said = append(said, l)
		case continues && len(said) > 0 && !strings.HasPrefix(more, " "):
			said[len(said)-1] += " " + more
		default:
			return "a line that is none of opsh's: " + line.QuoteWord(l)
		}
	}
	if t.end.Why != "" {
		if len(said) == 0 || said[0] != words(transcript.Error+t.end.Why) {
			return "they don't say why it ended"
		}
		said = said[1:]
	}
	if len(said) > 0 && (said[0] == transcript.Behind || strings.HasPrefix(said[0], transcript.Behind+": ") && said[0] == words(said[0])) {
		said = said[1:]
		if len(said) > 0 && strings.HasPrefix(said[0], transcript.Hint) && said[0] == words(said[0]) {
			said = said[1:]
		}
	}
	if len(said) > 0 {
		return "a line that is none of opsh's: " + line.QuoteWord(said[0])
	}
	last := lines[len(lines)-1]
	if rest, ok := strings.CutPrefix(last, transcript.End(*t.end, "")); !ok || rest != "" && !mac.MatchString(rest) {
		return "its last line isn't the end's: " + line.QuoteWord(last)
	}
	return ""
}

// controls says whether a terminal would do anything with l but show it.
func controls(l string) bool { return strings.ContainsFunc(l, unicode.IsControl) || line.Plain(l) != l }

// words is a text with one blank between its words, as folding leaves it.
func words(text string) string { return strings.Join(strings.Fields(text), " ") }
