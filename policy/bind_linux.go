package policy

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"golang.org/x/sys/unix"
)

// The descriptors under which a tool finds the policy's file.NAMEs.
const (
	firstFile = 10
	lastFile  = 255
)

// binder makes one Grant.
type binder struct {
	policy  *Policy
	tool    *Tool
	seat    Seat
	account account
	grant   *Grant
	secrets map[string]string      // what was fetched, by name
	numbers map[string]int         // the descriptor of a file.NAME
	named   map[string]unix.Stat_t // the files that words name, each hashed once

	pathBytes    int
	contentBytes int64
}

func (p *Policy) bind(m *Match, s Seat) (_ *Grant, err error) {
	b := &binder{
		policy: p, tool: m.Tool, seat: s,
		grant: &Grant{tool: m.Tool, rule: m.Rule}, secrets: map[string]string{},
		numbers: map[string]int{}, named: map[string]unix.Stat_t{},
	}
	defer func() {
		if err != nil {
			b.grant.Close()
		}
	}()
	if err := b.machine(); err != nil {
		return nil, fmt.Errorf("cannot run %s: %w", m.Tool.Name, err)
	}
	words, err := b.words(m)
	if r := (*Refusal)(nil); errors.As(err, &r) {
		return nil, r
	}
	if err != nil {
		return nil, fmt.Errorf("cannot run %s: %w", m.Tool.Name, err)
	}
	for i, name := range slices.Sorted(maps.Keys(m.Tool.Files)) {
		b.numbers[name] = firstFile + i
	}
	if err := b.render(words); err != nil {
		return nil, fmt.Errorf("cannot run %s: %w", m.Tool.Name, err)
	}
	return b.grant, nil
}

// machine checks what doesn't depend on the words.
func (b *binder) machine() error {
	var err error
	if b.account, err = lookUp(b.tool.User); err != nil {
		return err
	}
	if b.grant.identity, err = b.identity(); err != nil {
		return err
	}
	prog, err := findProgram(b.tool.Path)
	if err != nil {
		return err
	}
	b.grant.program, b.grant.path, b.grant.argv = prog.id, prog.tool.Path, prog.argv
	if prog.script != nil {
		b.grant.hashes = append(b.grant.hashes, *prog.script)
	}
	if err := checkDir(b.tool.Dir); err != nil {
		return err
	}
	if b.tool.Exec.Mode == ExecList {
		if b.grant.execFiles, err = execFiles(b.tool.Exec.Paths); err != nil {
			return err
		}
	}
	return b.access(&prog)
}

// identity: the uid is the session's, so that two sessions' tools can't reach each other, unless the tool
// must have its user's own. Without root there is no choice: it is opsh's.
func (b *binder) identity() (Identity, error) {
	id := Identity{UID: b.seat.UID, GID: b.account.gid, Groups: b.account.groups}
	switch {
	case b.seat.SameUser && !b.policy.Session.SameUser:
		return id, errors.New("opsh isn't root, and the policy doesn't say same_user = true")
	case b.seat.SameUser:
		id.GID, id.Groups, id.Own = b.seat.GID, nil, true
	case b.tool.ShareUID:
		id.UID = b.account.uid
		if err := b.account.shares(b.policy.Session.UIDs, b.tool.User); err != nil {
			return id, err
		}
	}
	if id.UID == 0 || id.UID == noID {
		return id, fmt.Errorf("the session's uid is %d", id.UID)
	}
	if !b.seat.SameUser {
		return id, b.account.check(b.tool.User)
	}
	// Root's files are often writable by group 0. That opsh has it already makes it no tool's.
	if id.GID == 0 || id.GID == noID {
		return id, fmt.Errorf("the session's gid is %d", id.GID)
	}
	return id, nil
}

// checkDir: what is in it, and who may write there, is the tool's own matter.
func checkDir(dir string) error {
	var st unix.Stat_t
	if err := unix.Stat(dir, &st); err != nil {
		return fmt.Errorf("its dir %s: %w", visible(dir), err)
	}
	if st.Mode&unix.S_IFMT != unix.S_IFDIR {
		return fmt.Errorf("its dir %s is not a directory", visible(dir))
	}
	return nil
}

// words is the typed words behind the tool's name, with each file's absolute path in its place. It opens
// what stands behind <, too.
func (b *binder) words(m *Match) ([]string, error) {
	words := slices.Clone(m.Words)
	for _, f := range m.Fills {
		switch {
		case f.Word == len(m.Words):
			if err := b.input(f.Where, *m.Input); err != nil {
				return nil, b.blame(err, m, f)
			}
		case f.Where.Kind == WherePath:
			file, err := b.nameFile(f.Where, words[f.Word][f.Offset:])
			if err != nil {
				return nil, b.blame(err, m, f)
			}
			words[f.Word] = words[f.Word][:f.Offset] + file
		}
	}
	if m.Input != nil && b.grant.stdin == nil {
		return nil, errors.New("nothing was opened for <")
	}
	return words[1:], nil
}

// render fills in the templates: argv, the environment, the files. Secrets are fetched here, after
// everything else was found to be in order.
func (b *binder) render(words []string) error {
	for _, t := range b.tool.Insert {
		word, err := b.expand(t, false)
		if err != nil {
			return err
		}
		b.grant.argv = append(b.grant.argv, word)
	}
	b.grant.argv = append(b.grant.argv, words...)

	var err error
	if b.grant.env, err = b.environ(); err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(b.tool.Files)) {
		text, err := b.expand(b.tool.Files[name], true)
		if err != nil {
			return err
		}
		if b.numbers[name] > lastFile {
			return fmt.Errorf("it has more than %d files", lastFile-firstFile+1)
		}
		f, err := sealText(name, text, b.grant.identity.UID)
		if err != nil {
			return fmt.Errorf("file.%s: %w", name, err)
		}
		b.grant.files = append(b.grant.files, GrantFile{FD: b.numbers[name], File: f})
	}
	return nil
}

func devFD(n int) string { return "/dev/fd/" + strconv.Itoa(n) }
