package attack

import "testing"

// TestPerl: the same, in five ways.
func TestPerl(t *testing.T) {
	for name, program := range map[string]string{
		"system":    `system("/bin/sh", "-c", q(` + payload + `))`,
		"exec":      `exec("/bin/sh", "-c", q(` + payload + `))`,
		"backticks": "print qx'" + payload + "'",
		"open":      `open(my $p, "-|", "/bin/sh", "-c", q(` + payload + `)); print <$p>`,
	} {
		t.Run(name, func(t *testing.T) {
			trick{path: "/usr/bin/perl", args: []string{"-e", program}, list: true}.try(t)
		})
	}
}
