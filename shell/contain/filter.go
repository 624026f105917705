package contain

import (
	"syscall"

	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"
)

// The seccomp filter is one BPF program: a list of rules, read from the top. It sees struct seccomp_data: the
// call's number, the architecture it was made for, and six arguments of 64 bits, low half first on both of our architectures.
const (
	offsetNumber = 0
	offsetArch   = 4
	offsetArgs   = 16
)

func argLow(n int) uint32  { return uint32(offsetArgs + 8*n) }
func argHigh(n int) uint32 { return argLow(n) + 4 }

var (
	allow = bpf.RetConstant{Val: unix.SECCOMP_RET_ALLOW}
	kill  = bpf.RetConstant{Val: unix.SECCOMP_RET_KILL_PROCESS}
	// ask stops the caller until opsh has answered: it records the attempt first. Without opsh the kernel answers ENOSYS.
	ask = bpf.RetConstant{Val: unix.SECCOMP_RET_USER_NOTIF}
)

func fail(e syscall.Errno) bpf.RetConstant {
	return bpf.RetConstant{Val: unix.SECCOMP_RET_ERRNO | uint32(e)}
}

// key is the secret that lets one execve through: execve has three arguments, and the kernel hands the filter the next three
// registers too, which execve ignores. They hold 192 random bits, made after the last instruction that the tool could
// have influenced; the tool starts with its registers zeroed and another address space, and no call reads a filter back.
type key [3]uint64

// filter is the program for an architecture. The execve that has the key is free, and so are all of them where free says so
// (exec = "any": the kernel reports them to the tracer). About any other, opsh is asked. more are a tool's own rules: they find
// the call's number in the accumulator, and leave it there.
func filter(a arch, k key, free bool, more ...bpf.Instruction) []bpf.Instruction {
	load := func(offset uint32) bpf.Instruction { return bpf.LoadAbsolute{Off: offset, Size: 4} }
	is := func(v uint32, skip uint8) bpf.Instruction { // goes on when A is v, else skips
		return bpf.JumpIf{Cond: bpf.JumpEqual, Val: v, SkipFalse: skip}
	}
	p := []bpf.Instruction{
		// A 32-bit call has other numbers for the same things: i386 on amd64, arm on arm64.
		load(offsetArch), bpf.JumpIf{Cond: bpf.JumpEqual, Val: a.audit, SkipTrue: 1}, kill,
		load(offsetNumber),
	}
	if a.x32 {
		p = append(p, bpf.JumpIf{Cond: bpf.JumpGreaterOrEqual, Val: x32Bit, SkipFalse: 1}, kill)
	}
	for _, d := range denied {
		if nr := d.number(a); nr != absent {
			p = append(p, is(nr, 1), ask)
		}
	}
	// glibc falls back to clone, whose flags can be seen. clone3's lie in memory that the tool changes while they are checked.
	// Nobody is asked: every new thread tries it.
	p = append(p, is(clone3.number(a), 1), fail(syscall.ENOSYS))
	p = append(p, is(execveat.number(a), 1), ask)
	p = append(p, is(clone.number(a), 4),
		load(argLow(0)), bpf.JumpIf{Cond: bpf.JumpBitsSet, Val: cloneFlags, SkipFalse: 1}, ask, allow)
	// The kernel looks at the low 32 bits of a request only, so that the high ones must not save it.
	p = append(p, is(ioctl.number(a), 6), load(argLow(1)),
		bpf.JumpIf{Cond: bpf.JumpEqual, Val: unix.TIOCSTI, SkipTrue: 2},
		bpf.JumpIf{Cond: bpf.JumpEqual, Val: tioclinux, SkipTrue: 1},
		bpf.JumpIf{Cond: bpf.JumpEqual, Val: unix.TIOCSETD, SkipFalse: 1},
		ask, allow)
	p = append(p, more...)
	if free {
		return append(p, allow)
	}
	p = append(p, is(execve.number(a), 14))
	for i, secret := range k {
		p = append(p, load(argLow(3+i)), bpf.JumpIf{Cond: bpf.JumpEqual, Val: uint32(secret), SkipFalse: uint8(11 - 4*i)},
			load(argHigh(3+i)), bpf.JumpIf{Cond: bpf.JumpEqual, Val: uint32(secret >> 32), SkipFalse: uint8(9 - 4*i)})
	}
	return append(p, allow, ask, allow)
}

const (
	// x32Bit marks amd64's third set of calls.
	x32Bit = 0x40000000
	// tioclinux is TIOCLINUX: the console's paste, which types for the operator.
	tioclinux = 0x541c
	// cloneFlags are CLONE_UNTRACED (a child that no ptrace supervisor sees, as Ruby's Fiddle can make one) and the CLONE_NEW…
	// flags that clone takes: a namespace is a new root.
	cloneFlags = unix.CLONE_UNTRACED | unix.CLONE_NEWNS | unix.CLONE_NEWCGROUP | unix.CLONE_NEWUTS |
		unix.CLONE_NEWIPC | unix.CLONE_NEWUSER | unix.CLONE_NEWPID | unix.CLONE_NEWNET
)
