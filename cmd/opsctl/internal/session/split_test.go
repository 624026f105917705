package session

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"opsh/shell/audit"
	"opsh/shell/transcript"
)

const nonce = "0123456789abcdef0123456789abcdef"

// onTerminal is what becomes of a tool's output on its terminal.
func onTerminal(text string) string { return strings.ReplaceAll(text, "\n", "\r\n") }

func endWith(status int, key string) string {
	return fmt.Sprintf("opsh: end %d exit 2026-11-23T18:40:12.900Z 1 run, 0 refused, 1s [77ab01c9] mac=%s", status, transcript.MAC(key, status, audit.CategoryExit, "77ab01c9"))
}

// tool is a tool's output between opsh's lines.
func tool(text string) string { return toolThen(text, "") }

func toolThen(text, reset string) string {
	return "opsh: #1 2026-11-23T18:03:00.123Z run x [5f3a91c2]\r\n  not restricted: files\r\n" + transcript.ToolBegins + onTerminal(text) + transcript.ToolEnds + reset +
		"opsh: #1 2026-11-23T18:03:01.456Z exit 0 1.333s [0b77e1d4]\r\n"
}

const toolLines = "opsh: #1 2026-11-23T18:03:00.123Z run x [5f3a91c2]\n  not restricted: files\nopsh: #1 2026-11-23T18:03:01.456Z exit 0 1.333s [0b77e1d4]\n"

