package policy

import (
	"encoding/binary"
	"os"

	"golang.org/x/sys/unix"
)

// demandsCapabilities says that the kernel answers an exec of the file with EPERM and nothing more: it has
// capabilities (ping is such a program on some systems) that are marked effective, and a process whose
// bounding set is empty can't have them. Ones that are only permitted are left out in silence, and so are
// all of them on a file system that is mounted nosuid. All of this was tried on Linux 6.18.
func demandsCapabilities(f *os.File) bool {
	attr := make([]byte, 64) // struct vfs_ns_cap_data has 24 bytes
	n, err := unix.Fgetxattr(int(f.Fd()), "security.capability", attr)
	if err != nil || !effective(attr[:n]) {
		return false
	}
	var fs unix.Statfs_t
	return unix.Fstatfs(int(f.Fd()), &fs) != nil || fs.Flags&unix.ST_NOSUID == 0
}

// effective reads struct vfs_cap_data: flags, then permitted and inheritable, once in its first version and
// twice since.
func effective(attr []byte) bool {
	const flagEffective = 1
	word := func(i int) uint32 {
		if len(attr) < 4*i+4 {
			return 0
		}
		return binary.LittleEndian.Uint32(attr[4*i:])
	}
	return word(0)&flagEffective != 0 && (word(1) != 0 || word(3) != 0)
}
