package attack

import (
	"slices"
	"testing"

	"opsh/shell/audit"
)

// TestRubyHidden: a process that nobody may look into can't be asked what it wants to start. It starts nothing, and that it tried is recorded.
func TestRubyHidden(t *testing.T) {
	const script = `
NR.update(RbConfig::CONFIG["host_cpu"] == "x86_64" ? { prctl: 157 } : { prctl: 167 })
puts "hides: #{kernel(:prctl, 4, 0, 0, 0, 0)}" # PR_SET_DUMPABLE
puts said(kernel(:execve, SH, ARGV_SH, ENVP))
`
	has(t, direct(t, nobody, script), shellRan)
	for _, mode := range []string{none, onlyRuby, `exec = ["/usr/bin/date"]`} {
		o := contained(t, how{exec: mode}, script)
		has(t, o.log, `hides: 0`)
		hasNot(t, o.log, shellRan)
		if !slices.ContainsFunc(o.records, func(r audit.Record) bool { return r.Event == audit.Denied && r.Call == "exec" && r.PID > 1 }) {
			t.Errorf("it isn't recorded; the log:\n%s", o.log)
		}
	}
	o := contained(t, how{exec: anything}, script)
	if !slices.ContainsFunc(o.records, func(r audit.Record) bool { return r.Event == audit.Exec && r.Path == "/usr/bin/dash" }) {
		t.Errorf("it isn't recorded; the log:\n%s", o.log)
	}
}
