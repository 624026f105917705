package contain

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unsafe"

	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"
)

// netOperations are what a contained tool tries with the network. The first word is a port on 127.0.0.1.
var netOperations = map[string]func(a, b string) error{
	"connect": func(a, _ string) error { return connects(unix.AF_INET, 0, at(a)) },
	"connect6": func(a, _ string) error {
		return connects(unix.AF_INET6, 0, &unix.SockaddrInet6{Port: port(a), Addr: mapped})
	},
	"tcp":   func(a, _ string) error { return connects(unix.AF_INET, unix.IPPROTO_TCP, at(a)) },
	"mptcp": func(a, _ string) error { return connects(unix.AF_INET, unix.IPPROTO_MPTCP, at(a)) },
	"mptcp6": func(a, _ string) error {
		return connects(unix.AF_INET6, unix.IPPROTO_MPTCP, &unix.SockaddrInet6{Port: port(a), Addr: mapped})
	},
	// TCP_FASTOPEN_CONNECT: connect does nothing yet, and the first write connects.
	"delayed": func(a, _ string) error {
		return withTCP(func(fd int) error {
			if err := unix.SetsockoptInt(fd, unix.SOL_TCP, unix.TCP_FASTOPEN_CONNECT, 1); err != nil {
				return err
			}
			err := unix.Connect(fd, at(a))
			if err == nil {
				_, err = unix.Write(fd, []byte("x"))
			}
			return err
		})
	},
	// And another port with that write than the one that Landlock was asked about: it is done when that is where it connected.
	"elsewhere": func(a, b string) error {
		return withTCP(func(fd int) error {
			if err := unix.SetsockoptInt(fd, unix.SOL_TCP, unix.TCP_FASTOPEN_CONNECT, 1); err != nil {
				return err
			}
			if err := unix.Connect(fd, at(a)); err != nil {
				return err
			}
			if err := unix.Sendto(fd, []byte("x"), 0, at(b)); err != nil {
				return err
			}
			peer, err := unix.Getpeername(fd)
			if err == nil && peer.(*unix.SockaddrInet4).Port != port(a) {
				return fmt.Errorf("connected to %v", peer)
			}
			return err
		})
	},
	"sendto": func(a, _ string) error {
		return withTCP(func(fd int) error { return unix.Sendto(fd, []byte("x"), unix.MSG_FASTOPEN, at(a)) })
	},
	"sendmsg": func(a, _ string) error {
		return withTCP(func(fd int) error { return unix.Sendmsg(fd, []byte("x"), nil, at(a), unix.MSG_FASTOPEN) })
	},
	"sendmmsg": func(a, _ string) error {
		return withTCP(func(fd int) error {
			to := unix.RawSockaddrInet4{Family: unix.AF_INET, Addr: [4]byte{127, 0, 0, 1}, Port: uint16(port(a)>>8 | port(a)<<8)}
			text := []byte("x")
			iov := unix.Iovec{Base: &text[0], Len: 1}
			m := struct {
				unix.Msghdr
				n uint32
			}{Msghdr: unix.Msghdr{Name: (*byte)(unsafe.Pointer(&to)), Namelen: unix.SizeofSockaddrInet4, Iov: &iov, Iovlen: 1}}
			if e := raw(unix.SYS_SENDMMSG, uintptr(fd), uintptr(unsafe.Pointer(&m)), 1, unix.MSG_FASTOPEN); e != 0 {
				return e
			}
			return nil
		})
	},
	"sending": func(a, _ string) error { // to where it is connected
		return withTCP(func(fd int) error {
			if err := unix.Connect(fd, at(a)); err != nil {
				return err
			}
			if err := unix.Sendmsg(fd, []byte("x"), nil, nil, unix.MSG_NOSIGNAL); err != nil {
				return err
			}
			return unix.Sendto(fd, []byte("x"), unix.MSG_NOSIGNAL, nil)
		})
	},
	"bind":   func(a, _ string) error { return withTCP(func(fd int) error { return unix.Bind(fd, at(a)) }) },
	"listen": func(_, _ string) error { return withTCP(func(fd int) error { return unix.Listen(fd, 1) }) },
	"ulp": func(a, _ string) error {
		return withTCP(func(fd int) error { return unix.SetsockoptString(fd, unix.SOL_TCP, tcpULP, a) })
	},
	"nodelay": func(_, _ string) error {
		return withTCP(func(fd int) error { return unix.SetsockoptInt(fd, unix.SOL_TCP, unix.TCP_NODELAY, 1) })
	},
	"udp": func(a, _ string) error {
		fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, unix.IPPROTO_UDP)
		if err != nil {
			return err
		}
		defer unix.Close(fd)
		return unix.Sendto(fd, []byte("x"), 0, at(a))
	},
	// The arguments of socket, as numbers.
	"socket": func(a, b string) error {
		family, _ := strconv.ParseUint(a, 0, 64)
		kind, protocol, _ := strings.Cut(b, "/")
		k, _ := strconv.ParseUint(kind, 0, 64)
		p, _ := strconv.ParseUint(protocol, 0, 64)
		if e := raw(unix.SYS_SOCKET, uintptr(family), uintptr(k), uintptr(p)); e != 0 {
			return e
		}
		return nil
	},
}

