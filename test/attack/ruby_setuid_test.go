package attack

import (
	"os"
	"path/filepath"
	"testing"
)

// TestRubySetuid: a program that makes root of whoever starts it.
func TestRubySetuid(t *testing.T) {
	id, err := os.ReadFile("/usr/bin/id")
	must(t, err)
	name := filepath.Join(world.place.Dir, "bin", "setuid-id")
	must(t, os.WriteFile(name, id, 0o755))
	must(t, os.Chmod(name, 0o755|os.ModeSetuid))
	defer os.Remove(name)
	const script = `system(ARGV[0], "-u")`
	has(t, direct(t, nobody, script, name), `(?m)^0$`)
	for _, mode := range []string{anything, `exec = ["` + name + `"]`} {
		o := contained(t, how{exec: mode}, script, name)
		has(t, o.log, `(?m)^642\d\d\r*$`)
	}
}
