package launch

import (
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestLeftBehind: whatever a tool leaves is ended and named before Run returns.
func TestLeftBehind(t *testing.T) {
	const uid = toolUID
	for _, shared := range []bool{false, true} {
		for _, c := range []struct {
			name, script string
			left         int
		}{
			{"nothing", "true", 0},
			{"in the background", "sleep 61 & exit 0", 1},
			{"deaf to hangups", "trap '' HUP TERM; sleep 61 & exit 0", 1},
			{"a session of its own, twice removed", "setsid sh -c 'setsid sleep 61 & setsid sleep 61 & exit 0'; exit 0", 2},
			{"silent", "setsid sleep 61 </dev/null >/dev/null 2>&1 & exit 0", 1},
			{"stopped", "sleep 61 & kill -STOP $!; exit 0", 1},
			{"one that prints for ever", "setsid yes & sleep 0.05; exit 0", 1},
			{"a family", "for i in 1 2 3 4 5 6 7 8; do (sleep 61; true) & done; exit 0", 16},
		} {
			name := c.name
			if shared {
				name += ", under a shared uid"
			}
			t.Run(name, func(t *testing.T) {
				p := script(uid, c.script)
				p.shared = shared
				r := must(t, p, job(newKeyboard(), newPaper()))
				if r.Exit != 0 || len(r.Left) != c.left && c.left < 16 || len(r.Left) < c.left/2 {
					t.Errorf("got %+v", r)
				}
				for _, l := range r.Left {
					if first, _, _ := strings.Cut(l.Command, " "); !slices.Contains([]string{"sleep", "yes", "sh", "dash", "setsid"}, first) {
						t.Errorf("called %q", l.Command)
					}
				}
				nobodyLeft(t, uid)
			})
		}
	}
}

// TestOthersOfASharedUID: a tool that runs under the application's own uid must not take the application with it.
func TestOthersOfASharedUID(t *testing.T) {
	p := script(strangerUID, "setsid sleep 61 & exit 0")
	p.shared = true
	r := must(t, p, job(nil, newPaper()))
	if err := syscall.Kill(rig.stranger, 0); err != nil {
		t.Errorf("the application was ended: %v", err)
	}
	isStranger := func(p Process) bool { return p.PID == rig.stranger }
	if left := find(t, strangerUID); len(r.Left) != 1 || isStranger(r.Left[0]) || !slices.ContainsFunc(left, isStranger) {
		t.Errorf("ended %v, left %v", r.Left, left)
	}
}

// TestOrphansAreReaped: while the tool runs, not only at its end.
func TestOrphansAreReaped(t *testing.T) {
	keys, out := newKeyboard(), newPaper()
	done := background(t, script(toolUID, "i=0; while [ $i -lt 200 ]; do (true &); i=$((i+1)); done; echo made; read -r x"), job(keys, out))
	out.until(t, "made")
	most := 0
	for give := time.Now().Add(5 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		ours := 0
		for _, pid := range children() {
			if orphan(pid, toolUID) {
				ours++
			}
		}
		if most = max(most, ours); ours <= 1 {
			break
		}
		if time.Now().After(give) {
			t.Fatalf("%d children are left", ours)
		}
	}
	t.Logf("at most %d at a time", most)
	keys.typing("\r")
	ended(t, done)
	nobodyLeft(t, toolUID)
}

// TestOtherChildrenKeepTheirStatus: opsh has children of its own, whose status somebody else waits for.
func TestOtherChildrenKeepTheirStatus(t *testing.T) {
	for range 20 {
		cmd := exec.Command("sh", "-c", "exit 42")
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		must(t, script(toolUID, "(true &); exit 0"), job(nil, newPaper()))
		if err := cmd.Wait(); cmd.ProcessState == nil || cmd.ProcessState.ExitCode() != 42 {
			t.Fatalf("status was lost: %v", err)
		}
	}
}
