package sessionlog

import (
	"fmt"
	"strings"
	"testing"
	"testing/iotest"

	"opsh/shell/audit"
	"opsh/shell/transcript"
)

func code(n int) *int { return &n }

// trail is what a session with two commands records.
func trail() []audit.Record {
	records := []audit.Record{
		{Event: audit.Begin, Session: "ecs-execute-command-0a1b2c3d4e5f", Policy: strings.Repeat("1f0c77aa", 8)},
		{Event: audit.Run, Command: 1, Line: "mysql -t -e 'SELECT 1' app_production"},
		{Event: audit.Denied, Command: 1, Call: "exec", Path: "/bin/\uFFFD\uFFFDsh", Tool: "mysql"},
		{Event: audit.Exit, Command: 1, Status: code(1), Category: audit.CategoryExit, Millis: 1333},
		{Event: audit.Refused, Command: 2, Line: "mysql -e '障害'", Status: code(126)},
		{Event: audit.Run, Command: 3, Line: "mysql -e '" + strings.Repeat("x", 900) + "'"},
		{Event: audit.Exit, Command: 3, Status: code(0), Category: audit.CategoryExit, Millis: 3},
		{Event: audit.End, Status: code(0), Category: audit.CategoryExit, Runs: 2, Refusals: 1, Millis: 38000},
	}
	for i := range records {
		records[i].Seq, records[i].Time = i, fmt.Sprintf("2026-11-23T18:03:%02d.123Z", i)
		records[i].Hash = strings.Repeat(fmt.Sprintf("%07xa", 0x5f3a9c1+i*77), 8)
	}
	return records
}

// log is such a session's log; between the lines of records is what between says.
func log(records []audit.Record, between func(i int) string) string {
	var b strings.Builder
	b.WriteString("Script started on 2026-11-23 18:41:00+00:00 [COMMAND=\"cat spool\" <not executed on terminal>]\n")
	b.WriteString("prod: mysql. All you type and see here is recorded. Times are UTC.\r\r\n")
	for i, r := range records {
		b.WriteString(transcript.Line(r) + "\r\r\n")
		b.WriteString(between(i))
	}
	b.WriteString("\r\nScript done on 2026-11-23 18:41:00+00:00 [COMMAND_EXIT_CODE=\"0\"]\n")
	return b.String()
}

func align(t *testing.T, text string, records []audit.Record) Result {
	t.Helper()
	var want Records
	for _, r := range records {
		want.Add(r)
	}
	result, err := Align(strings.NewReader(text), &want)
	if err != nil {
		t.Fatal(err)
	}
	return result
}

func none(int) string { return "" }

// TestAgrees: what an honest session leaves, with what the ways of a log do to it.
func TestAgrees(t *testing.T) {
	records := trail()
	whole := log(records, func(i int) string {
		return []string{
			"\x1b[?2004hprod> mysql\x1b[K\r\x1b[6C -t -e 'SELECT 1' app_production\r\r\n", // the prompt
			"+---+\r\r\n| 1 | opsh: #1 in a table\r\r\n+---+\r\r\n",
			"障害\r\r\n  word 3, -e: options stand before DATABASE\r\r\n  try:   mysql -e x\r\r\n",
			"opsh: warning: this session ends in 1m\r\r\nopsh: error: no\r\r\nopsh: hint: yes\r\r\nopsh is a shell\r\r\n",
			"\x1b[31mred\x1b[0m \x1b]0;title\x07\x1b[2J\x1b[H\x18\x1b\\\x1b[!p\x1b[J\r\r\n",
			"MariaDB [app]> SELECT " + strings.Repeat("1,", 60) + "\r\x1b[A\x1b[23C0\x1b[K\r\r\n", // a line editor on a narrower terminal
			"", "",
		}[i]
	})
	for name, text := range map[string]string{
		"as script keeps it":       whole,
		"as a pipe has it":         strings.ReplaceAll(whole, "\r", ""),
		"in a terminal's log":      strings.ReplaceAll(whole, "\r\r\n", "\r\n"),
		"the agent's U+FFFD":       strings.ReplaceAll(whole, "\uFFFD", "\xef"),
		"an incomplete character":  strings.TrimSuffix(whole, "\n") + "\xe9\x9a",
		"without header or footer": log(records, none)[strings.Index(log(records, none), "opsh: begin"):],
		"an end line with its mac": strings.Replace(whole, transcript.Line(records[7]), transcript.End(records[7], strings.Repeat("n", 32)), 1),
	} {
		if r := align(t, text, records); !r.Agrees() || r.Found != len(records) || r.Records != len(records) || r.Blind != 0 {
			t.Errorf("%s: %+v", name, r)
		}
	}
	// An end that the watcher wrote has no line.
	killed := trail()
	killed[7].Why = transcript.Killed
	if r := align(t, log(killed[:7], none), killed); !r.Agrees() || r.Records != 7 {
		t.Errorf("killed: %+v", r)
	}
	var want Records
	for _, r := range records {
		want.Add(r)
	}
	if r, err := Align(iotest.OneByteReader(strings.NewReader(whole)), &want); err != nil || !r.Agrees() {
		t.Errorf("byte by byte: %+v, %v", r, err)
	}
	if _, err := Align(iotest.ErrReader(fmt.Errorf("gone")), &want); err == nil {
		t.Error("a log that can't be read agrees")
	}
}

// TestMissing: a record without a line is named, and so are lines in another order.
func TestMissing(t *testing.T) {
	records := trail()
	lines := strings.SplitAfter(log(records, none), "\n")
	at := func(i int) int { return i + 2 } // the line of record i in lines
	for i := range records {
		cut := strings.Join(append(append([]string{}, lines[:at(i)]...), lines[at(i)+1:]...), "")
		r := align(t, cut, records)
		if len(r.Findings) != 1 || r.Findings[0].Kind != Missing || r.Findings[0].Seq != i {
			t.Errorf("without %d: %+v", i, r.Findings)
		}
		twice := strings.Join(append(append([]string{}, lines[:at(i)+1]...), lines[at(i):]...), "")
		r = align(t, twice, records)
		if len(r.Findings) != 1 || r.Findings[0].Kind != Repeated || r.Findings[0].Seq != i || r.Findings[0].Line != at(i)+2 {
			t.Errorf("%d twice: %+v", i, r.Findings)
		}
		if i+1 < len(records) {
			swapped := append([]string{}, lines...)
			swapped[at(i)], swapped[at(i)+1] = swapped[at(i)+1], swapped[at(i)]
			r = align(t, strings.Join(swapped, ""), records)
			if len(r.Findings) != 1 || r.Findings[0].Kind != OutOfOrder || r.Findings[0].Seq != i {
				t.Errorf("%d behind the next: %+v", i, r.Findings)
			}
		}
	}
	if r := align(t, "", records); len(r.Findings) != len(records) {
		t.Errorf("an empty log: %+v", r)
	}
	if r := align(t, log(records, none)[:400], records); r.Agrees() {
		t.Error("a log that was cut off agrees")
	}
}

// TestChanged: every single changed byte of every record's line is noticed.
func TestChanged(t *testing.T) {
	records := trail()
	text := log(records, none)
	for i, r := range records {
		from := strings.Index(text, transcript.Line(r))
		for n := range len(transcript.Line(r)) {
			changed := []byte(text)
			changed[from+n] ^= 1
			if r := align(t, string(changed), records); r.Agrees() {
				t.Fatalf("record %d, byte %d: %q agrees", i, n, changed[from+n])
			}
		}
	}
}
