package policy

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"strings"

	"golang.org/x/sys/unix"
)

// program is a tool as it will be executed.
type program struct {
	id     FileID    // what is executed
	tool   FileID    // the tool's file: the same, or the script
	argv   []string  // how argv begins
	script *FileHash // nil unless it is a script
}

// findProgram checks a tool. A script is executed through its interpreter at once, as the kernel would:
// opsh-exec makes one exec only, and whether that one may happen is then known here.
func findProgram(name string) (program, error) {
	tool, head, err := executable(name)
	if err != nil {
		return program{}, err
	}
	defer tool.close()
	prog := program{id: tool.id(), tool: tool.id(), argv: []string{name}}
	if isELF(head) {
		return prog, nil
	}
	line, err := shebang(head)
	if err != nil {
		return program{}, fmt.Errorf("%s %w", visible(name), err)
	}
	if line.search {
		if line.interpreter, err = search(line.interpreter); err != nil {
			return program{}, fmt.Errorf("%s: its interpreter: %w", visible(name), err)
		}
	}
	interpreter, head, err := executable(line.interpreter)
	if err != nil {
		return program{}, fmt.Errorf("%s: its interpreter: %w", visible(name), err)
	}
	defer interpreter.close()
	if !isELF(head) {
		return program{}, fmt.Errorf("%s: its interpreter %s is no program but a script, too", visible(name), visible(line.interpreter))
	}
	prog.id = interpreter.id()
	prog.argv = append([]string{line.interpreter}, line.args...)
	prog.argv = append(prog.argv, name)
	hash, err := hashFile(&tool, io.Discard)
	if err != nil {
		return program{}, err
	}
	prog.script = &hash
	return prog, nil
}

// headSize is how much of a file the kernel looks at.
const headSize = 256

// executable resolves and checks a program's file and reads its beginning. The set-uid and set-gid bits
// are no fault: no_new_privs is set before every tool's exec, and the kernel then ignores them.
func executable(name string) (_ node, head []byte, err error) {
	p, err := resolveFile(name)
	if err != nil {
		return node{}, nil, err
	}
	defer func() {
		if err != nil {
			p.close()
		}
	}()
	if p.st.Mode&0o111 == 0 {
		return node{}, nil, fmt.Errorf("%s is not executable (mode %04o)", visible(p.path), p.st.Mode&0o7777)
	}
	f, err := p.open()
	if err != nil {
		return node{}, nil, err
	}
	defer func() { _ = f.Close() }()
	head = make([]byte, headSize)
	n, err := io.ReadFull(f, head)
	if err != nil && err != io.ErrUnexpectedEOF && err != io.EOF {
		return node{}, nil, &fault{at: p.path, err: err}
	}
	if demandsCapabilities(f) {
		return node{}, nil, &fault{at: p.path, why: "has file capabilities, which no tool gets, and the kernel doesn't execute it without them: remove them (setcap -r)"}
	}
	return p, head[:n], nil
}

func isELF(head []byte) bool { return bytes.HasPrefix(head, []byte("\x7fELF")) }

// interpreterLine is what a script's first line says.
type interpreterLine struct {
	interpreter string
	search      bool // it is a name to look for in toolPath
	args        []string
}

