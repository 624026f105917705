package attack

import "testing"

// stealFile takes an open file out of another process.
const stealFile = `
r, w = IO.pipe
child = fork { f = File.open("/etc/hostname"); w.puts f.fileno; sleep }
theirs = r.gets.to_i
pidfd = kernel(:pidfd_open, child, 0)
puts "open: #{pidfd > 0 ? "yes" : said(pidfd)}"
got = kernel(:pidfd_getfd, pidfd, theirs, 0)
puts "getfd: #{got > 0 ? "stolen " + File.readlink("/proc/self/fd/#{got}") : said(got)}"
Process.kill(:KILL, child)
`

// TestRubyPidfd: somebody else's descriptors, by call.
func TestRubyPidfd(t *testing.T) {
	has(t, direct(t, nobody, stealFile), `getfd: stolen /etc/hostname`)
	o := contained(t, how{}, stealFile)
	has(t, o.log, `getfd: EPERM`)
	o.denied(t, "pidfd_getfd", "")
}
