package contain

import (
	"syscall"

	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"
)

// The calls that the socket rules look at.
var (
	socket     = call{"socket", 41, 198}
	listen     = call{"listen", 50, 201}
	sendto     = call{"sendto", 44, 206}
	sendmsg    = call{"sendmsg", 46, 211}
	sendmmsg   = call{"sendmmsg", 307, 269}
	setsockopt = call{"setsockopt", 54, 208}
)

const (
	socketTypes = 0xf // the rest of a socket's type are flags
	tcpULP      = 31  // TCP_ULP
)

// sockets are the rules of a Spec that is held to its ports.
func (s Spec) sockets(a arch) []bpf.Instruction {
	if !s.ConnectOnly || s.Landlock == LandlockOff {
		return nil
	}
	return socketRules(a)
}

// socketRules close the ways around Landlock's rules for ports, which know TCP's connect and bind alone. They expect the call's number in
// the accumulator, and leave it there where the call isn't theirs. The kernel takes the low 32 bits of all these arguments.
//
//   - socket: MPTCP and SCTP connect like TCP, SMC falls back to it, vsock leads to the host. UDP stays: names are looked up by it.
//   - MSG_FASTOPEN connects when it sends. setsockopt's TCP_FASTOPEN_CONNECT isn't here: it delays a connect that Landlock was asked
//     about (TestConnectOnly).
//   - TCP_ULP can turn a TCP socket into an SMC one. It is refused for TLS in the kernel too, without which libraries do.
//   - listen binds a socket that wasn't bound to any free port, and Landlock isn't asked. It can't be told for which family it is.
func socketRules(a arch) []bpf.Instruction {
	low := func(arg int) bpf.Instruction { return bpf.LoadAbsolute{Off: argLow(arg), Size: 4} }
	// when begins the rule for a call, of so many instructions.
	when := func(c call, rule uint8) bpf.Instruction {
		return bpf.JumpIf{Cond: bpf.JumpEqual, Val: c.number(a), SkipFalse: rule}
	}
	on := func(v uint32, skip uint8) bpf.Instruction { // skips when A is v
		return bpf.JumpIf{Cond: bpf.JumpEqual, Val: v, SkipTrue: skip}
	}
	no := fail(syscall.EPERM)
	p := []bpf.Instruction{
		when(listen, 1), no,
		when(socket, 16),
		low(0), on(unix.AF_UNIX, 12), on(unix.AF_NETLINK, 11), on(unix.AF_INET, 1), bpf.JumpIf{Cond: bpf.JumpNotEqual, Val: unix.AF_INET6, SkipTrue: 10},
		low(1), bpf.ALUOpConstant{Op: bpf.ALUOpAnd, Val: socketTypes}, on(unix.SOCK_STREAM, 1), bpf.JumpIf{Cond: bpf.JumpNotEqual, Val: unix.SOCK_DGRAM, SkipTrue: 6},
		low(2), on(0, 3), on(unix.IPPROTO_TCP, 2), on(unix.IPPROTO_UDP, 1), bpf.Jump{Skip: 1}, allow, no,
		when(setsockopt, 6),
		low(1), bpf.JumpIf{Cond: bpf.JumpEqual, Val: unix.SOL_TCP, SkipFalse: 3},
		low(2), bpf.JumpIf{Cond: bpf.JumpEqual, Val: tcpULP, SkipFalse: 1}, no, allow,
	}
	for _, c := range []struct {
		call
		flags int
	}{{sendto, 3}, {sendmsg, 2}, {sendmmsg, 3}} {
		p = append(p, when(c.call, 4),
			low(c.flags), bpf.JumpIf{Cond: bpf.JumpBitsSet, Val: unix.MSG_FASTOPEN, SkipFalse: 1}, no, allow)
	}
	return p
}
