package session

import (
	"bytes"
	"crypto/hmac"
	"io"
	"regexp"
	"strconv"
	"strings"
	"sync"

	"opsh/shell/audit"
	"opsh/shell/line"
	"opsh/shell/transcript"
)

// splitter takes a session's output apart: what the tools printed, as they printed it, and what opsh says.
//
// A tool prints on a terminal that writes each of its line feeds as CR LF and changes nothing else, and opsh's own marks stand around it
// (transcript.ToolBegins). So one CR is taken away before each line feed, and the tool's bytes are back: a CR LF of the tool's came as CR CR
// LF, a lone CR as that, and a missing line feed at the end is missing. What can't be undone: a tool that changes its terminal's modes
// has its output changed by it, and the agent is said to spoil a literal U+FFFD and an incomplete character at the very end.
type splitter struct {
	tool  io.Writer // the tools' bytes
	opsh  io.Writer // opsh's lines, each ended by one line feed, as text that a terminal only prints
	reset io.Writer // what brings a terminal back from what a tool did to it; nil: nobody looks at one
	nonce string

	inTool bool
	held   []byte // not understood before more comes
	out    []byte
	tail   []byte // the end of all that a tool printed

	begun bool    // opsh's first line came
	end   *ending // opsh's last line came, and its mac is right
	after bool    // something came behind it
	fake  bool    // the last line looks like it, and its mac is wrong
}

// ending is what opsh's last line says.
type ending struct {
	status   int
	category audit.Category
}

// longest bounds a line of opsh's. The record of the longest command line makes one of some 200 kB.
const longest = 1 << 20

// Write takes the next piece of a session's output, cut anywhere. An error is the tool writer's.
func (s *splitter) Write(b []byte) (int, error) {
	buf := append(s.held, b...)
	for more := true; more; {
		if s.inTool {
			buf, more = s.toolBytes(buf)
		} else {
			buf, more = s.opshLine(buf)
		}
	}
	s.held = append([]byte(nil), buf...)
	return len(b), s.flush()
}

// Close takes what is still held for what it is.
func (s *splitter) Close() error {
	switch {
	case s.inTool:
		s.emit(s.held)
	case len(s.held) > 0:
		s.line(s.held)
	}
	s.held = nil
	last := s.tail
	if i := bytes.LastIndexByte(bytes.TrimRight(last, "\r\n"), '\n'); i >= 0 {
		last = last[i+1:]
	}
	s.fake = s.fake || s.inTool && bytes.HasPrefix(last, []byte(endBegins))
	return s.flush()
}

// toolBytes takes a tool's bytes; more says that opsh speaks next, with what is left.
func (s *splitter) toolBytes(buf []byte) (rest []byte, more bool) {
	for len(buf) > 0 {
		i := bytes.IndexAny(buf, "\r\x18")
		if i < 0 {
			s.emit(buf)
			return nil, false
		}
		s.emit(buf[:i])
		buf = buf[i:]
		switch {
		case buf[0] == '\r' && len(buf) == 1:
			return buf, false
		case buf[0] == '\r':
			if buf[1] != '\n' {
				s.emit(buf[:1])
			}
			buf = buf[1:]
			if buf[0] == '\n' {
				s.emit(buf[:1])
				buf = buf[1:]
			}
		default:
			whole, part := speaks(buf)
			if whole {
				s.inTool = false
				return buf[len(transcript.ToolEnds):], true
			}
			if part {
				return buf, false
			}
			s.emit(buf[:1])
			buf = buf[1:]
		}
	}
	return nil, false
}

// speaks says whether opsh begins to speak here, or may yet turn out to.
func speaks(buf []byte) (whole, part bool) {
	for _, how := range []string{transcript.OpshSpeaks, transcript.ResetBegins} {
		mark := transcript.ToolEnds + how
		whole = whole || bytes.HasPrefix(buf, []byte(mark))
		part = part || strings.HasPrefix(mark, string(buf[:min(len(buf), len(mark))]))
	}
	return whole, part
}

// opshLine takes one line of opsh's; more says that there may be another, or that a tool prints next.
func (s *splitter) opshLine(buf []byte) (rest []byte, more bool) {
	if mark := transcript.ToolBegins; bytes.HasPrefix(buf, []byte(mark)) {
		if len(buf) == len(mark) {
			return buf, false // ToolEnds begins likewise
		}
		if buf[len(mark)] != '\n' {
			s.inTool = true
			return buf[len(mark):], true
		}
	}
	i := bytes.IndexByte(buf, '\n')
	if i < 0 && len(buf) < longest {
		return buf, false
	}
	if i < 0 {
		i = len(buf) - 1
	}
	s.line(buf[:i+1])
	return buf[i+1:], true
}

// line takes a line that no tool printed, with its end.
func (s *splitter) line(raw []byte) {
	text := string(bytes.TrimRight(raw, "\r\n"))
	if strings.HasPrefix(text, transcript.ResetBegins) {
		if s.reset != nil {
			s.reset.Write(raw) //nolint:errcheck // a terminal that is gone needs no reset
		}
		return
	}
	if strings.Trim(text, "\x18\r") == "" {
		return
	}
	s.after = s.after || s.end != nil
	s.fake = false
	switch {
	case strings.HasPrefix(text, "opsh: begin "):
		s.begun = true
	case strings.HasPrefix(text, endBegins):
		s.ends(text)
	}
	io.WriteString(s.opsh, line.Plain(text)+"\n") //nolint:errcheck // what opsh says is in its trail
}

const endBegins = "opsh: end "

var endLine = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`\Aopsh: end ([0-9]{1,3}) ([a-z]{1,20}) .* \[([0-9a-f]{8})\] mac=([0-9a-f]{64})\z`)
})

// ends takes a line that says it is opsh's last. Only opsh has the nonce, so only opsh can write its mac.
func (s *splitter) ends(text string) {
	m := endLine().FindStringSubmatch(text)
	if m == nil || s.nonce == "" {
		s.fake = true
		return
	}
	status, err := strconv.Atoi(m[1])
	if err != nil || status > 255 || !hmac.Equal([]byte(m[4]), []byte(transcript.MAC(s.nonce, status, audit.Category(m[2]), m[3]))) {
		s.fake = true
		return
	}
	s.end, s.after = &ending{status, audit.Category(m[2])}, false
}

// status is what opsh's last line says, if it came, is opsh's, and was the last.
func (s *splitter) status() (int, bool) {
	if s.end == nil || s.after || s.fake || len(s.held) > 0 {
		return 0, false
	}
	return s.end.status, true
}

func (s *splitter) emit(b []byte) {
	s.after = s.after || len(b) > 0 && s.end != nil
	s.out = append(s.out, b...)
}

// flush writes what was gathered.
func (s *splitter) flush() error {
	if len(s.out) == 0 {
		return nil
	}
	const remembered = 1 << 10
	s.tail = append(s.tail, s.out[max(0, len(s.out)-remembered):]...)
	s.tail = append(s.tail[:0], s.tail[max(0, len(s.tail)-remembered):]...)
	_, err := s.tool.Write(s.out)
	s.out = s.out[:0]
	return err
}
