package attack

import "testing"

// raceByRename starts programs under a name that leads to another one all the time, by a link or by the file itself.
const raceByRename = `
require "tmpdir"
require "fileutils"
wanted = Integer(ARGV[0])
dir = Dir.mktmpdir
name = dir + "/date"
FileUtils.cp("/bin/sh", dir + "/copy")
File.symlink("/usr/bin/date", name)
flipper = fork do
  loop do
    File.symlink("/bin/sh", dir + "/link"); File.rename(dir + "/link", name)
    File.symlink("/usr/bin/date", dir + "/link"); File.rename(dir + "/link", name)
    File.link(dir + "/copy", dir + "/link"); File.rename(dir + "/link", name)
    File.symlink("/usr/bin/date", dir + "/link"); File.rename(dir + "/link", name)
  end
end
$stderr.reopen("/dev/null") # date doesn't understand a shell's arguments
path = name + "\0"
workers = 4.times.map do
  r, w = IO.pipe
  pid = fork do
    r.close
    tries = 0
    while tries < wanted / 4
      pid = fork do
        while tries < wanted / 4
          w.write("x"); tries += 1
          kernel(:execve, path, ARGV_SH, ENVP)
        end
        exit!(0)
      end
      Process.wait(pid)
      tries += 1
    end
  end
  w.close
  [pid, r]
end
tries = workers.sum { |_, r| r.read.size }
workers.each { |w, _| Process.wait(w) }
Process.kill(:KILL, flipper)
Process.wait(flipper)
FileUtils.rm_rf(dir)
puts "tries: #{tries}"
`

// TestRubyRaceByRename: a shell by a listed program's name, for the moment between a look and a use.
func TestRubyRaceByRename(t *testing.T) {
	out := direct(t, nobody, raceByRename, "400")
	if n := count(out, shellRan); n < 20 {
		t.Errorf("%d of 400 were shells: the name doesn't change as it should", n)
	}
	o := contained(t, how{exec: `exec = ["/usr/bin/date"]`}, raceByRename, "1000")
	hasNot(t, o.log, shellRan)
	has(t, o.log, `tries: \d`)
	lost(t, o, 50)
}
