package attack

import "testing"

// traced takes hold of a process of the same uid and changes its registers: it could make any call in its name.
const traced = `
child = fork { sleep }
puts "attach: #{said(kernel(:ptrace, 16, child, 0, 0))}"
puts "seize: #{said(kernel(:ptrace, 0x4206, child, 0, 0))}"
me = fork { puts "traceme: #{said(kernel(:ptrace, 0, 0, 0, 0))}" }
Process.wait(me)
Process.kill(:KILL, child)
`

// TestRubyPtrace: somebody else's registers.
func TestRubyPtrace(t *testing.T) {
	has(t, direct(t, nobody, traced), `attach: 0`, `traceme: 0`)
	for _, mode := range []string{none, onlyRuby} {
		o := contained(t, how{exec: mode}, traced)
		has(t, o.log, `attach: EPERM`, `seize: EPERM`, `traceme: EPERM`)
		o.denied(t, "ptrace", "")
	}
}
