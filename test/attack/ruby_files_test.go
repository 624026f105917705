package attack

import (
	"os"
	"path/filepath"
	"testing"
)

// filesOf tries to read and to write, and to make another file beside. Nothing is changed by it.
const filesOf = `
ARGV.flat_map { |a| [a, *Dir.glob(a + "/**/*")] }.each do |path|
  base = path.sub(%r{.*/opsh-attack[^/]*/}, "")
  try = lambda do |what, &work|
    work.call
    puts "#{what} #{base}: DONE"
  rescue SystemCallError => e
    puts "#{what} #{base}: #{e.class}"
  end
  if File.directory?(path)
    try.("list") { Dir.children(path) }
    try.("make in") { File.write(path + "/new", ""); File.unlink(path + "/new") }
  else
    try.("read") { File.binread(path, 1) }
    try.("write") { File.open(path, "r+") {} }
    try.("replace") { File.write(path + ".new", ""); File.unlink(path + ".new") }
    try.("mode of") { File.chmod(File.stat(path).mode & 07777, path) }
  end
end
`

// TestRubyFiles: the policy, the trail and what else decides or records, opsh itself and the reviewed scripts included.
func TestRubyFiles(t *testing.T) {
	contained(t, how{}, `puts 1`) // so that there is a trail
	out := direct(t, 0, filesOf, world.place.Policy, filepath.Join(world.place.Dir, "bin"), world.place.State)
	for _, done := range []string{"policy.toml", "bin/opsh", "state", "state/trail"} {
		has(t, out, `(write|make in) `+done+`: DONE`)
	}
	o := contained(t, how{}, filesOf, world.place.Policy, world.place.State, filepath.Join(world.place.State, "trail"), filepath.Join(world.place.State, "uids"),
		filepath.Join(world.place.Dir, "bin"), world.scripts, world.place.Dir, "/proc/sys/kernel/core_pattern", "/etc/passwd", "/etc/shadow")
	has(t, o.log, `read policy.toml: Errno::EACCES`, `write policy.toml: Errno::EACCES`, `list state: Errno::EACCES`, `make in state: Errno::EACCES`,
		`(list|read) state/trail: Errno::EACCES`, `(make in|replace) state/uids: Errno::EACCES`, `write bin/opsh-exec: Errno::E(ACCES|TXTBSY)`, `replace bin/opsh: Errno::EACCES`,
		`write scripts/TestRubyFiles.rb: Errno::EACCES`, `make in scripts: Errno::EACCES`, `read /etc/shadow: Errno::EACCES`, `write /proc/sys/kernel/core_pattern: Errno::EACCES`)
	for _, what := range []string{"write", "make in", "replace", "mode of"} {
		if n := count(o.log, what+` .*: DONE`); n > 0 {
			t.Errorf("%s was done %d times:\n%s", what, n, o.log)
		}
	}
	if n := count(o.log, `(?m)^(read|list) state.*: DONE`); n > 0 {
		t.Errorf("the state can be read:\n%s", o.log)
	}
}

// otherFiles reaches for what another session's process has open and has left.
const otherFiles = `
pid, left = ARGV
def try(what)
  puts "#{what}: #{yield}"
rescue SystemCallError => e
  puts "#{what}: #{e.class}"
end
try("open files") { Dir.children("/proc/#{pid}/fd").size }
(3..20).each { |fd| try("descriptor #{fd}") { File.binread("/proc/#{pid}/fd/#{fd}", 100) } }
try("read") { File.read(left) }
try("write") { File.open(left, "a") {}; "DONE" }
try("remove") { File.unlink(left); "DONE" }
`

// leaves makes a file and shows one that was given.
const leaves = `
left = "/tmp/opsh-attack-#{Process.pid}"
File.write(left, "left-" + "behind")
given = Dir["/proc/self/fd/*"].find { |f| File.readlink(f).include?("memfd") rescue false }
given ||= begin
  fd = kernel(:memfd_create, "given\0", 0)
  IO.for_fd(fd, autoclose: false).tap { |f| f.write("canary-of-the-session"); f.flush }
  "/proc/self/fd/#{fd}"
end
puts "#{Process.pid} has #{File.basename(given)} and left #{left}.", "It holds #{File.read(given).size} bytes."
sleep if ARGV[0] != "end"
`

// TestRubyOtherSession: a file that opsh gave another session's tool, and what that tool has left in a public directory.
func TestRubyOtherSession(t *testing.T) {
	given := how{exec: "exec = \"none\"\nfile.given = \"{secret.s}\"\nenv = { GIVEN = \"{file.given}\" }", env: []string{"CANARY=canary-of-the-session"},
		more: "[secret.s]\nfrom = \"env:CANARY\""}
	t.Cleanup(func() { tidy(t) })
	victim := begin(t, given, leaves)
	m, err := victim.Expect(`(\d+) has (\d+) and left (\S+)\.`, patience)
	must(t, err)
	uid := trailBegin(t, victim.ID).UID
	has(t, direct(t, uid, otherFiles, m[1], m[3]), `descriptor `+m[2]+`: canary-of-the-session`, `read: left-behind`, `write: DONE`, `remove: DONE`)
	must(t, os.WriteFile(m[3], []byte("left-behind"), 0o600))
	must(t, os.Chown(m[3], int(uid), -1))

	o := contained(t, how{}, otherFiles, m[1], m[3])
	hasNot(t, o.log, "canary-of-the-session", "left-behind", "DONE")
	has(t, o.log, `open files: Errno::EACCES`, `descriptor `+m[2]+`: Errno::EACCES`, `read: Errno::EACCES`, `remove: Errno::EPERM`)
}

// TestRubyEarlierSession: the uid is given to a later session, but not what was left under it.
func TestRubyEarlierSession(t *testing.T) {
	const read = `puts Dir["/tmp/opsh-attack-*"].map { |f| File.read(f) rescue "not mine" }, "looked"`
	has(t, direct(t, nobody, leaves, "end"), "left /tmp")
	has(t, direct(t, nobody, read), "left-behind")
	tidy(t)
	t.Cleanup(func() { tidy(t) })
	o := contained(t, how{}, leaves, "end")
	uid := o.records[0].UID
	o = contained(t, how{}, read)
	if o.records[0].UID != uid {
		t.Fatalf("the sessions had the uids %d and %d", uid, o.records[0].UID)
	}
	has(t, o.log, "looked")
	hasNot(t, o.log, "left-behind")
}

// tidy removes what was left, but not by opsh.
func tidy(t *testing.T) {
	t.Helper()
	left, err := filepath.Glob("/tmp/opsh-attack-*")
	must(t, err)
	for _, name := range left {
		must(t, os.Remove(name))
	}
}
