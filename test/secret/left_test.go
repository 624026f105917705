package secret

import (
	"fmt"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"opsh/test/fixture"
)

// leaving is a tool that leaves a process behind which calls itself by the secret, and one that shares its uid with everybody.
func leaving() string {
	return fmt.Sprintf(`
[tool.leave]
path   = "/usr/bin/ruby"
user   = "%[1]s"
insert = ["-e", "fork {{ trap('HUP', 'IGNORE'); Process.setproctitle(ENV['PW']); sleep 100 }; sleep 0.5; puts :ready; sleep ARGV[0].to_f"]
allow  = ["leave SECONDS"]
where.SECONDS = { int = [0, 100] }
env    = { PW = "{secret.env}" }
[tool.shared]
path   = "/usr/bin/true"
user   = "%[1]s"
share_uid = true
allow  = ["shared"]
`, fixture.User)
}

// left: what a process that was left behind calls itself, or another application's arguments, show no secret: not on the screen, not in the
// records, and not where opsh was killed and its watcher writes the last record.
func (w *world) left(t *testing.T) {
	w.policy(t, leaving())
	out, status := w.run(t, "-c", "leave 0")
	if status != 0 || !strings.Contains(out, "ended what it left running: ") || !strings.Contains(out, "[secret env]") || w.holds([]byte(out)) != nil {
		t.Errorf("%d: it shows %v\n%s", status, w.holds([]byte(out)), out)
	}
	other := exec.Command("/usr/bin/sleep", "100")
	other.Args[0] = "app --password=" + password("env")
	other.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	must(t, other.Start())
	out, status = w.run(t, "-c", "shared")
	other.Process.Kill() //nolint:errcheck // it is a sleep
	other.Wait()         //nolint:errcheck // likewise
	if status != 126 || !strings.Contains(out, "runs under its") || w.holds([]byte(out)) != nil {
		t.Errorf("%d: it shows %v\n%s", status, w.holds([]byte(out)), out)
	}
	for range 5 {
		killed := exec.Command(w.place.Opsh, "-c", "leave 60")
		killed.Env = w.environ()
		out, err := killed.StdoutPipe()
		must(t, err)
		must(t, killed.Start())
		var seen []byte
		for buf := make([]byte, 4096); !strings.Contains(string(seen), "ready"); {
			n, err := out.Read(buf)
			if seen = append(seen, buf[:n]...); err != nil {
				t.Fatalf("%v\n%s", err, seen)
			}
		}
		must(t, killed.Process.Kill())
		killed.Wait() //nolint:errcheck // it was killed
	}
	// The watchers write what was left.
	time.Sleep(2 * time.Second)
	if n := w.searchDir(t, w.place.State); n == 0 {
		t.Error("nothing was searched")
	}
}
