package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"

	"opsh/test/fixture"
)

const (
	benchPrompt = "bench> "
	toolUser    = fixture.User
)

// tools are what the programs run. They are copies: sudo's tags go by directory, and bash has a true of its own that starts nothing.
var tools = map[string]string{"trivial": "/usr/bin/true", "head": "/usr/bin/head", "seq": "/usr/bin/seq", "cat": "/usr/bin/cat", "system": "/usr/bin/uname", "bash": "/usr/bin/bash"}

// place is where everything lies that a run needs.
type place struct {
	dir      string
	opsh     fixture.Place
	off      fixture.Place // an opsh that doesn't record sessions
	rc       string        // what bash and dash read before their first prompt
	lines    string        // a file of lines, size bytes
	size     int64
	greeting string // a file of one line
	remove   func()

	scratched int
}

const policyHead = `version = 1
[session]
origin = "any"
uids = "` + fixture.BenchUIDs + `"
[audit]
when_down = "spool"
`

// newPlace builds opsh and makes the tools, the files and the configurations.
func newPlace(quick bool) (*place, error) {
	dir, remove, err := fixture.Dir("bench")
	if err != nil {
		return nil, err
	}
	p := &place{dir: dir, remove: remove, rc: filepath.Join(dir, "rc"), lines: filepath.Join(dir, "lines"), size: 200_000_000}
	if quick {
		p.size /= 20
	}
	if err := p.fill(); err != nil {
		remove()
		return nil, err
	}
	return p, nil
}

func (p *place) fill() error {
	var err error
	if p.opsh, err = fixture.Install(p.dir); err != nil {
		return err
	}
	off := filepath.Join(p.dir, "off")
	if err := os.Mkdir(off, 0o755); err != nil {
		return err
	}
	if p.off, err = fixture.Install(off); err != nil {
		return err
	}
	// bin holds opsh too.
	for _, d := range []string{"bin", "plain", "noexec", "logged", "scratch"} {
		if err := os.MkdirAll(filepath.Join(p.dir, d), 0o755); err != nil {
			return err
		}
		for name, from := range tools {
			if text, err := os.ReadFile(from); err != nil {
				return err
			} else if err := os.WriteFile(filepath.Join(p.dir, d, name), text, 0o755); err != nil {
				return err
			}
		}
	}
	text := strings.Repeat("0123456789", 7) + "abcdefghi\n"
	if err := os.WriteFile(p.lines, bytes.Repeat([]byte(text), int(p.size)/len(text)), 0o644); err != nil {
		return err
	}
	p.greeting = filepath.Join(p.dir, "greeting")
	if err := os.WriteFile(p.greeting, []byte("go ahead\n"), 0o644); err != nil {
		return err
	}
	rc := fmt.Sprintf("PS1='%s' PATH='%s/bin'\n", benchPrompt, p.dir)
	if err := os.WriteFile(p.rc, []byte(rc), 0o644); err != nil {
		return err
	}
	if err := p.opsh.WritePolicy(policyHead + p.toolPolicy()); err != nil {
		return err
	}
	if err := p.off.WritePolicy(strings.Replace(policyHead, fixture.BenchUIDs, fixture.BenchOffUIDs, 1) + "recordings = \"off\"\n" + p.toolPolicy()); err != nil {
		return err
	}
	return p.configure()
}

// toolPolicy permits what the programs are made to do.
func (p *place) toolPolicy() string {
	text := ""
	for _, t := range []struct{ name, usage, where string }{
		{"trivial", "trivial", ""},
		{"system", "system", ""},
		{"head", "head -c COUNT FILE", fmt.Sprintf("where.COUNT = { int = [1, 1000000000] }\nwhere.FILE = [%q]\n", p.lines)},
		{"seq", "seq COUNT", "where.COUNT = { int = [1, 1000000000] }\n"},
		{"cat", `cat FILE", "cat FILE -`, fmt.Sprintf("where.FILE = [%q, %q]\n", p.lines, p.greeting)},
	} {
		text += fmt.Sprintf("[tool.%s]\npath = %q\nuser = %q\nallow = [\"%s\"]\n%s", t.name, filepath.Join(p.dir, "bin", t.name), toolUser, t.usage, t.where)
	}
	return text
}

