//go:build unix

package settings

import (
	"fmt"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
)

// trusted says why somebody else could have written the file: it or its directory is another user's (other than root), or can be written by
// others, also where the sticky bit is set: they could link another of this user's files by that name. Directories further up need no look:
// who may rename what lies there still can't make a file and a directory of this user's.
func trusted(path string, f *os.File, _ string) error {
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if err := ours("it", info); err != nil {
		return err
	}
	dir := filepath.Dir(path)
	if info, err = os.Stat(dir); err != nil {
		return err
	}
	return ours("its directory", info)
}

func ours(what string, info os.FileInfo) error {
	s, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return fmt.Errorf("the owner of %s can't be told", what)
	}
	if uid := os.Geteuid(); int(s.Uid) != uid && s.Uid != 0 {
		return fmt.Errorf("%s belongs to uid %d, not to you (%d) or root; name the file with "+Variable+" if you mean it", what, s.Uid, uid)
	}
	if m := info.Mode().Perm(); m&0o002 != 0 || m&0o020 != 0 && !private(s.Gid) {
		return fmt.Errorf("%s can be written by its group or by others (mode %#o): chmod go-w it, or name the file with "+Variable+" if you mean it", what, m)
	}
	return nil
}

// private says whether the group is the user's own, named like them: where there are such groups, files are made writable by the group.
func private(gid uint32) bool {
	me, err := user.Current()
	if err != nil {
		return false
	}
	group, err := user.LookupGroupId(strconv.FormatUint(uint64(gid), 10))
	return err == nil && group.Name == me.Username
}
