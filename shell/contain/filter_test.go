package contain

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"
)

// decide runs the filter in the virtual machine of golang.org/x/net/bpf. That machine reads packets, so in network byte order;
// the kernel reads struct seccomp_data in its own. Each 32-bit field is therefore written big-endian here, in the place
// where a little-endian machine has it.
func decide(t *testing.T, vm *bpf.VM, audit, number uint32, args [6]uint64) uint32 {
	t.Helper()
	data := make([]byte, 64)
	binary.BigEndian.PutUint32(data[offsetNumber:], number)
	binary.BigEndian.PutUint32(data[offsetArch:], audit)
	for i, a := range args {
		binary.BigEndian.PutUint32(data[argLow(i):], uint32(a))
		binary.BigEndian.PutUint32(data[argHigh(i):], uint32(a>>32))
	}
	verdict, err := vm.Run(data)
	if err != nil {
		t.Fatal(err)
	}
	return uint32(verdict)
}

func errno(e syscall.Errno) uint32 { return unix.SECCOMP_RET_ERRNO | uint32(e) }

func TestFilterOnBothArchitectures(t *testing.T) {
	secret := key{0x1111222233334444, 0x5555666677778888, 0x9999aaaabbbbcccc}
	with := func(k key) [6]uint64 { return [6]uint64{1, 2, 3, k[0], k[1], k[2]} }
	const asked = unix.SECCOMP_RET_USER_NOTIF
	for _, a := range []arch{amd64, arm64} {
		for _, free := range []bool{true, false} {
			vm, err := bpf.NewVM(filter(a, secret, free))
			if err != nil {
				t.Fatal(err)
			}
			check := func(what string, audit, number uint32, args [6]uint64, want uint32) {
				t.Helper()
				if got := decide(t, vm, audit, number, args); got != want {
					t.Errorf("%s, free %v, %s: %#x, want %#x", a.name, free, what, got, want)
				}
			}
			none := [6]uint64{}
			for _, d := range denied {
				if nr := d.number(a); nr != absent {
					check(d.name, a.audit, nr, none, asked)
				}
			}
			check("clone3", a.audit, clone3.number(a), none, errno(syscall.ENOSYS))
			check("execveat", a.audit, execveat.number(a), with(secret), asked)
			check("fork", a.audit, clone.number(a), [6]uint64{uint64(unix.SIGCHLD)}, unix.SECCOMP_RET_ALLOW)
			check("a thread", a.audit, clone.number(a), [6]uint64{unix.CLONE_VM | unix.CLONE_THREAD | unix.CLONE_SIGHAND}, unix.SECCOMP_RET_ALLOW)
			for bit := range 32 {
				want := uint32(unix.SECCOMP_RET_ALLOW)
				if cloneFlags&(1<<bit) != 0 {
					want = asked
				}
				check("a flag of clone", a.audit, clone.number(a), [6]uint64{1 << bit}, want)
			}
			for _, request := range []uint64{unix.TIOCSTI, tioclinux, unix.TIOCSETD} {
				check("ioctl", a.audit, ioctl.number(a), [6]uint64{0, request}, asked)
				check("ioctl with high bits", a.audit, ioctl.number(a), [6]uint64{0, request | 1<<40}, asked)
			}
			check("TIOCGWINSZ", a.audit, ioctl.number(a), [6]uint64{0, unix.TIOCGWINSZ}, unix.SECCOMP_RET_ALLOW)
			check("read", a.audit, map[bool]uint32{true: 0, false: 63}[a == amd64], none, unix.SECCOMP_RET_ALLOW)

			any := uint32(unix.SECCOMP_RET_ALLOW)
			if !free {
				any = asked
			}
			check("execve as a tool calls it", a.audit, execve.number(a), none, any)
			check("execve with the key", a.audit, execve.number(a), with(secret), unix.SECCOMP_RET_ALLOW)
			for i := range secret {
				for bit := range 64 {
					wrong := secret
					wrong[i] ^= 1 << bit
					check("execve with one wrong bit", a.audit, execve.number(a), with(wrong), any)
				}
			}
			for range 1000 {
				check("execve with guesses", a.audit, execve.number(a), with(key{rand.Uint64(), rand.Uint64(), rand.Uint64()}), any)
			}
			for _, other := range []uint32{unix.AUDIT_ARCH_I386, unix.AUDIT_ARCH_ARM, unix.AUDIT_ARCH_X86_64, unix.AUDIT_ARCH_AARCH64, 0} {
				if other != a.audit {
					check("another architecture", other, 0, with(secret), unix.SECCOMP_RET_KILL_PROCESS)
				}
			}
			if a.x32 {
				check("x32", a.audit, x32Bit, none, unix.SECCOMP_RET_KILL_PROCESS)
				check("x32 execve", a.audit, x32Bit|520, with(secret), unix.SECCOMP_RET_KILL_PROCESS)
			}
		}
	}
}

// TestOnlyTheListIsDenied: whoever adds a call to the filter adds it to a table.
func TestOnlyTheListIsDenied(t *testing.T) {
	for _, a := range []arch{amd64, arm64} {
		vm, err := bpf.NewVM(filter(a, key{}, true))
		if err != nil {
			t.Fatal(err)
		}
		listed := map[uint32]bool{clone3.number(a): true, execveat.number(a): true}
		for _, d := range denied {
			listed[d.number(a)] = true
		}
		for nr := range uint32(1000) {
			allowed := decide(t, vm, a.audit, nr, [6]uint64{}) == unix.SECCOMP_RET_ALLOW
			if allowed == listed[nr] {
				t.Errorf("%s, call %d: allowed %v, listed %v", a.name, nr, allowed, listed[nr])
			}
		}
	}
}

// TestNumbers holds the numbers of both architectures against those of golang.org/x/sys, which come from the kernel's headers.
func TestNumbers(t *testing.T) {
	dir, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "golang.org/x/sys").Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range []arch{amd64, arm64} {
		source, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(dir)), "unix", "zsysnum_linux_"+a.name+".go"))
		if err != nil {
			t.Fatal(err)
		}
		numbers := map[string]string{}
		for _, m := range regexp.MustCompile(`SYS_(\w+)\s*=\s*(\d+)`).FindAllStringSubmatch(string(source), -1) {
			numbers[strings.ToLower(m[1])] = m[2]
		}
		for _, c := range append([]call{clone, clone3, execve, execveat, ioctl}, denied...) {
			want, ok := numbers[c.name]
			if got := fmt.Sprint(c.number(a)); ok != (c.number(a) != absent) || ok && got != want {
				t.Errorf("%s on %s: %s, want %q", c.name, a.name, got, want)
			}
		}
	}
}
