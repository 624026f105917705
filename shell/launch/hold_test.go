package launch

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"opsh/shell/redact"
)

var known = redact.New([]redact.Secret{{Name: "s", Value: "hunter22"}})

// TestRedacted: no secret is on Out, wherever the reads cut it, and all else is; what is counted is what the tool printed.
func TestRedacted(t *testing.T) {
	var data bytes.Buffer
	for i := 0; data.Len() < 3000; i++ {
		fmt.Fprintf(&data, "%s hunter22%s", strings.Repeat("x", i%97), strings.Repeat("\n", i%2))
	}
	file := filepath.Join(public(t), "data")
	if err := os.WriteFile(file, data.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	out := newPaper()
	j := job(nil, out)
	j.Redact = known.Stream()
	r := must(t, program(toolUID, "cat", file), j)
	if want := strings.ReplaceAll(data.String(), "hunter22", "[secret s]"); out.String() != want || r.Bytes != int64(data.Len()) {
		t.Errorf("%d bytes, %d delivered, want %d", r.Bytes, len(out.String()), len(want))
	}
}

// TestPromptIsShown: what doesn't end a line is shown while the tool waits, and what ends the output is, too.
func TestPromptIsShown(t *testing.T) {
	keys, out := newKeyboard(), newPaper()
	j := job(keys, out)
	j.Redact = known.Stream()
	done := background(t, script(toolUID, `stty -echo; printf 'name, hunt'; read name; printf 'hunter22 and hunt'`), j)
	out.until(t, "name, hunt")
	keys.typing("x\n")
	r := ended(t, done)
	if out.String() != "name, hunt[secret s] and hunt" || !r.Midline {
		t.Errorf("%q, %+v", out, r)
	}
}

// TestHeldBack: how long, without the machine's having a say.
func TestHeldBack(t *testing.T) {
	out := newPaper()
	o := &output{out: out, redact: known.Stream(), started: time.Now(), buf: make([]byte, chunk)}
	write := func(text string) {
		o.n = copy(o.buf, text)
		o.write()
	}
	write("a line\nhunt")
	if out.String() != "a line\n" || o.due.IsZero() || o.midline {
		t.Errorf("%q, due %v", out, o.due)
	}
	write("er22\n")
	if out.String() != "a line\n[secret s]\n" || !o.due.IsZero() || !o.held().IsZero() {
		t.Errorf("%q, due %v", out, o.due)
	}
	write("hunt")
	began := o.since
	o.due = time.Now()
	if due := o.held(); out.String() != "a line\n[secret s]\n" || due.IsZero() { // a container that stood still
		t.Errorf("%q, due %v", out, due)
	}
	o.due = time.Now()
	if due := o.held(); out.String() != "a line\n[secret s]\nhunt" || !due.IsZero() || !o.midline {
		t.Errorf("%q, due %v", out, due)
	}
	write("h")
	o.since = began.Add(-holdMost)
	write("u") // letter by letter, without an end
	if due := o.held(); out.String() != "a line\n[secret s]\nhunthu" || !due.IsZero() {
		t.Errorf("%q, due %v", out, due)
	}
	write("n")
	o.line(func() { out.Write([]byte("\nopsh: warning\n")) }) //nolint:errcheck // it never fails
	if want := "a line\n[secret s]\nhunthun\nopsh: warning\n"; out.String() != want || !o.due.IsZero() {
		t.Errorf("%q, due %v", out, o.due)
	}
}
