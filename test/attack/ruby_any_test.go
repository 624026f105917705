package attack

import (
	"slices"
	"testing"

	"opsh/shell/audit"
)

// TestRubyAny: exec = "any" lets a shell run, and that is all: it is recorded, and so is what it starts in turn.
func TestRubyAny(t *testing.T) {
	const script = `system("echo shell-$((6*7)); /usr/bin/date >/dev/null; (exec /bin/cat /dev/null)")`
	has(t, direct(t, nobody, script), shellRan)
	o := contained(t, how{exec: anything}, script)
	has(t, o.log, shellRan)
	for _, program := range []string{`dash`, `date`, `cat`} {
		if !slices.ContainsFunc(o.records, func(r audit.Record) bool {
			return r.Event == audit.Exec && r.Call == "exec" && r.Path == "/usr/bin/"+program
		}) {
			t.Errorf("no record says that %s ran; the log:\n%s", program, o.log)
		}
	}
}
