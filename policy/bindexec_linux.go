package policy

import (
	"fmt"
	"os"
	"path"
	"strings"

	"golang.org/x/sys/unix"
)

// loaders is where dynamic loaders are; some are known by another name, too.
const loaders = "/lib64/ld-linux-x86-64.so.2 /lib/ld-linux-x86-64.so.2 /lib/ld-linux-aarch64.so.1 /lib/ld-linux-armhf.so.3 /lib/ld-linux.so.2" +
	" /lib/ld-musl-x86_64.so.1 /lib/ld-musl-aarch64.so.1 /lib/ld-musl-armhf.so.1 /lib/ld-musl-i386.so.1"

// execFiles checks what a tool may start. The loader refused shells by the names that the policy writes;
// here it is where those lead, and which files they are: /app/bin/tool may be a link to bash, or a hard one.
func execFiles(paths []string) ([]FileID, error) {
	known := launchers()
	out := make([]FileID, 0, len(paths))
	for _, name := range paths {
		id, err := execFile(name, known)
		if err != nil {
			return nil, err
		}
		out = append(out, id)
	}
	return out, nil
}

type inode struct{ dev, ino uint64 }

type launcherFile struct {
	path string
	size int64
}

// copied is the shell whose content a file has, "" where there is none. Only files of the same size are read: every command comes by here.
func copied(p *node, known map[inode]launcherFile) string {
	for _, k := range known {
		if k.size != p.st.Size {
			continue
		}
		shell, err := os.ReadFile(k.path)
		if err != nil {
			return k.path // it can't be told apart
		}
		if text, err := p.read(k.size); err != nil || text == string(shell) {
			return k.path
		}
	}
	return ""
}

func execFile(name string, known map[inode]launcherFile) (FileID, error) {
	p, head, err := executable(name)
	if err != nil {
		return FileID{}, fmt.Errorf("exec lists %s: %w", visible(name), err)
	}
	defer p.close()
	if why := launcher(p.path); why != "" {
		return FileID{}, fmt.Errorf("exec lists %s, which leads to %s: %s", visible(name), visible(p.path), why)
	}
	if shell, ok := known[inode{p.st.Dev, p.st.Ino}]; ok {
		return FileID{}, fmt.Errorf("exec lists %s, which is the same file as %s", visible(name), shell.path)
	}
	if shell := copied(&p, known); shell != "" {
		return FileID{}, fmt.Errorf("exec lists %s, which is a copy of %s", visible(name), shell)
	}
	if !isELF(head) {
		return FileID{}, fmt.Errorf("exec lists %s, which is no program: list a script's interpreter instead", visible(name))
	}
	return p.id(), nil
}

// launchers is this machine's shells, env, busybox and loaders, by what they are.
func launchers() map[inode]launcherFile {
	known := map[inode]launcherFile{}
	add := func(file string) {
		var st unix.Stat_t
		if unix.Stat(file, &st) == nil {
			known[inode{st.Dev, st.Ino}] = launcherFile{file, st.Size}
		}
	}
	for _, file := range strings.Fields(loaders) {
		add(file)
	}
	for _, name := range strings.Fields(shells) {
		add(path.Join("/usr/bin", name))
		add(path.Join("/bin", name))
	}
	return known
}
