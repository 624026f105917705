package attack

import (
	"io"
	"os"
	"path/filepath"
	"testing"
)

// otherNames gives a shell a listed program's name, in a directory of the tool's: a copy, a hard link to that, a link.
const otherNames = `
require "tmpdir"
require "fileutils"
Dir.mktmpdir do |dir|
  Dir.mkdir(dir + "/copy"); FileUtils.cp("/bin/sh", dir + "/copy/date")
  Dir.mkdir(dir + "/hard"); File.link(dir + "/copy/date", dir + "/hard/date")
  Dir.mkdir(dir + "/soft"); File.symlink("/bin/sh", dir + "/soft/date")
  script = dir + "/script"
  File.write(script, "#!/bin/sh\n#{PRINT}\n", perm: 0700)
  %w[copy hard soft].each { |how| print how, ": "; system("#{dir}/#{how}/date", "-c", PRINT) or puts "nothing" }
  print "script: "; system(script) or puts "nothing"
  print "by PATH: "; system({"PATH" => dir + "/copy"}, "date", "-c", PRINT) or puts "nothing"
end
`

// TestRubyOtherName: what counts is the file that a name leads to.
func TestRubyOtherName(t *testing.T) {
	out := direct(t, nobody, otherNames)
	for _, by := range []string{"copy", "hard", "soft", "script", "by PATH"} {
		has(t, out, by+": "+shellRan)
	}
	o := contained(t, how{exec: `exec = ["/usr/bin/date"]`}, otherNames)
	hasNot(t, o.log, shellRan)
	has(t, o.log, `nothing`)
	for _, by := range []string{"copy", "hard", "soft"} {
		o.denied(t, "exec", "/tmp/.*/"+by+"/date")
	}
	o.denied(t, "exec", "/tmp/.*/script")
}

// TestListedByOtherName: a policy that lists a shell, knowingly or not, runs nothing. A tool could have another one start.
func TestListedByOtherName(t *testing.T) {
	const script = "system(ARGV[0], '-c', PRINT)"
	for by, put := range map[string]func(name string) error{
		"hard": func(name string) error {
			real, err := filepath.EvalSymlinks("/bin/sh")
			must(t, err)
			return os.Link(real, name)
		},
		"soft": func(name string) error { return os.Symlink("/bin/sh", name) },
		"copy": func(name string) error {
			from, err := os.Open("/bin/sh")
			must(t, err)
			defer from.Close()
			to, err := os.OpenFile(name, os.O_CREATE|os.O_WRONLY, 0o755)
			must(t, err)
			defer to.Close()
			_, err = io.Copy(to, from)
			return err
		},
	} {
		t.Run(by, func(t *testing.T) {
			name := filepath.Join(world.place.Dir, "bin", by+"date")
			must(t, put(name))
			defer os.Remove(name)
			has(t, direct(t, nobody, script, name), shellRan)
			s := begin(t, how{exec: `exec = ["` + name + `"]`}, script, name)
			end, err := s.Wait(patience)
			must(t, err)
			if end.Exit != 126 && end.Exit != 125 {
				t.Errorf("exit status %d", end.Exit)
			}
			hasNot(t, end.Log, shellRan)
			has(t, end.Log, `opsh: #1 .* refused ruby`)
			trail(t, s.ID)
		})
	}
}
