package launch

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"opsh/policy"
)

func TestHowAToolEnds(t *testing.T) {
	const uid = toolUID
	for _, c := range []struct {
		name, script string
		exit         int
		signal       syscall.Signal
		out          string
	}{
		{"exit 0", "echo hello", 0, 0, "hello\r\n"},
		{"exit 1", "exit 1", 1, 0, ""},
		{"exit 255", "exit 255", 255, 0, ""},
		{"signal", "kill -SEGV $$", 128 + 11, syscall.SIGSEGV, ""},
		{"killed", "kill -KILL $$", 128 + 9, syscall.SIGKILL, ""},
		{"exit status like a signal's", "exit 137", 137, 0, ""},
		{"error output", "echo oops >&2; exit 3", 3, 0, "oops\r\n"},
		{"stops itself", "kill -STOP $$; echo went on; exit 4", 4, 0, "went on\r\n"},
		{"stops its group", "kill -TSTP 0; kill -STOP 0; echo went on", 0, 0, "went on\r\n"},
		{"opens its streams by name", "echo out >/dev/stdout; echo err >/dev/stderr; : </dev/stdin; stat -Lc %a /dev/stdin", 0, 0, "out\r\nerr\r\n600\r\n"},
		{"closes its terminal for a while", "exec >/dev/null 2>&1 </dev/null; sleep 0.1; echo back >/dev/tty", 0, 0, "back\r\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			out, outer := newPaper(), newOuter(t, 24, 80)
			j := job(newKeyboard(), out)
			j.Tty = outer
			r := must(t, script(uid, c.script), j)
			if r.Exit != c.exit || r.Signal != c.signal || r.Limit != "" || out.String() != c.out || r.Bytes != int64(len(c.out)) {
				t.Errorf("got %+v and %q", r, out)
			}
			if len(r.Left) > 0 || r.Duration <= 0 || r.Duration > 10*time.Second {
				t.Errorf("got %+v", r)
			}
			nobodyLeft(t, uid)
		})
	}
}

func TestMidline(t *testing.T) {
	for text, want := range map[string]bool{"": false, "a": true, `a\n`: false, `a\nb`: true, `50%%\r`: true} {
		if r := must(t, script(toolUID, "printf '"+text+"'"), job(nil, newPaper())); r.Midline != want {
			t.Errorf("%q: %+v", text, r)
		}
	}
}

func TestTheToolNeverRan(t *testing.T) {
	missing := program(toolUID, "true")
	missing.spec.Path, missing.spec.Argv = "/nonexistent/tool", []string{"tool"}
	root := program(0, "true")
	low := program(toolUID, "true")
	low.files = []policy.GrantFile{{FD: 4, File: os.Stdin}}
	twice := program(toolUID, "true")
	twice.files = []policy.GrantFile{{FD: 10, File: os.Stdin}, {FD: 10, File: os.Stdin}}
	for _, c := range []struct {
		name, helper, want string
		plan               plan
	}{
		{"no helper", "/nonexistent/opsh-exec", "no such file", program(toolUID, "true")},
		{"the helper is a directory", "/", "permission denied", program(toolUID, "true")},
		{"the helper says why", rig.helper, "/nonexistent/tool", missing},
		{"root", rig.helper, "its uid is 0", root},
		{"a descriptor of opsh-exec's own", rig.helper, "descriptor 4", low},
		{"a descriptor twice", rig.helper, "descriptor 10", twice},
	} {
		t.Run(c.name, func(t *testing.T) {
			before := len(children())
			j := job(nil, newPaper())
			j.Helper = c.helper
			r, err := run(context.Background(), c.plan, j)
			if err == nil || !strings.HasPrefix(err.Error(), "cannot run ") || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("got %v", err)
			}
			if r.Duration != 0 {
				t.Errorf("got %+v", r)
			}
			if after := len(children()); after != before {
				t.Errorf("%d children before, %d after", before, after)
			}
		})
	}
}

