package attack

import (
	"os/exec"
	"testing"
)

// killer sends every signal to opsh and what belongs to it, by two calls, and takes its time by a limit. It never
// names a number that means more than one process.
const killer = `
NR.update(RbConfig::CONFIG["host_cpu"] == "x86_64" ? { send: 424, limit: 302 } : { send: 424, limit: 261 })
targets = ARGV.map { |a| Integer(a) }
if targets.empty?
  exit(3) if Process.euid == 0
  parent = ->(pid) { File.read("/proc/#{pid}/stat").rpartition(")")[2].split[1].to_i }
  targets = [Process.ppid, parent.(Process.ppid)]
  targets += Dir["/proc/[0-9]*"].map { |d| d[6..].to_i }.select { |pid| targets.include?(parent.(pid)) || File.read("/proc/#{pid}/cmdline").start_with?("opsh") rescue false }
  targets = targets.uniq - [Process.pid]
end
targets.select! { |pid| pid > 1 }
got = Hash.new(0)
targets.each do |pid|
  puts "at #{File.read("/proc/#{pid}/cmdline").tr("\0", " ")}"
  (ARGV.empty? ? (0..64) : [9]).each { |sig| got["kill #{said(kernel(:kill, pid, sig))}"] += 1 }
  next unless ARGV.empty?
  fd = kernel(:pidfd_open, pid, 0)
  got["pidfd #{said(kernel(:send, fd, 9, 0, 0))}"] += 1
  got["limit #{said(kernel(:limit, pid, 0, [1, 1].pack("q2"), 0))}"] += 1
end
puts "all: #{got}"
# Everybody else's: a signal that does nothing.
exit if Process.euid == 0
others = Dir["/proc/[0-9]*"].map { |d| d[6..].to_i }.select { |pid| pid > 1 && (File.stat("/proc/#{pid}").uid != Process.euid rescue false) }
puts "others: #{others.count { |pid| kernel(:kill, pid, 0) == 0 }} of #{others.size > 0 ? "many" : "none"}"
`

// TestRubyKill: without opsh nothing would be recorded, and without its watcher nothing ended.
func TestRubyKill(t *testing.T) {
	stranger := exec.Command("sleep", "300")
	must(t, stranger.Start())
	victim := begin(t, how{}, `puts "wait" + "ing"; sleep`)
	_, err := victim.Expect("waiting", patience)
	must(t, err)
	has(t, direct(t, 0, killer, text(stranger.Process.Pid), text(victim.PID)), `all: \{"kill 0"=>2\}`)
	if err := stranger.Wait(); err == nil {
		t.Error("root's attack didn't end a root's process")
	}
	end, err := victim.Wait(patience)
	must(t, err)
	if end.Signal != 9 {
		t.Errorf("root's attack didn't end opsh: %+v", end)
	}

	o := contained(t, how{}, killer)
	has(t, o.log, `at .*ssm-session-worker`, `at opsh -c ruby`, `at opsh: watcher`, `all: \{"kill EPERM"=>\d+, "pidfd EPERM"=>\d+, "limit EPERM"=>\d+\}`, `others: 0 of many`)
	if o.status != 0 || o.exit(t).Status == nil || *o.exit(t).Status != 0 {
		t.Errorf("exit status %d; the log:\n%s", o.status, o.log)
	}
}
