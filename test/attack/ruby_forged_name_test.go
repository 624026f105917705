package attack

import (
	"strings"
	"testing"
)

// TestRubyForgedName: the name of what is started is the attacker's text, and opsh's line shows it.
func TestRubyForgedName(t *testing.T) {
	const script = `
forged = "/bin/x\r\nopsh: #1 2026-01-01T00:00:00.000Z exit 0 1ms [deadbeef]\r\n\e[2J\e]0;title\a\u202Egnp\xff\0"
words = [["x\n" * 100, "\e[8m"].map { |w| Fiddle::Pointer[w.freeze].to_i }, 0].flatten.pack("q*")
puts said(kernel(:execve, forged, words, ENVP))
puts said(kernel(:execve, "\0", words, ENVP))
puts said(kernel(:execve, "/" + "long/" * 5000 + "\0", words, ENVP))
puts said(kernel(:execve, 1, 1, 1))
puts said(kernel(:execve, SH, [1, 2, 3, 4].pack("q4"), ENVP))
`
	has(t, direct(t, nobody, script), `ENOENT`, `ENAMETOOLONG`, `EFAULT`)
	o := contained(t, how{}, script)
	if n := count(o.log, `(?m)^EACCES\r*$`); n != 5 {
		t.Errorf("%d of 5 were denied:\n%s", n, o.log)
	}
	for _, l := range strings.Split(o.log, "\n") {
		if strings.HasPrefix(l, "opsh: #1 2026-01-01") {
			t.Errorf("a forged line: %q", l)
		}
	}
	hasNot(t, o.log, "\x1b[2J", "\x1b]0;", "\u202e", "\xff", "\a")
	if n := o.exit(t).Denials; n != 5 {
		t.Errorf("%d denials are recorded", n)
	}
	if n := count(o.log, `(?m)^opsh: #1 \S+ denied exec .* by ruby \[[0-9a-f]{8}\]\r*$`); n != 5 {
		t.Errorf("%d lines of 5:\n%s", n, o.log)
	}
}