func TestStandardInput(t *testing.T) {
	const uid = toolUID
	input, err := os.Create(filepath.Join(t.TempDir(), "in"))
	if err != nil {
		t.Fatal(err)
	}
	defer input.Close()
	if _, err := input.WriteString("from the file\n"); err != nil {
		t.Fatal(err)
	}
	if _, err := input.Seek(0, 0); err != nil {
		t.Fatal(err)
	}
	fed := script(uid, "cat; readlink /proc/self/fd/1")
	fed.stdin = input
	out := newPaper()
	must(t, fed, job(newKeyboard(), out))
	if !strings.HasPrefix(out.String(), "from the file\n/dev/pts/") {
		t.Errorf("with a file: %q", out)
	}
	out = newPaper()
	must(t, script(uid, "readlink /proc/self/fd/0; cat"), job(nil, out))
	if out.String() != "/dev/null\n" {
		t.Errorf("without keys: %q", out)
	}
	out = newPaper()
	must(t, script(uid, "readlink /proc/self/fd/0"), job(newKeyboard(), out))
	if !strings.HasPrefix(out.String(), "/dev/pts/") {
		t.Errorf("with keys: %q", out)
	}
}

// TestDescriptors: the tool sees its three streams, what the Grant names, and nothing else. opsh holds more, and one
// that some library forgot to mark.
func TestDescriptors(t *testing.T) {
	fd, err := unix.MemfdCreate("granted", unix.MFD_CLOEXEC)
	if err != nil {
		t.Fatal(err)
	}
	granted := os.NewFile(uintptr(fd), "granted")
	defer granted.Close()
	if _, err := granted.WriteString("secret"); err != nil {
		t.Fatal(err)
	}
	if _, err := granted.Seek(0, 0); err != nil {
		t.Fatal(err)
	}
	leaky, err := unix.Dup(1)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(leaky)
	p := script(toolUID, "cat /dev/fd/14; i=0; while [ $i -lt 60 ]; do [ -e /proc/$$/fd/$i ] && printf ' %d' $i; i=$((i+1)); done")
	p.files = []policy.GrantFile{{FD: 14, File: granted}}
	out := newPaper()
	must(t, p, job(nil, out))
	if got := strings.Fields(out.String()); strings.Join(got, " ") != "secret 0 1 2 14" {
		t.Errorf("got %q", got)
	}
}

// TestTheToolsTerminal: blocking descriptors, a session and a controlling terminal of its own, no signal ignored.
func TestTheToolsTerminal(t *testing.T) {
	out := newPaper()
	r := must(t, script(toolUID, `
		grep ^flags /proc/self/fdinfo/0 /proc/self/fdinfo/1
		ps -o sid=,pgid=,tpgid= -p $$
		echo $$
		tty; readlink /proc/$$/fd/1
		grep -E '^Sig(Ign|Blk)' /proc/self/status`), job(newKeyboard(), out))
	if r.Exit != 0 {
		t.Fatalf("%+v %s", r, out)
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if len(lines) != 8 {
		t.Fatalf("got %q", lines)
	}
	for _, l := range lines[:2] {
		if !strings.HasSuffix(l, "02") && !strings.HasSuffix(l, "0100002") && !strings.HasSuffix(l, "0400002") {
			t.Errorf("not blocking, or more: %s", l)
		}
	}
	ids := strings.Fields(lines[2])
	if pid := lines[3]; len(ids) != 3 || ids[0] != pid || ids[1] != pid || ids[2] != pid {
		t.Errorf("session, group, foreground group %v of %s", ids, lines[3])
	}
	if lines[4] != lines[5] {
		t.Errorf("%s is not the controlling terminal: %s", lines[5], lines[4])
	}
	for _, l := range lines[6:] {
		if f := strings.Fields(l); f[1] != "0000000000000000" {
			t.Errorf("not a clean start: %s", l)
		}
	}
}

// TestNothingLeaks: a session runs hundreds of tools.
func TestNothingLeaks(t *testing.T) {
	count := func() (files, routines int) {
		fds, err := os.ReadDir("/proc/self/fd")
		if err != nil {
			t.Fatal(err)
		}
		return len(fds), runtime.NumGoroutine()
	}
	once := func() {
		must(t, script(toolUID, "sleep 61 & echo x"), job(newKeyboard(), newPaper()))
		run(context.Background(), program(0, "true"), job(newKeyboard(), newPaper()))
	}
	once()
	files, routines := count()
	for range 20 {
		once()
	}
	if f, r := count(); f > files || r > routines+2 {
		t.Errorf("%d descriptors and %d goroutines, after 20 more %d and %d", files, routines, f, r)
	}
}
