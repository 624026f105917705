package contain

import (
	"runtime"

	"golang.org/x/sys/unix"
)

// arch is a processor architecture as seccomp knows it.
type arch struct {
	name  string
	audit uint32 // AUDIT_ARCH_…
	x32   bool
}

var (
	amd64 = arch{"amd64", unix.AUDIT_ARCH_X86_64, true}
	arm64 = arch{"arm64", unix.AUDIT_ARCH_AARCH64, false}
)

// native is the architecture of this process; without one no tool starts.
func native() (arch, bool) {
	switch runtime.GOARCH {
	case amd64.name:
		return amd64, true
	case arm64.name:
		return arm64, true
	}
	return arch{}, false
}

// call is a system call and its number on each architecture. Both stand here, whatever this binary is built for, so
// that the filter of either can be tested on the other. A test holds them against golang.org/x/sys.
type call struct {
	name         string
	amd64, arm64 uint32
}

// absent is the number of a call that an architecture doesn't have.
const absent = ^uint32(0)

func (c call) number(a arch) uint32 {
	if a == amd64 {
		return c.amd64
	}
	return c.arm64
}

var (
	clone    = call{"clone", 56, 220}
	clone3   = call{"clone3", 435, 435}
	execve   = call{"execve", 59, 221}
	execveat = call{"execveat", 322, 281}
	ioctl    = call{"ioctl", 16, 29}
)

// nameOf is a call that opsh is asked about, by its number; "" for any other.
func nameOf(a arch, number uint32) string {
	for _, c := range append([]call{execve, execveat, clone, ioctl}, denied...) {
		if c.number(a) == number {
			return c.name
		}
	}
	return ""
}

// denied are the calls that no tool needs and that reach into other processes, around the filter, or into the kernel's
// less walked corners, or leave memory behind that a later session with the same uid could read. They fail with EPERM.
var denied = []call{
	{"shmget", 29, 194},
	{"semget", 64, 190},
	{"msgget", 68, 186},
	{"mq_open", 240, 180},
	{"ptrace", 101, 117},
	{"process_vm_readv", 310, 270},
	{"process_vm_writev", 311, 271},
	{"pidfd_getfd", 438, 438},
	{"kcmp", 312, 272},
	{"io_uring_setup", 425, 425},
	{"io_uring_enter", 426, 426},
	{"io_uring_register", 427, 427},
	{"unshare", 272, 97},
	{"setns", 308, 268},
	{"mount", 165, 40},
	{"umount2", 166, 39},
	{"open_tree", 428, 428},
	{"move_mount", 429, 429},
	{"fsopen", 430, 430},
	{"fsconfig", 431, 431},
	{"fsmount", 432, 432},
	{"fspick", 433, 433},
	{"mount_setattr", 442, 442},
	{"open_tree_attr", 467, 467},
	{"chroot", 161, 51},
	{"pivot_root", 155, 41},
	{"open_by_handle_at", 304, 265},
	{"bpf", 321, 280},
	{"perf_event_open", 298, 241},
	{"userfaultfd", 323, 282},
	{"add_key", 248, 217},
	{"request_key", 249, 218},
	{"keyctl", 250, 219},
	{"kexec_load", 246, 104},
	{"kexec_file_load", 320, 294},
	{"init_module", 175, 105},
	{"finit_module", 313, 273},
	{"delete_module", 176, 106},
	{"swapon", 167, 224},
	{"swapoff", 168, 225},
	{"reboot", 169, 142},
	{"settimeofday", 164, 170},
	{"clock_settime", 227, 112},
	{"clock_adjtime", 305, 266},
	{"adjtimex", 159, 171},
	{"sethostname", 170, 161},
	{"setdomainname", 171, 162},
	{"acct", 163, 89},
	{"quotactl", 179, 60},
	{"quotactl_fd", 443, 443},
	{"syslog", 103, 116},
	{"vhangup", 153, 58},
	{"fanotify_init", 300, 262},
	{"modify_ldt", 154, absent},
	{"iopl", 172, absent},
	{"ioperm", 173, absent},
	{"uselib", 134, absent},
}
