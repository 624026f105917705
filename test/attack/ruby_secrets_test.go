package attack

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// scan looks for words that begin like a secret in all that /proc shows of every process, or of some: environments, arguments, open files and
// memory. It prints what it found and where.
const scan = `
pids = ARGV.empty? ? Dir["/proc/[0-9]*"].map { |d| d[6..].to_i } : ARGV.map(&:to_i)
like = Regexp.new("can" + "ary-[0-9]-[0-9a-f]{8}")
looked = Hash.new(0)
found = lambda do |where, bytes|
  bytes.b.scan(like).uniq.each { |word| puts "FOUND #{word} in #{where}" }
  looked[where] += 1
end
pids.each do |pid|
  next if pid == Process.pid
  dirs = ["/proc/#{pid}", *(Dir.children("/proc/#{pid}/task").map { |t| "/proc/#{pid}/task/#{t}" } rescue [])]
  dirs.each do |dir|
    %w[environ cmdline comm wchan stack].each { |name| found.(name, File.binread("#{dir}/#{name}")) rescue nil }
    (Dir.children("#{dir}/fd") rescue []).each do |fd|
      path = "#{dir}/fd/#{fd}"
      found.("fd", File.binread(path, 1 << 20)) if File.file?(path) rescue nil
    end
  end
  begin
    File.open("/proc/#{pid}/mem", "rb") do |mem|
      File.foreach("/proc/#{pid}/maps") do |l|
        from, to = l.split(" ")[0].split("-").map(&:hex)
        next unless l.include?(" rw") && to - from < 64 << 20
        found.("mem", mem.pread(to - from, from)) rescue nil
      end
    end
  rescue SystemCallError
  end
end
puts "looked at #{looked}"
`

// holder is a process with secrets in its environment, in its memory and in an open file without a name.
const holder = `
fd = kernel(:memfd_create, "given\0", 0)
IO.for_fd(fd, autoclose: false).tap { |f| f.write("canary-4-" + "0123abcd"); f.flush }
puts "holding as #{Process.pid}."
sleep
`

// TestRubySecrets: the credentials that opsh and the container have, and what another session's tool was given.
func TestRubySecrets(t *testing.T) {
	container := []string{"AWS_SECRET_ACCESS_KEY=canary-1-0123abcd", "AWS_SESSION_TOKEN=canary-1-0123abce", "DB_PASSWORD=canary-2-0123abcd"}
	// PID 1 of the container has the environment that the task definition gives. On this machine it is another program.
	first := exec.Command("sleep", "300")
	first.Env = append(os.Environ(), container...)
	must(t, first.Start())
	defer func() {
		must(t, first.Process.Kill())
		first.Wait() //nolint:errcheck // it was killed
	}()
	given := how{env: container, more: "[secret.s]\nfrom = \"env:DB_PASSWORD\"",
		exec: "exec = \"none\"\nfile.given = \"password {secret.s}\"\nenv = { GIVEN = \"{file.given}\", PASSWORD = \"{secret.s}\" }"}
	victim := begin(t, given, holder)
	m, err := victim.Expect(`holding as (\d+)\.`, patience)
	must(t, err)

	// As root, and as another process of the same uid.
	out := direct(t, 0, scan, text(first.Process.Pid), text(victim.PID))
	has(t, out, `FOUND canary-1-0123abcd in environ`, `FOUND canary-1-0123abcd in mem`)
	out = direct(t, trailBegin(t, victim.ID).UID, scan, m[1])
	has(t, out, `FOUND canary-2-0123abcd in environ`, `FOUND canary-2-0123abcd in fd`, `FOUND canary-2-0123abcd in mem`, `FOUND canary-4-0123abcd in fd`)

	for _, mode := range []string{none, onlyRuby} {
		o := contained(t, how{exec: mode, env: container}, scan)
		has(t, o.log, `looked at \{.*"cmdline"=>\d\d`)
		hasNot(t, o.log, "FOUND")
	}
	// Nor does a record hold any.
	trails, err := filepath.Glob(filepath.Join(world.place.State, "trail", "*"))
	must(t, err)
	for _, name := range trails {
		content, err := os.ReadFile(name)
		must(t, err)
		for i := range 3 {
			hasNot(t, string(content), fmt.Sprintf("canary-%d-", i))
		}
	}
}
