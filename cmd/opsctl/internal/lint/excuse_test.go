package lint

import (
	"slices"
	"strings"
	"testing"

	"opsh/shell/answer"
)

// TestExcuse: what a comment is about, and what it leaves.
func TestExcuse(t *testing.T) {
	const allow = "# opsctl: allow exec-any: SEC-12"
	for _, c := range []struct {
		name string
		tool string   // [tool.t] without tests
		left []string // the warnings that stay
	}{
		{"none", "exec = \"any\"", []string{"exec-any"}},
		{"behind it", "exec = \"any\" " + allow, nil},
		{"above it", allow + "\nexec = \"any\"", nil},
		{"above it, indented, with others between", "  " + allow + "\n# why: see the ticket\nexec = \"any\"", nil},
		{"a blank line between", allow + "\n\nexec = \"any\"", []string{"allow-comment", "exec-any"}},
		{"below it", "exec = \"any\"\n" + allow, []string{"exec-any", "allow-comment"}},
		{"behind another key", "about = \"x\" " + allow + "\nexec = \"any\"", []string{"allow-comment", "exec-any"}},
		{"another rule", "exec = \"any\" # opsctl: allow share-uid: SEC-12", []string{"exec-any", "allow-comment"}},
		{"twice", allow + "\nexec = \"any\" " + allow, []string{"allow-comment"}},
		{"two rules", "# opsctl: allow share-uid: a lock file\nshare_uid = true # opsctl: allow exec-any: no\nexec = \"any\" " + allow, []string{"allow-comment"}},
		{"in a text", "about = \"" + allow + "\"\nexec = \"any\"", []string{"exec-any"}},
		{"in a long text", "env.A = '''\n" + allow + "\n'''\nexec = \"any\"", []string{"exec-any"}},
		{"no reason", "exec = \"any\" # opsctl: allow exec-any:  ", []string{"exec-any", "allow-comment"}},
		{"no rule", "exec = \"any\" # opsctl: allow : why", []string{"exec-any", "allow-comment"}},
		{"nothing", "exec = \"any\" # opsctl:", []string{"exec-any", "allow-comment"}},
		{"not ours", "exec = \"any\" # opsctl allow exec-any: x", []string{"exec-any"}},
		{"a comment is no excuse for itself", "# opsctl: allow allow-comment: x\n# opsctl: allow no-such: x", []string{"allow-comment", "allow-comment"}},
		{"the last line", "exec = \"any\" " + allow + "\n" + allow, []string{"allow-comment"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			src := "version = 1\naudit.when_down = \"spool\"\n[[test]]\nrun = \"t\"\nwant = \"allow\"\n[[test]]\nrun = \"t x\"\nwant = \"refuse\"\n" +
				"[tool.t]\npath = \"/bin/t\"\nuser = \"ops\"\nallow = [\"t\"]\n"
			if strings.Contains(c.tool, "exec =") {
				src += "unsafe_exec = true\n"
			}
			for _, eol := range []string{"\n", "\r\n"} {
				if strings.Contains(c.tool, "'''") {
					eol = "\n" // a variable's value holds no carriage return
				}
				r := Check("p", []byte(strings.ReplaceAll(src+c.tool, "\n", eol)), answer.Split)
				var left []string
				for _, f := range r.Findings {
					if f.Error() {
						t.Fatalf("%+v", f)
					}
					if f.Reason == "" {
						left = append(left, f.Rule)
					}
				}
				if !slices.Equal(left, c.left) {
					t.Errorf("%q are left, want %q", left, c.left)
				}
			}
		})
	}
}
