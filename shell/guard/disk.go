package guard

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// mostScarce is where a disk is never called scarce, in bytes; a smaller one is when a twentieth is left.
const mostScarce = 512 << 20

// Scarce says that little is left of the disk that a directory is on; "" where that isn't so, or isn't known.
func Scarce(dir string) string {
	var st unix.Statfs_t
	if unix.Statfs(dir, &st) != nil {
		return ""
	}
	return scarce(st.Bavail*uint64(st.Bsize), st.Blocks*uint64(st.Bsize))
}

func scarce(free, all uint64) string {
	if all == 0 || free >= min(all/20, mostScarce) {
		return ""
	}
	return fmt.Sprintf("the disk that records are on has %d MiB left of %d: without room no command runs", free>>20, all>>20)
}
