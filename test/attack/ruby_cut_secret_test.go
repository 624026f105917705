package attack

import (
	"os"
	"path/filepath"
	"testing"
)

// TestRubyCutSecret: what a tool is denied is recorded without its secrets, also where the record holds only the beginning of one: an
// event keeps 4 KiB of arguments.
func TestRubyCutSecret(t *testing.T) {
	const script = `
words = ["sh", "x" * Integer(ARGV[0]), ENV["PASSWORD"]].map { |w| (w + "\0").freeze }
argv = [*words.map { |w| Fiddle::Pointer[w].to_i }, 0].pack("q*")
puts said(kernel(:execve, SH, argv, ENVP))
`
	given := how{exec: none + "\nenv = { PASSWORD = \"{secret.s}\" }", env: []string{"CANARY=canary-5-0123456789abcdef"}, more: "[secret.s]\nfrom = \"env:CANARY\""}
	for _, before := range []int{10, 4096 - 3 - 1 - 8, 4096 - 3 - 1 - 16, 4096 - 3 - 1 - 24} {
		s := begin(t, given, script, text(before))
		o := finish(t, s, script)
		has(t, o.log, `EACCES`)
		o.denied(t, "exec", "/bin/sh")
		content, err := os.ReadFile(filepath.Join(world.place.State, "trail", s.ID+".jsonl"))
		must(t, err)
		hasNot(t, string(content)+o.log, "canary-5")
	}
}
