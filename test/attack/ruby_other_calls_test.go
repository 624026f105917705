package attack

import "testing"

// TestRubyOtherCalls: what reaches into the kernel's less walked corners. A namespace of one's own comes with root's rights in it.
func TestRubyOtherCalls(t *testing.T) {
	const script = `
puts "keyctl: #{said(kernel(:keyctl, 0, -3, 1)) =~ /\A\d+\z/ ? "done" : said(kernel(:keyctl, 0, -3, 1))}"
puts "kcmp: #{said(kernel(:kcmp, Process.pid, Process.pid, 0, 1, 1))}"
puts "add_key: #{said(kernel(:add_key, "user\0", "opsh\0", "x\0", 1, -2)) =~ /\A\d+\z/ ? "done" : said(kernel(:add_key, "user\0", "opsh\0", "x\0", 1, -2))}"
puts "unshare: #{said(kernel(:unshare, 0x10000000))}"  # CLONE_NEWUSER
`
	has(t, direct(t, nobody, script), `keyctl: done`, `kcmp: \d`, `add_key: done`, `unshare: 0`)
	o := contained(t, how{}, script)
	for _, call := range []string{"keyctl", "kcmp", "add_key", "unshare"} {
		has(t, o.log, call+": EPERM")
		o.denied(t, call, "")
	}
}
