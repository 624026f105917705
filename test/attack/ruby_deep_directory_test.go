package attack

import (
	"os/exec"
	"path/filepath"
	"syscall"
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
	// opsh would have to open each of them.
	var before syscall.Rlimit
	must(t, syscall.Getrlimit(syscall.RLIMIT_NOFILE, &before))
	must(t, syscall.Setrlimit(syscall.RLIMIT_NOFILE, &syscall.Rlimit{Cur: 2000, Max: 2000}))
	defer func() { must(t, syscall.Setrlimit(syscall.RLIMIT_NOFILE, &before)) }()
	first := contained(t, how{}, deep)
	has(t, first.log, `depth 5000`)
	o := contained(t, how{}, `puts Dir["/tmp/opsh-attack-deep-*"].size`)
	has(t, o.log, `(?m)^0\r*$`)
	if o.status != 0 {
		t.Errorf("the next session ended with %d; the log:\n%s", o.status, o.log)
	}
}