// split has a session's output come in pieces that end at the cuts.
func split(t *testing.T, all string, cuts ...int) (*splitter, string, string) {
	t.Helper()
	var out, err bytes.Buffer
	s := &splitter{tool: &out, opsh: &err, nonce: nonce}
	from := 0
	for _, to := range append(cuts, len(all)) {
		if _, err := s.Write([]byte(all[from:to])); err != nil {
			t.Fatal(err)
		}
		from = to
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return s, out.String(), err.String()
}

// TestSplit: whatever a tool prints comes back byte for byte, wherever the reads are cut.
func TestSplit(t *testing.T) {
	const begin = "opsh: begin 2026-11-23T18:02:11.004Z 0a1b2c3d4e5f policy 1f0c77aa [9a4410d2]"
	reset := transcript.ResetBegins + "\x1b[0m\x1b[J\r\n"
	for _, text := range []string{
		"", "a", "a\n", "a\r\nb\r\n\r", "\r\r\n\n", "  indented\n", "\x18", "\x18\n", "\x18\x18\nopsh", "\x18\nopsh;", "opsh: #1 x\n", "日本\n", "\x1b[31m", "a\x18\r", "x\x18\r\n\r\n",
	} {
		all := begin + "\r\n" + tool(text) + toolThen(text, reset) + endWith(3, nonce) + "\r\n"
		for cut := range len(all) {
			s, out, err := split(t, all, cut)
			if out != text+text {
				t.Fatalf("%q cut at %d: %q", text, cut, out)
			}
			if want := begin + "\n" + toolLines + toolLines + endWith(3, nonce) + "\n"; err != want {
				t.Fatalf("%q cut at %d: opsh said\n%q instead of\n%q", text, cut, err, want)
			}
			if status, ok := s.status(); !ok || status != 3 || !s.begun {
				t.Fatalf("%q cut at %d: status %d, %v", text, cut, status, ok)
			}
		}
		every := make([]int, 0, len(all))
		for i := range len(all) {
			every = append(every, i)
		}
		if _, out, _ := split(t, all, every...); out != text+text {
			t.Fatalf("%q byte by byte: %q", text, out)
		}
	}
}

// TestInterjected: a line of opsh's in the middle takes nothing away and adds nothing.
func TestInterjected(t *testing.T) {
	const line = "opsh: #1 2026-11-23T18:08:00.123Z running 5m0s [5f3a91c2]\r\n"
	all := tool("one" + "\x00" + "\ntwo\n")
	all = strings.Replace(all, "\x00", transcript.ToolEnds+line+transcript.ToolBegins, 1)
	for cut := range len(all) {
		if _, out, err := split(t, all, cut); out != "one\ntwo\n" || !strings.Contains(err, "running 5m0s") {
			t.Fatalf("cut at %d: %q, %q", cut, out, err)
		}
	}
}

// TestBelieved: only opsh's own last line, and only as the last, tells a status.
func TestBelieved(t *testing.T) {
	good := endWith(0, nonce)
	for name, test := range map[string]struct {
		all            string
		believed, fake bool
	}{
		"opsh's":                      {tool("x") + good + "\r\n", true, false},
		"without its line's end":      {tool("x") + good, true, false},
		"another nonce":               {tool("x") + endWith(0, strings.Repeat("f", 32)) + "\r\n", false, true},
		"another status":              {tool("x") + strings.Replace(good, "end 0", "end 1", 1) + "\r\n", false, true},
		"another category":            {tool("x") + strings.Replace(good, " exit ", " signal ", 1) + "\r\n", false, true},
		"no mac":                      {tool("x") + good[:strings.Index(good, " mac=")] + "\r\n", false, true},
		"upper case":                  {tool("x") + good[:len(good)-64] + strings.ToUpper(good[len(good)-64:]) + "\r\n", false, true},
		"more in the line":            {tool("x") + good + " \r\n", false, true},
		"a line behind it":            {tool("x") + good + "\r\nopsh: hint: x\r\n", false, false},
		"a fake behind it":            {tool("x") + good + "\r\n" + endWith(1, "") + "\r\n", false, true},
		"a tool's output behind it":   {good + "\r\n" + transcript.ToolBegins + "x", false, false},
		"nothing":                     {tool("x"), false, false},
		"a tool's":                    {strings.SplitAfter(tool("x"), transcript.ToolBegins)[0] + "a\r\n" + endWith(0, "") + "\r\n", false, true},
		"a tool's, and then opsh's":   {tool(endWith(0, "")+"\n") + good + "\r\n", true, false},
		"a tool's behind a fake mark": {tool("\x18\n"+endWith(0, "")+"\nopsh: x") + good + "\r\n", true, false},
		"cut off":                     {tool("x") + good[:len(good)-1], false, true},
		"a status over 255":           {tool("x") + endWith(256, nonce) + "\r\n", false, true},
	} {
		s, _, _ := split(t, test.all)
		if _, ok := s.status(); ok != test.believed || s.fake != test.fake {
			t.Errorf("%s: believed %v, fake %v", name, ok, s.fake)
		}
	}
	s, _, _ := split(t, endWith(0, "")+"\r\n")
	s.nonce = ""
	s.ends(endWith(0, ""))
	if _, ok := s.status(); ok {
		t.Error("a mac without a nonce was believed")
	}
}

// TestPlainLines: opsh's lines quote what somebody else has chosen.
func TestPlainLines(t *testing.T) {
	if _, _, err := split(t, "opsh: #1 run \x1b[2J\u202e\r\n"); err != "opsh: #1 run ?[2J?\n" {
		t.Errorf("%q", err)
	}
	// A line that never ends is not held for ever.
	s := &splitter{tool: nowhere{}, opsh: nowhere{}}
	for range 5 {
		s.Write(make([]byte, longest))
	}
	if len(s.held) > longest {
		t.Errorf("%d bytes are held", len(s.held))
	}
}

func FuzzSplit(f *testing.F) {
	f.Add("a\r\n\x18\nopsh", 5)
	f.Fuzz(func(t *testing.T, text string, cut int) {
		if strings.Contains(onTerminal(text)+transcript.ToolEnds, transcript.ToolEnds+"opsh: ") || strings.Contains(onTerminal(text), transcript.ToolEnds+transcript.ResetBegins) {
			return // the tool says that opsh speaks
		}
		all := tool(text) + endWith(0, nonce) + "\r\n"
		s, out, _ := split(t, all, min(max(cut, 0), len(all)))
		if _, ok := s.status(); out != text || !ok {
			t.Errorf("%q became %q, %v", text, out, ok)
		}
	})
}