// shebang reads a script's first line as the kernel does: an interpreter, then one argument at most, blanks
// and all. The errors are clauses to stand behind the script's name.
func shebang(head []byte) (interpreterLine, error) {
	var l interpreterLine
	rest, ok := bytes.CutPrefix(head, []byte("#!"))
	if !ok {
		return l, errors.New("is neither a program nor a script with a #! line")
	}
	line, _, ended := strings.Cut(string(rest), "\n")
	if !ended && len(head) == headSize {
		return l, fmt.Errorf("has a #! line of more than %d bytes", headSize)
	}
	line = strings.Trim(line, " \t")
	if i := strings.IndexFunc(line, func(c rune) bool { return c < ' ' && c != '\t' || c == 0x7f }); i >= 0 {
		return l, fmt.Errorf("has the byte 0x%02X in its #! line", line[i])
	}
	name, arg := line, ""
	if i := strings.IndexAny(line, " \t"); i >= 0 {
		name, arg = line[:i], strings.TrimLeft(line[i:], " \t")
	}
	if name != "/usr/bin/env" && name != "/bin/env" {
		if !strings.HasPrefix(name, "/") {
			return l, errors.New("has no absolute path in its #! line")
		}
		l.interpreter = name
		if arg != "" {
			l.args = []string{arg}
		}
		return l, nil
	}
	// What env would do is done here: it would be a second exec, and takes options and variables.
	switch {
	case arg == "":
		return l, errors.New("names no interpreter behind env in its #! line")
	case strings.ContainsAny(arg, " \t=") || arg[0] == '-' || strings.Contains(arg, "/") && arg[0] != '/':
		return l, errors.New("has more than one name behind env in its #! line; write the interpreter's path and one argument at most")
	}
	l.interpreter, l.search = arg, !strings.HasPrefix(arg, "/")
	return l, nil
}

// search is the first file of that name in toolPath. One that may not be used isn't passed over: another
// one further on is not what the script's author gets.
func search(name string) (string, error) {
	for dir := range strings.SplitSeq(toolPath, ":") {
		file := path.Join(dir, name)
		var st unix.Stat_t
		if err := unix.Lstat(file, &st); err == nil {
			return file, nil
		} else if !errors.Is(err, unix.ENOENT) && !errors.Is(err, unix.ENOTDIR) {
			return "", &fault{at: file, err: err}
		}
	}
	return "", fmt.Errorf("there is no %s in %s", visible(name), toolPath)
}

// maxContentFile bounds what is read of a file that a command names, in bytes.
const maxContentFile = 1 << 30

var errTooLarge = fmt.Errorf("has more than %d bytes", maxContentFile)

// hashFile reads a file once, from one descriptor, into to and its hash. Afterwards the name must still
// lead to the same file, as it was: what is recorded is what the tool will find there.
func hashFile(p *node, to io.Writer) (FileHash, error) {
	if p.st.Size > maxContentFile {
		return FileHash{}, &fault{at: p.path, err: errTooLarge}
	}
	f, err := p.open()
	if err != nil {
		return FileHash{}, err
	}
	defer func() { _ = f.Close() }()
	sum := sha256.New()
	n, err := io.CopyBuffer(writer{to, sum}, reader{io.LimitReader(f, maxContentFile+1)}, make([]byte, min(p.st.Size+1, 256<<10)))
	switch {
	case err != nil:
		return FileHash{}, &fault{at: p.path, err: err}
	case n > maxContentFile:
		return FileHash{}, &fault{at: p.path, err: errTooLarge}
	}
	if err := p.same(f); err != nil {
		return FileHash{}, err
	}
	return FileHash{Path: p.path, SHA256: hex.EncodeToString(sum.Sum(nil))}, nil
}

// same compares the file as it was with the descriptor and with the name as they are now.
func (p *node) same(f *os.File) error {
	var now, named unix.Stat_t
	if unix.Fstat(int(f.Fd()), &now) != nil || unix.Lstat(p.path, &named) != nil ||
		!unchanged(&p.st, &now) || named.Dev != p.st.Dev || named.Ino != p.st.Ino {
		return &fault{at: p.path, err: errChanged}
	}
	return nil
}

func unchanged(before, now *unix.Stat_t) bool {
	return now.Dev == before.Dev && now.Ino == before.Ino && now.Size == before.Size &&
		now.Mtim == before.Mtim && now.Ctim == before.Ctim
}

// writer and reader hide what io.Copy would make of an *os.File: one plain loop over one buffer.
type writer struct{ a, b io.Writer }

func (w writer) Write(p []byte) (int, error) {
	if n, err := w.a.Write(p); err != nil {
		return n, err
	}
	return w.b.Write(p)
}

type reader struct{ io.Reader }
