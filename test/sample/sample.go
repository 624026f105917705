//go:build linux

// Package sample makes trails and recordings as sessions leave them, with opsh's own parts and a clock of its own, so that tests have sessions of any size at once.
package sample

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"opsh/shell/audit"
	"opsh/shell/line"
	"opsh/shell/recording"
	"opsh/shell/transcript"
)

// Command is one line of a session, and what becomes of it.
type Command struct {
	Words   []string
	Typed   bool // at a prompt, letter by letter
	Output  string
	Status  int
	Took    time.Duration
	Refused string   // why; then it doesn't run
	Denied  []string // programs that the tool was kept from
}

// Session is what is to be made.
type Session struct {
	ID       string
	Began    time.Time
	Mode     string
	Reason   string
	Runbook  string // its SHA-256
	Length   int
	Approval *audit.Approval
	Commands []Command
	NoEnd    bool
	Unshown  bool // it isn't recorded
}

// Made is where it lies.
type Made struct{ Trail, Recording string }

// maker makes one.
type maker struct {
	now   time.Time
	trail *audit.Trail
	cast  *recording.Recorder
	err   error
}

// Make makes a session in a state directory.
func Make(stateDir string, s Session) (Made, error) {
	if err := os.Chmod(stateDir, 0o700); err != nil {
		return Made{}, err
	}
	m := &maker{now: s.Began}
	clock := func() time.Time { return m.now }
	if !s.Unshown {
		m.cast = recording.New(recording.Options{Now: clock, Type: "xterm-256color", Size: func() (int, int) { return 100, 30 }})
	}
	var err error
	if m.trail, err = audit.Create(stateDir, s.ID, clock); err != nil {
		return Made{}, err
	}
	defer m.trail.Close() //nolint:errcheck // it was written
	if err := m.cast.Open(stateDir, s.ID); err != nil {
		return Made{}, err
	}
	begin := audit.Record{Event: audit.Begin, Mode: s.Mode, Reason: s.Reason, Policy: strings.Repeat("1f0c77aa", 8), Cluster: "prod", Service: "ops", Task: "arn:aws:ecs:ap-northeast-1:123456789012:task/prod/0a1b2c3d4e5f60718293a4b5c6d7e8f9",
		Host: "ip-10-0-3-17", Opsh: "1.4.0", UID: 64012, Recording: audit.RecordingLocal}
	if s.Unshown {
		begin.Recording = audit.RecordingOff
	}
	m.record(begin)
	if s.Runbook != "" {
		m.record(audit.Record{Event: audit.Runbook, Runbook: s.Runbook, Length: s.Length, Approval: s.Approval})
	}
	runs, refusals := 0, 0
	for i, c := range s.Commands {
		m.command(i+1, c)
		if c.Refused != "" {
			refusals++
		} else {
			runs++
		}
	}
	if !s.NoEnd {
		zero := 0
		m.record(audit.Record{Event: audit.End, Status: &zero, Category: audit.CategoryExit, Runs: runs, Refusals: refusals, Millis: m.now.Sub(s.Began).Milliseconds(), Recorded: m.cast.Flush()})
	}
	if err := m.cast.Close(0); err != nil {
		return Made{}, err
	}
	return Made{m.trail.Path(), filepath.Join(stateDir, "recording", s.ID+".cast")}, m.err
}

// record records, and shows the line.
func (m *maker) record(r audit.Record) {
	if m.err != nil {
		return
	}
	r, m.err = m.trail.Append(r)
	m.show(transcript.Line(r) + "\r\n")
}

func (m *maker) show(text string) { m.cast.Output([]byte(text)) }

func (m *maker) command(n int, c Command) {
	m.now = m.now.Add(1500 * time.Millisecond)
	text := line.Quote(c.Words...)
	if c.Typed {
		m.show("prod> ")
		for _, r := range text {
			m.now = m.now.Add(90 * time.Millisecond)
			m.show(string(r))
		}
		m.show("\r\n")
	}
	m.cast.Mark(n, text)
	if c.Refused != "" {
		m.record(audit.Record{Event: audit.Refused, Command: n, Line: text, Words: c.Words, Tool: c.Words[0], Why: c.Refused, Status: status(126), Category: audit.CategoryRefused, Recorded: m.cast.Flush()})
		for _, l := range strings.Split(c.Refused, "\n") {
			m.show("  " + l + "\r\n")
		}
		return
	}
	m.record(audit.Record{Event: audit.Run, Command: n, Line: text, Words: c.Words, Tool: c.Words[0], Path: "/usr/bin/" + c.Words[0],
		Argv: append([]string{"/usr/bin/" + c.Words[0]}, c.Words[1:]...), Rule: fmt.Sprintf("policy.toml:%d", 20+n%7), UID: 64012})
	for _, d := range c.Denied {
		m.record(audit.Record{Event: audit.Denied, Command: n, Tool: c.Words[0], Call: audit.CallExec, Path: d, Argv: []string{d, "-c", "id"}, PID: 4711, By: "/usr/bin/" + c.Words[0]})
	}
	out := strings.ReplaceAll(c.Output, "\n", "\r\n")
	for i, piece := range strings.SplitAfter(out, "\r\n") {
		if i%8 == 7 {
			m.now = m.now.Add(60 * time.Millisecond)
		}
		m.show(piece)
	}
	m.now = m.now.Add(c.Took)
	m.show("\x18\x1b\\\x1b[!p\x1b[0m")
	m.record(audit.Record{Event: audit.Exit, Command: n, Status: status(c.Status), Category: audit.CategoryExit, Millis: c.Took.Milliseconds(), Bytes: int64(len(out)), Denials: len(c.Denied), Recorded: m.cast.Flush()})
}

func status(n int) *int { return &n }
