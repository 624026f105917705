package policy

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

// noID is -1, which the kernel takes for "leave it as it is".
const noID = 1<<32 - 1

// account is what a machine knows of a user.
type account struct {
	uid, gid uint32
	home     string
	groups   []uint32 // without gid, sorted
}

// parseAccount finds a user in the texts of /etc/passwd and /etc/group. os/user asks the C library where it
// can, which asks whatever nsswitch.conf names; a tool's identity comes from these two files only.
func parseAccount(passwd, group, name string) (account, error) {
	var a account
	found := false
	for line := range strings.SplitSeq(passwd, "\n") {
		f := strings.Split(line, ":")
		if f[0] != name {
			continue
		}
		if len(f) != 7 {
			return a, fmt.Errorf("/etc/passwd: the line of %s has %d fields, not 7", visible(name), len(f))
		}
		uid, err := parseID(f[2])
		if err != nil {
			return a, fmt.Errorf("/etc/passwd: the uid of %s: %w", visible(name), err)
		}
		gid, err := parseID(f[3])
		if err != nil {
			return a, fmt.Errorf("/etc/passwd: the gid of %s: %w", visible(name), err)
		}
		a.uid, a.gid, a.home, found = uid, gid, f[5], true
		break
	}
	if !found {
		return a, fmt.Errorf("there is no user %s in /etc/passwd", visible(name))
	}
	if a.home == "" {
		a.home = "/"
	}
	for line := range strings.SplitSeq(group, "\n") {
		f := strings.Split(line, ":")
		if len(f) != 4 || !slices.Contains(strings.Split(f[3], ","), name) {
			continue
		}
		gid, err := parseID(f[2])
		if err != nil {
			return a, fmt.Errorf("/etc/group: the gid of %s: %w", visible(f[0]), err)
		}
		if gid != a.gid {
			a.groups = append(a.groups, gid)
		}
	}
	slices.Sort(a.groups)
	a.groups = slices.Compact(a.groups)
	return a, nil
}

func parseID(s string) (uint32, error) {
	n, err := strconv.ParseUint(s, 10, 32)
	if err != nil || n == noID {
		return 0, fmt.Errorf("%q isn't one", s)
	}
	return uint32(n), nil
}

// check: root's files are often writable by group 0, and opsh's own are root's.
func (a account) check(name string) error {
	switch {
	case a.uid == 0:
		return fmt.Errorf("the user %s is root: its uid is 0", visible(name))
	case a.gid == 0:
		return fmt.Errorf("the user %s is in root's group: its gid is 0", visible(name))
	case slices.Contains(a.groups, 0):
		return fmt.Errorf("the user %s is in root's group, gid 0", visible(name))
	}
	return nil
}

// shares: a session ends, reads and is read by whatever has its uid, and would take a shared tool for its own.
func (a account) shares(sessions UIDRange, name string) error {
	if sessions.First <= a.uid && a.uid <= sessions.Last {
		return fmt.Errorf("the user %s has uid %d, which session.uids keeps for sessions: share_uid needs another", visible(name), a.uid)
	}
	return nil
}

// maxAccounts bounds /etc/passwd and /etc/group.
const maxAccounts = 8 << 20

func lookUp(name string) (account, error) {
	passwd, err := readTrusted("/etc/passwd", maxAccounts)
	if err != nil {
		return account{}, err
	}
	group, err := readTrusted("/etc/group", maxAccounts)
	if err != nil {
		return account{}, err
	}
	return parseAccount(passwd, group, name)
}

// readTrusted reads a file that only root can write.
func readTrusted(name string, most int64) (string, error) {
	p, err := resolveFile(name)
	if err != nil {
		return "", err
	}
	defer p.close()
	return p.read(most)
}

// read is the whole content of a file of at most so many bytes.
func (p *node) read(most int64) (string, error) {
	f, err := p.open()
	if err != nil {
		return "", err
	}
	defer func() { _ = f.Close() }()
	text, err := io.ReadAll(io.LimitReader(f, most+1))
	if err != nil {
		return "", err
	}
	if int64(len(text)) > most {
		return "", fmt.Errorf("%s has more than %d bytes", visible(p.path), most)
	}
	return string(text), nil
}
