package attack

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// deep leaves a directory in a directory in a directory, deeper than anybody has open files.
const deep = `
Dir.chdir("/tmp")
name = "opsh-attack-deep-#{Process.pid}"
depth = 0
begin
  5_000.times { Dir.mkdir(name); Dir.chdir(name); name = "d"; depth += 1 }
rescue SystemCallError => e
  puts e.class
end
puts "depth #{depth}"
`

// TestRubyDeepDirectory: what is left behind must not keep the next session from starting, which takes it away.
func TestRubyDeepDirectory(t *testing.T) {
	remove := func() {
		all, err := filepath.Glob("/tmp/opsh-attack-deep-*")
		must(t, err)
		if len(all) > 0 {
			must(t, exec.Command("rm", append([]string{"-rf", "--"}, all...)...).Run())
		}
	}
	t.Cleanup(remove)
	has(t, direct(t, nobody, deep), `depth 5000`)
	remove()
	// Where it may open 2,000, opsh can't hold all of them open.
	few := how{worker: filepath.Join(world.place.Dir, "bin", "few-files")}
	must(t, os.WriteFile(few.worker, []byte("#!/bin/sh\nulimit -n 2000\nexec "+world.place.Worker+" \"$@\"\n"), 0o755))
	first := contained(t, few, deep)
	has(t, first.log, `depth 5000`)
	o := contained(t, few, `puts Dir["/tmp/opsh-attack-deep-*"].size`)
	has(t, o.log, `(?m)^0\r*$`)
	if o.status != 0 {
		t.Errorf("the next session ended with %d; the log:\n%s", o.status, o.log)
	}
}
