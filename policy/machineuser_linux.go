package policy

import (
	"fmt"
	"path"
	"path/filepath"
	"slices"

	"golang.org/x/sys/unix"
)

// An image often has a tool that only root can run: below /root, or of mode 0700. It then fails in production
// with few words. So opsh -t asks what the tool's user may do, by the mode bits.

// The permissions that are asked for.
const (
	mayRead    = 0o4
	mayExecute = 0o1
)

// may says that a process with t's identity has a permission. It is never the owner: the files are root's and
// the uid is the session's, unless the tool has its user's. What an access list says is the kernel's to know;
// where there is one, no fault is found.
func (a account) may(t *Tool, file string, st *unix.Stat_t, bit uint32) bool {
	switch {
	case t.ShareUID && st.Uid == a.uid:
		bit <<= 6
	case st.Gid == a.gid || slices.Contains(a.groups, st.Gid):
		bit <<= 3
	}
	if st.Mode&bit != 0 {
		return true
	}
	_, err := unix.Getxattr(file, "system.posix_acl_access", nil)
	return err == nil
}

// reach says what keeps a process with t's identity from a file: a directory above that it may not search, or
// the file's own mode. what is "execute", "read" or "enter".
func (a account) reach(t *Tool, file, what string, bit uint32) error {
	var above []string
	for dir := path.Dir(file); ; dir = path.Dir(dir) {
		above = append(above, dir)
		if dir == "/" || dir == "." {
			break
		}
	}
	slices.Reverse(above)
	for _, dir := range above {
		var st unix.Stat_t
		if err := unix.Stat(dir, &st); err != nil {
			return &fault{at: dir, err: err}
		}
		if !a.may(t, dir, &st, mayExecute) {
			return fmt.Errorf("the user %s may not %s %s: it lies below %s (mode %04o)", visible(t.User), what, visible(file), visible(dir), st.Mode&0o7777)
		}
	}
	var st unix.Stat_t
	if err := unix.Stat(file, &st); err != nil {
		return &fault{at: file, err: err}
	}
	if !a.may(t, file, &st, bit) {
		return fmt.Errorf("the user %s may not %s %s (mode %04o)", visible(t.User), what, visible(file), st.Mode&0o7777)
	}
	return nil
}

// mayRun: opsh-exec executes the resolved path; an interpreter opens the script by the policy's.
func (a account) mayRun(t *Tool, prog *program) error {
	if err := a.reach(t, prog.id.Path, "execute", mayExecute); err != nil || prog.script == nil {
		return err
	}
	if err := a.reach(t, prog.tool.Path, "read", mayRead); err != nil {
		return err
	}
	return a.reach(t, t.Path, "read", mayRead)
}

// mayStart is about a file that exec lists.
func (a account) mayStart(t *Tool, name string, id FileID) error {
	if err := a.reach(t, id.Path, "execute", mayExecute); err != nil {
		return fmt.Errorf("exec lists %s: %w", visible(name), err)
	}
	return nil
}

// mayEnter: opsh-exec enters the directory as root, where the tool then finds nothing.
func (a account) mayEnter(t *Tool) error {
	dir, err := filepath.EvalSymlinks(t.Dir)
	if err != nil {
		return fmt.Errorf("its dir: %w", err)
	}
	if err := a.reach(t, dir, "enter", mayExecute); err != nil {
		return fmt.Errorf("its dir: %w", err)
	}
	return nil
}
