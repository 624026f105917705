package guard

import (
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"opsh/shell/late"
)

// rules are the files that may be started, pinned when the guard starts.
type rules struct {
	opsh    string // the installed file's path
	opshID  fileID
	scripts []fileID
	shells  []file
	cats    []fileID
	pins    []*os.File // they keep the inodes from being given to other files
}

type file struct {
	path string
	id   fileID
}

// searched is where the image's programs lie, as the agent and its shell look for them.
var searched = [...]string{"/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"}

// newRules pins opsh, which must be there, and what the transcript is made with, as far as it is: what isn't won't be started. shell is
// the container's $SHELL, which script takes in place of /bin/sh.
func newRules(opsh, shell string) (*rules, error) {
	r := &rules{opsh: opsh}
	var err error
	if r.opshID, err = r.pin(opsh); err != nil {
		return nil, fmt.Errorf("cannot use %s: %w", opsh, err)
	}
	for _, dir := range searched {
		if id, err := r.pin(dir + "/script"); err == nil {
			r.scripts = append(r.scripts, id)
		}
		if id, err := r.pin(dir + "/cat"); err == nil {
			r.cats = append(r.cats, id)
		}
	}
	for _, s := range []string{"/bin/sh", shell} {
		if id, err := r.pin(s); err == nil && id != r.opshID {
			r.shells = append(r.shells, file{s, id})
		}
	}
	return r, nil
}

// pin opens a file that only root could have put there.
func (r *rules) pin(name string) (fileID, error) {
	if !path.IsAbs(name) {
		return fileID{}, errors.New("its path is not absolute")
	}
	f, err := os.Open(name)
	if err != nil {
		return fileID{}, err
	}
	var st unix.Stat_t
	if err := unix.Fstat(int(f.Fd()), &st); err != nil {
		f.Close()
		return fileID{}, err
	}
	if st.Mode&unix.S_IFMT != unix.S_IFREG || st.Uid != 0 || st.Mode&0o022 != 0 {
		f.Close()
		return fileID{}, errors.New("it must be a file of root's that nobody else may write to")
	}
	r.pins = append(r.pins, f)
	return fileID{uint64(st.Dev), st.Ino}, nil
}

// process is one that the guard holds.
type process struct {
	role    role
	from    role   // of a fork: what it was copied from
	direct  bool   // of a fork: what it was copied from had a program of its own
	session string // the session that it belongs to, "" before there is one
	spool   string // of the transcript step: what cat reads
}

// forked is a copy of p.
func (p *process) forked() *process {
	return &process{role: roleFork, from: p.role, direct: p.role != roleFork, session: p.session, spool: p.spool}
}

// verdict is what becomes of a process that has just become another program.
type verdict int

const (
	kill verdict = iota
	hold
	letGo
)

// judge says so, and if it is held, what it is from now on. why explains a kill.
func (r *rules) judge(p *process, i image) (v verdict, next *process, why string) {
	before := p.role
	if before == roleFork && p.direct {
		before = p.from
	} else if before == roleFork {
		return kill, nil, "a copy of a copy of the agent's process started it"
	}
	switch before {
	case roleAgent:
		if is, ok := agentRole(i.link); ok {
			return hold, &process{role: is, session: sessionOf(is, i.argv)}, ""
		}
		return kill, nil, "the agent may start only its own programs"
	case roleSession:
		if p.role != roleFork {
			return kill, nil, "the session's worker became another program itself"
		}
		return r.ofSession(p, i)
	case roleScript:
		if p.role == roleFork && slices.ContainsFunc(r.shells, func(f file) bool {
			return f.id == i.id && len(i.argv) == 3 && (i.argv[0] == f.path || i.argv[0] == path.Base(f.path))
		}) && i.argv[1] == "-c" && i.argv[2] == "cat "+p.spool {
			return hold, &process{role: roleShell, session: p.session, spool: p.spool}, ""
		}
	case roleShell:
		if slices.Contains(r.cats, i.id) && len(i.argv) == 2 && i.argv[0] == "cat" && i.argv[1] == p.spool {
			return hold, &process{role: roleCat, session: p.session, spool: p.spool}, ""
		}
	}
	return kill, nil, "the transcript of a session is made by script, sh and cat alone, as the agent starts them"
}

// ofSession judges what a session's worker has started.
func (r *rules) ofSession(p *process, i image) (verdict, *process, string) {
	switch {
	case i.id == r.opshID && i.link != r.opsh:
		return kill, nil, "it is opsh under another name"
	case i.id == r.opshID && !r.named(i.argv):
		return kill, nil, "it is opsh, but called otherwise"
	case i.id == r.opshID:
		return letGo, nil, ""
	case slices.Contains(r.scripts, i.id):
		if i.terminal {
			return kill, nil, "the agent makes a transcript without a terminal"
		}
		if spool, ok := transcript(p.session, i.argv); ok {
			return hold, &process{role: roleScript, session: p.session, spool: spool}, ""
		}
		return kill, nil, "it is not how the agent makes this session's transcript"
	}
	return kill, nil, "ECS Exec may start opsh and nothing else here"
}

// named says that opsh was called by its name: under another it would be somebody else's part.
func (r *rules) named(argv []string) bool {
	return len(argv) > 0 && (argv[0] == "opsh" || argv[0] == "-opsh" || argv[0] == r.opsh)
}

// A session's own files, as agent 3.3 names them: /var/lib/amazon/ssm/INSTANCE/session/orchestration/SESSION/PLUGIN/. The characters are such that no shell
// sees more in them than a path. Compiled when it is used: every opsh links it, and opshd alone asks it.
var spoolPath = late.Regexp(`\A(/var/lib/amazon/ssm/[A-Za-z0-9:_][A-Za-z0-9:_.-]*/session/orchestration/([A-Za-z0-9_][A-Za-z0-9_.-]*)/[A-Za-z_]+)/ipcTempFile\.log\z`)

// transcript says whether this is the transcript step of a session's, and what it reads.
func transcript(session string, argv []string) (spool string, ok bool) {
	if len(argv) != 4 || argv[0] != "script" || argv[2] != "-c" {
		return "", false
	}
	spool, ok = strings.CutPrefix(argv[3], "cat ")
	m := spoolPath().FindStringSubmatch(spool)
	if !ok || m == nil || session == "" || m[2] != session || argv[1] != filepath.Join(m[1], session+".log") {
		return "", false
	}
	return spool, true
}

// sessionOf is the session's id: a session worker's first argument.
func sessionOf(is role, argv []string) string {
	if is == roleSession && len(argv) > 1 {
		return argv[1]
	}
	return ""
}