// configure puts a copy of /etc over /etc, for this process and its children alone, and there configures sudo and doas.
func (p *place) configure() error {
	ours, theirs := namespace("self"), namespace("1")
	if ours == "" || ours == theirs {
		return errors.New("cannot configure sudo and doas: this process has the machine's own mounts")
	}
	etc := filepath.Join(p.dir, "etc")
	if out, err := exec.Command("cp", "-a", "/etc/.", etc).CombinedOutput(); err != nil {
		return fmt.Errorf("cannot copy /etc: %w\n%s", err, out)
	}
	sudoers := fmt.Sprintf(`Defaults iolog_dir=%[1]s/scratch/sudo-io, !syslog, logfile=%[1]s/scratch/sudo.log
root ALL=(%[2]s) NOPASSWD: %[1]s/plain/*
root ALL=(%[2]s) NOPASSWD:NOEXEC: %[1]s/noexec/*
root ALL=(%[2]s) NOPASSWD:LOG_INPUT:LOG_OUTPUT: %[1]s/logged/*
`, p.dir, toolUser)
	for name, f := range map[string]struct {
		text string
		mode os.FileMode
	}{
		"sudoers.d/opsh-bench": {sudoers, 0o440},
		"doas.conf":            {fmt.Sprintf("permit nopass root as %s\n", toolUser), 0o600},
	} {
		path := filepath.Join(etc, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		os.Remove(path) //nolint:errcheck // as a rule it isn't there
		if err := os.WriteFile(path, []byte(f.text), f.mode); err != nil {
			return err
		}
	}
	// tlog wants to note its session in utmp, and fails where there is none, as in a container.
	state := filepath.Join(p.dir, "run")
	if err := errors.Join(os.Mkdir(state, 0o755), os.WriteFile(filepath.Join(state, "utmp"), nil, 0o644)); err != nil {
		return err
	}
	if err := errors.Join(unix.Mount(etc, "/etc", "", unix.MS_BIND, ""), unix.Mount(state, "/run", "", unix.MS_BIND, "")); err != nil {
		return fmt.Errorf("cannot put a configuration in place: %w", err)
	}
	return nil
}

// namespace names the mounts that a process has.
func namespace(pid string) string {
	name, _ := os.Readlink("/proc/" + pid + "/ns/mnt") //nolint:errcheck // empty is seen
	return name
}

// scratch is a file that a program writes, another one each time: of many at once some remove what is there first.
func (p *place) scratch(name string) string {
	p.scratched++
	return filepath.Join(p.dir, "scratch", fmt.Sprintf("%s-%d", name, p.scratched))
}

// clear takes away what programs have recorded: no run shall append to another's, and 200 MB each would fill the disk.
func (p *place) clear() error {
	dir := filepath.Join(p.dir, "scratch")
	for _, d := range []string{dir, filepath.Join(p.opsh.State, "recording"), filepath.Join(p.off.State, "recording")} {
		if err := os.RemoveAll(d); err != nil {
			return err
		}
	}
	return os.Mkdir(dir, 0o755)
}

// environ is what every program gets.
func (p *place) environ() []string {
	return []string{
		"PATH=" + filepath.Join(p.dir, "bin") + ":" + os.Getenv("PATH"), "TERM=xterm-256color", "LANG=C.UTF-8", "SHELL=/bin/sh", "HOME=" + p.dir,
		"PS1=" + benchPrompt, "ENV=" + p.rc, "ASCIINEMA_CONFIG_HOME=" + p.dir,
	}
}