var mapped = [16]byte{10: 0xff, 11: 0xff, 12: 127, 15: 1} // ::ffff:127.0.0.1

func port(text string) int {
	n, _ := strconv.Atoi(text)
	return n
}

func at(text string) unix.Sockaddr {
	return &unix.SockaddrInet4{Port: port(text), Addr: [4]byte{127, 0, 0, 1}}
}

func connects(family, protocol int, to unix.Sockaddr) error {
	fd, err := unix.Socket(family, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, protocol)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	return unix.Connect(fd, to)
}

func withTCP(do func(fd int) error) error {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	return do(fd)
}

// TestConnectOnly: each way to a port that isn't listed works without the restriction.
func TestConnectOnly(t *testing.T) {
	if mode, err := os.ReadFile("/proc/sys/net/ipv4/tcp_fastopen"); err != nil || mode[0] != '1' && mode[0] != '3' {
		t.Fatalf("this machine's tcp_fastopen is %q %v: the test needs the client's half of it", mode, err)
	}
	var ports []uint16
	for range 2 {
		l, err := net.Listen("tcp4", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		go func() {
			for {
				c, err := l.Accept()
				if err != nil {
					return
				}
				defer c.Close()
			}
		}()
		ports = append(ports, uint16(l.Addr().(*net.TCPAddr).Port))
	}
	fresh := func() *strings.Replacer {
		return strings.NewReplacer("$yes", fmt.Sprint(ports[0]), "$no", fmt.Sprint(ports[1]))
	}
	const done, no = "done", "EPERM"
	const landlock = "EACCES"
	tryAll(t, func(s *Spec) { s.ConnectOnly, s.Ports = true, ports[:1] }, []try{
		{"connect $yes", done, done}, {"tcp $yes", done, done}, {"connect6 $yes", done, done}, {"sending $yes", done, done},
		{"connect $no", done, landlock}, {"tcp $no", done, landlock}, {"connect6 $no", done, landlock}, {"sending $no", done, landlock},
		{"mptcp $no", done, no}, {"mptcp6 $no", done, no}, {"mptcp $yes", done, no},
		{"sendto $no", done, no}, {"sendmsg $no", done, no}, {"sendmmsg $no", done, no}, {"sendto $yes", done, no},
		{"delayed $yes", done, done}, {"delayed $no", done, landlock}, {"elsewhere $yes:$no", done, done},
		{"bind 0", done, landlock}, {"listen", done, no}, {"nodelay", done, done}, {"udp $no", done, done},
		{"socket 1:1/0", done, done}, {"socket 1:2/0", done, done}, {"socket 1:5/0", done, done}, {"socket 16:3/0", done, done}, // AF_UNIX, AF_NETLINK
		{"socket 2:0x80801/0", done, done}, {"socket 10:2/17", done, done}, // with flags; IPv6 and UDP
		{"socket 2:1/262", done, no}, {"socket 10:1/262", done, no}, {"socket 2:1/0x100000106", done, no}, // MPTCP, with high bits too
		{"socket 0x100000002:1/262", done, no}, {"socket 2:0x100000001/262", done, no},
		{"socket 2:1/132", "EPROTONOSUPPORT", no}, {"socket 2:5/132", "ESOCKTNOSUPPORT", no}, {"socket 2:6/33", "ESOCKTNOSUPPORT", no}, // SCTP, DCCP
		{"socket 43:1/0", "EAFNOSUPPORT", no}, {"socket 0x10000002b:1/0", "EAFNOSUPPORT", no}, {"socket 30:1/0", "EAFNOSUPPORT", no}, // SMC, TIPC
		{"socket 2:3/255", no, no}, {"socket 2:2/136", done, no}, {"ulp x", "ENOENT", no}, // raw, UDP-Lite
	}, fresh)
	// Nothing listed is nothing reached.
	s := attemptSpec(t, ExecNone, "each")
	s.ConnectOnly, s.Argv = true, append(s.Argv, "connect "+fmt.Sprint(ports[0]))
	if r := contained(t, s); !strings.Contains(r.output, ": EACCES\n") {
		t.Errorf("%q %s", r.output, r.refuse)
	}
	// And files alone leave the network as it is.
	s.ConnectOnly, s.FilesOnly = false, true
	if r := contained(t, s); !strings.Contains(r.output, ": done\n") {
		t.Errorf("%q %s", r.output, r.refuse)
	}
}

func TestSocketRulesOnBothArchitectures(t *testing.T) {
	for _, a := range []arch{amd64, arm64} {
		for _, free := range []bool{true, false} {
			vm, err := bpf.NewVM(filter(a, key{1, 2, 3}, free, socketRules(a)...))
			if err != nil {
				t.Fatal(err)
			}
			plain, err := bpf.NewVM(filter(a, key{1, 2, 3}, free))
			if err != nil {
				t.Fatal(err)
			}
			check := func(c call, args [6]uint64, allowed bool) {
				t.Helper()
				want := errno(unix.EPERM)
				if allowed {
					want = unix.SECCOMP_RET_ALLOW
				}
				if got := decide(t, vm, a.audit, c.number(a), args); got != want {
					t.Errorf("%s, free %v, %s %x: %#x, want %#x", a.name, free, c.name, args, got, want)
				}
			}
			const high = 1 << 32
			for family := range uint64(64) {
				for kind := range uint64(16) {
					for _, protocol := range []uint64{0, 1, 2, 6, 17, 33, 115, 132, 136, 255, 256, 262, high, high | 6, high | 262} {
						inet := (family == unix.AF_INET || family == unix.AF_INET6) && (kind == unix.SOCK_STREAM || kind == unix.SOCK_DGRAM) &&
							slices.Contains([]uint32{0, 6, 17}, uint32(protocol))
						allowed := inet || family == unix.AF_UNIX || family == unix.AF_NETLINK
						check(socket, [6]uint64{family, kind, protocol}, allowed)
						check(socket, [6]uint64{high | family, high | unix.SOCK_CLOEXEC | unix.SOCK_NONBLOCK | kind, protocol}, allowed)
					}
				}
			}
			for c, flags := range map[call]int{sendto: 3, sendmsg: 2, sendmmsg: 3} {
				for bit := range 64 {
					var args [6]uint64
					args[flags] = 1 << bit
					check(c, args, args[flags] != unix.MSG_FASTOPEN)
					args[flags] |= unix.MSG_FASTOPEN
					check(c, args, false)
				}
				for i := range 6 {
					var args [6]uint64
					args[i] = unix.MSG_FASTOPEN
					check(c, args, i != flags)
				}
			}
			for level := range uint64(300) {
				for option := range uint64(64) {
					check(setsockopt, [6]uint64{3, level, option}, level != unix.SOL_TCP || option != tcpULP)
				}
			}
			check(setsockopt, [6]uint64{3, high | unix.SOL_TCP, high | tcpULP}, false)
			check(listen, [6]uint64{3, 1}, false)
			// All other calls are as they were.
			ours := []uint32{socket.number(a), listen.number(a), sendto.number(a), sendmsg.number(a), sendmmsg.number(a), setsockopt.number(a)}
			for nr := range uint32(1000) {
				for _, args := range [][6]uint64{{}, {0, 0, 0, 1, 2, 3}, {unix.CLONE_UNTRACED}, {0, unix.TIOCSTI}} {
					if got, want := decide(t, vm, a.audit, nr, args), decide(t, plain, a.audit, nr, args); got != want && !slices.Contains(ours, nr) {
						t.Errorf("%s, free %v, call %d %x: %#x, want %#x", a.name, free, nr, args, got, want)
					}
				}
			}
		}
	}
}

// TestSocketRulesWhere they belong.
func TestSocketRulesWhere(t *testing.T) {
	for _, test := range []struct {
		s    Spec
		want bool
	}{
		{Spec{}, false}, {Spec{FilesOnly: true}, false}, {Spec{ConnectOnly: true, Landlock: LandlockOff}, false},
		{Spec{ConnectOnly: true}, true}, {Spec{ConnectOnly: true, Landlock: LandlockRequire}, true}, {Spec{ConnectOnly: true, Landlock: LandlockBestEffort}, true},
	} {
		if got := len(test.s.sockets(amd64)) > 0; got != test.want {
			t.Errorf("%+v: %v", test.s, got)
		}
	}
}

// TestSocketNumbers holds the numbers against those of golang.org/x/sys, as TestNumbers does.
func TestSocketNumbers(t *testing.T) {
	dir, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "golang.org/x/sys").Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range []arch{amd64, arm64} {
		source, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(dir)), "unix", "zsysnum_linux_"+a.name+".go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range []call{socket, listen, sendto, sendmsg, sendmmsg, setsockopt} {
			line := regexp.MustCompile(`SYS_` + strings.ToUpper(c.name) + `\s*=\s*` + fmt.Sprint(c.number(a)) + `\b`)
			if !line.Match(source) {
				t.Errorf("%s on %s isn't %d", c.name, a.name, c.number(a))
			}
		}
	}
}
