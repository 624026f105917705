package attack

import "testing"

// untraced makes a child that no tracer is told of, and lets it become a shell.
const untraced = `
child = kernel(:clone, 0x00800000 | 17, 0, 0, 0, 0) # CLONE_UNTRACED, SIGCHLD
if child == 0
  kernel(:execve, SH, ARGV_SH, ENVP)
  kernel(:exit_group, 1)
end
puts "clone: #{child > 0 ? "a child" : said(child)}"
Process.wait(child) if child > 0
`

// TestRubyCloneUntraced: a child that the tracer of exec = [list] would not see.
func TestRubyCloneUntraced(t *testing.T) {
	has(t, direct(t, nobody, untraced), shellRan)
	for _, mode := range []string{none, onlyRuby, anything} {
		o := contained(t, how{exec: mode}, untraced)
		hasNot(t, o.log, shellRan)
		has(t, o.log, `clone: EPERM`)
		o.denied(t, "clone", "")
	}
}
