package transcript

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"opsh/shell/audit"
	"opsh/shell/line"
)

// Line is the one line, without its end, that a session shows for a record; "" for an end that the session didn't write itself, which nobody
// saw, and for what a guard recorded, which is in no session's log. It never panics, whatever a record holds.
func Line(r audit.Record) string {
	if Unseen(r) {
		return ""
	}
	switch r.Event {
	case audit.Begin:
		return fmt.Sprintf("opsh: begin %s %s policy %.8s [%s]", r.Time, brief(r.Session), r.Policy, r.Short())
	case audit.End:
		return End(r, "")
	}
	return fmt.Sprintf("opsh: #%d %s %s [%s]", r.Command, r.Time, what(r), r.Short())
}

// what is the middle of a command's line.
func what(r audit.Record) string {
	switch r.Event {
	case audit.Runbook:
		s := fmt.Sprintf("runbook %d bytes sha256 %s", r.Length, r.Runbook)
		if r.Approval != nil {
			s += fmt.Sprintf(" approved by %s", Count(len(r.Approval.Keys), "key"))
		}
		return s
	case audit.Run, audit.Refused:
		return string(r.Event) + " " + r.Line
	case audit.Running:
		return "running " + spell(r.Millis)
	case audit.Exec, audit.Denied:
		return tried(r) + " by " + r.Tool
	case audit.Exit:
		return fmt.Sprintf("exit %d%s %s", status(r), how(r), spell(r.Millis))
	}
	return string(r.Event)
}

func tried(r audit.Record) string {
	s := r.Call
	if r.Event == audit.Denied {
		s = "denied " + s
	}
	if r.Call == audit.CallExec {
		s += " " + line.QuoteWord(r.Path)
	}
	return s
}

func how(r audit.Record) string {
	switch {
	case r.Signal != "":
		return " signal " + r.Signal
	case r.Category != audit.CategoryExit:
		return " " + string(r.Category)
	}
	return ""
}

func status(r audit.Record) int {
	if r.Status == nil {
		return -1 // no record of opsh's
	}
	return *r.Status
}

// End is the last line of a session. With a nonce it proves to who gave the nonce that opsh and not a tool wrote it.
func End(r audit.Record, nonce string) string {
	s := fmt.Sprintf("opsh: end %d %s %s %s, %d refused, %s [%s]", status(r), r.Category, r.Time,
		Count(r.Runs, "run"), r.Refusals, spell(r.Millis), r.Short())
	if nonce != "" {
		s += " mac=" + MAC(nonce, status(r), r.Category, r.Short())
	}
	return s
}

// MAC is HMAC-SHA256 in hex, keyed with the nonce's characters, of "STATUS CATEGORY HASH" as the end line shows them.
func MAC(nonce string, status int, category audit.Category, short string) string {
	m := hmac.New(sha256.New, []byte(nonce))
	fmt.Fprintf(m, "%d %s %s", status, category, short)
	return hex.EncodeToString(m.Sum(nil))
}

// Behind begins what a session says between its end's record and its last line, when its last records are not where they are shipped to.
const Behind = "opsh: warning: the last records are on this machine alone, and shipped as soon as that is possible"

// Error begins the lines that say why a session ended, before its last one.
const Error = "opsh: error: "

// Hint begins the lines that say what to do about what the lines before them say.
const Hint = "opsh: hint: "

// Killed begins the reason in an end record that the watcher writes for an opsh that can't show a line any more.
const Killed = "opsh was killed, or the session was ended from outside"

// Unseen says that a record has no line: an end that the watcher wrote, or another session, and what a guard recorded.
func Unseen(r audit.Record) bool {
	if r.Event == audit.Killed || r.Event == audit.Guard {
		return true
	}
	return r.Event == audit.End && (r.Closer != "" || strings.HasPrefix(r.Why, Killed))
}

// brief is the part of the session's id that the begin line shows.
func brief(session string) string { return session[strings.LastIndexByte(session, '-')+1:] }

// Count is "1 run" or "2 runs".
func Count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// spell writes a duration as people do: 1.333s, 5m0s, 38m1s.
func spell(ms int64) string {
	d := time.Duration(ms) * time.Millisecond
	if d >= time.Minute {
		d = d.Round(time.Second)
	}
	return d.String()
}
