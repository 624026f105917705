package audit

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strings"
	"testing"
	"time"
)

// writer makes trails without a disk, so that a verifier's tests run on every system, and so that they can hold what opsh never writes.
type writer struct {
	t       *testing.T
	session string
	key     ed25519.PrivateKey
	seq     int
	prev    string
	at      time.Time
	lines   [][]byte // without LF
}

func newWriter(t *testing.T, session string) *writer {
	seed := sha256.Sum256([]byte(session))
	return &writer{t: t, session: session, key: ed25519.NewKeyFromSeed(seed[:]), prev: zeros, at: time.Date(2026, 11, 23, 18, 2, 11, 4e6, time.UTC)}
}

func (w *writer) public() string {
	return base64.StdEncoding.EncodeToString(w.key.Public().(ed25519.PublicKey))
}

// add seals a record as Trail.Append does; change may spoil it first.
func (w *writer) add(r Record, change ...func(*Record)) Record {
	w.t.Helper()
	r.Session, r.Seq, r.Prev, r.Time = w.session, w.seq, w.prev, w.at.Format(TimeFormat)
	if r.Event == Begin {
		r.Key = w.public()
	}
	for _, c := range change {
		c(&r)
	}
	line, r, err := seal(r, w.key)
	must(w.t, err)
	w.lines = append(w.lines, line)
	w.seq, w.prev, w.at = r.Seq+1, r.Hash, w.at.Add(1234*time.Millisecond)
	return r
}

func (w *writer) text() []byte { return join(w.lines) }

func join(lines [][]byte) []byte {
	var b bytes.Buffer
	for _, l := range lines {
		b.Write(append(bytes.Clone(l), '\n'))
	}
	return b.Bytes()
}

func code(n int) *int { return &n }

// sample is a trail with every event.
func sample(t *testing.T, session string) *writer {
	w := newWriter(t, session)
	w.add(Record{Event: Begin, Task: "0a1b", Opsh: "1.0", Policy: strings.Repeat("1f0c77aa", 8), Mode: "runbook", Reason: "INC-4711 障害 <&>", UID: 64000})
	w.add(Record{Event: Runbook, Runbook: strings.Repeat("ab", 32), Length: 77})
	w.add(Record{Event: Run, Command: 1, Line: "ruby x.rb", Words: []string{"ruby", "x.rb"}, Tool: "ruby", Path: "/usr/bin/ruby", Files: []FileHash{{"/app/x.rb", strings.Repeat("cd", 32)}}})
	w.add(Record{Event: Exec, Command: 1, Tool: "ruby", Call: "exec", Path: "/bin/ls", PID: 17, By: "ruby"})
	w.add(Record{Event: Denied, Command: 1, Tool: "ruby", Call: "exec", Path: "/bin/\xff sh\u2028\"", PID: 17, By: "ruby"})
	w.add(Record{Event: Running, Command: 1, Millis: 300_000})
	w.add(Record{Event: Exit, Command: 1, Status: code(0), Category: CategoryExit, Millis: 1333, Denials: 1}, func(r *Record) { r.Trouble, r.Missing = "no space left", 2 })
	w.add(Record{Event: Refused, Command: 2, Line: "rm", Status: code(126), Category: CategoryRefused, Why: "no such tool", Raw: &Raw{2, "x", "rm"}})
	w.add(Record{Event: End, Status: code(0), Category: CategoryExit, Runs: 1, Refusals: 1, Millis: 9999})
	return w
}

func verify(t *testing.T, text []byte, o Options) Verdict {
	t.Helper()
	d, err := Verify(bytes.NewReader(text), o)
	must(t, err)
	return d
}

// says fails unless a verdict has the state and some problem, or note, says each text.
func says(t *testing.T, d Verdict, state State, texts ...string) {
	t.Helper()
	if d.State != state {
		t.Errorf("%s, want %s: %+v", d.State, state, d.Problems)
	}
	all := fmt.Sprint(d.Problems, d.Notes)
	for _, s := range texts {
		if !strings.Contains(all, s) {
			t.Errorf("nothing says %q: %s", s, all)
		}
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
