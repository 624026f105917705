package line

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"mvdan.cc/sh/v3/expand"
	"mvdan.cc/sh/v3/syntax"
)

// The oracles: shells that say into which words they split a line. Each is one process that lives as long as its test.

// preamble makes a shell print the words it is given. Whatever else it could do with a line shows: globs match files
// or vanish, ~ is a home, and there is nothing to run.
const preamble = `PATH=/nonexistent HOME=/home/oracle
w() { printf '%s\0' "$#" "$@"; }
`

// found makes bash print the words of a command that it can't find.
const found = `command_not_found_handle() { w "$@"; }
`

// mark ends an answer. Split lets a control character into no word, and the tests of Quote don't use this one alone.
const mark = "\x01end\x01"

type shell struct {
	name string
	cmd  *exec.Cmd
	in   io.WriteCloser
	out  *bufio.Reader
}

// start starts a shell that reads its commands from standard input, in a directory whose files a glob would match.
func start(t testing.TB, setup, locale, name string, args ...string) *shell {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Fatalf("the oracle is missing: %v", err)
	}
	dir := t.TempDir()
	for _, file := range []string{"a", "b", "ab", "=a", "x"} {
		if err := os.WriteFile(dir+"/"+file, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s := &shell{name: name + " " + strings.Join(args, " ") + " " + locale, cmd: exec.Command(path, args...)}
	s.cmd.Dir = dir
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	s.cmd.Env = []string{"LC_ALL=" + locale}
	if s.in, err = s.cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	s.out = bufio.NewReader(out)
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		s.in.Close()
		s.kill()
		s.cmd.Wait() //nolint:errcheck // a shell's own status says nothing
	})
	s.send(preamble + setup)
	return s
}

// kill ends the shell with whatever it started: one left behind would hold the answers' pipe open.
func (s *shell) kill() {
	syscall.Kill(-s.cmd.Process.Pid, syscall.SIGKILL) //nolint:errcheck // it may have ended
}

func (s *shell) send(script string) {
	io.WriteString(s.in, script) //nolint:errcheck // a shell that is gone shows when its answer is read
}

// answers runs scripts, one after the other, and returns what each printed. A shell that dies fails the test.
func (s *shell) answers(t testing.TB, scripts []string) []string {
	t.Helper()
	go func() {
		var b strings.Builder
		for _, script := range scripts {
			b.WriteString(script + "\nprintf '\\001end\\001'\n")
		}
		s.send(b.String())
	}()
	late := time.AfterFunc(time.Minute, s.kill)
	defer late.Stop()
	answers := make([]string, len(scripts))
	for i := range answers {
		var b []byte
		for !strings.HasSuffix(string(b), mark) {
			part, err := s.out.ReadBytes(1)
			if b = append(b, part...); err != nil {
				t.Fatalf("%s is gone at %q", s.name, scripts[i])
			}
		}
		answers[i] = strings.TrimSuffix(string(b), mark)
	}
	return answers
}

// eval is a script that gives text to the shell's own parser whatever it holds. The blank keeps - from being eval's option;
// without /dev/null a line that runs something by mistake would eat the scripts behind it.
func eval(text string) string {
	return "eval ' " + strings.ReplaceAll(text, "'", `'\''`) + "' </dev/null"
}

// words is what w prints for them.
func words(want []string) string {
	return strconv.Itoa(len(want)) + "\x00" + strings.Join(append(slices.Clone(want), ""), "\x00")
}

// sample is a line that Split accepts, with the words it makes of it.
type sample struct {
	raw   string // without the <, so that a shell hands the file's name to the command like a word
	words []string
}

func sampleOf(raw string, l Line) sample {
	s := sample{raw: raw}
	for _, w := range l.Words {
		s.words = append(s.words, w.Text)
	}
	if l.Input != nil {
		s.words = append(s.words, l.Input.Text)
		before := string([]rune(raw)[:l.Input.Col-1])
		at := strings.LastIndexByte(before, '<')
		s.raw = raw[:at] + " " + raw[at+1:]
	}
	return s
}

// dollar reports whether a line may hold $'…', which dash doesn't know.
func (s sample) dollar() bool { return strings.Contains(s.raw, "$'") }

// runs reports whether the line can be given to a shell as it is: it starts nothing that the machine or the shell has.
func (s sample) runs() bool {
	return len(s.words) > 0 && !strings.HasPrefix(s.words[0], "%") && // a job of bash's, also in quotes
		!strings.Contains(s.words[0], "/") && !strings.Contains(builtins, " "+s.words[0]+" ")
}

const builtins = ` . : [ alias bg bind break builtin caller cd chdir command compgen complete compopt continue declare dirs disown
 echo enable eval exec exit export false fc fg getopts hash help history jobs kill let local logout mapfile popd printf pushd
 pwd read readarray readonly return set shift shopt source suspend test times trap true type typeset ulimit umask unalias
 unset wait w command_not_found_handle `

// checkWords asks a shell for the words of each sample, behind a command of its own.
func (s *shell) checkWords(t testing.TB, samples []sample) {
	t.Helper()
	var scripts []string
	for _, one := range samples {
		scripts = append(scripts, eval("w "+one.raw))
	}
	for i, got := range s.answers(t, scripts) {
		if want := words(samples[i].words); got != want {
			t.Errorf("%s: %q\n Split %q\n shell %q", s.name, samples[i].raw, want, got)
		}
	}
}

// checkTool asks a shell for the words of each sample with the first one in the tool's place, where shells look for more.
func (s *shell) checkTool(t testing.TB, samples []sample) {
	t.Helper()
	var scripts []string
	var asked []sample
	for _, one := range samples {
		if one.runs() {
			asked = append(asked, one)
			scripts = append(scripts, eval(one.raw)+" 2>&1")
		}
	}
	dash := strings.HasPrefix(s.name, "dash")
	for i, got := range s.answers(t, scripts) {
		want := words(asked[i].words)
		ok := got == want
		if dash { // which names what it can't find, and nothing else
			want = "eval: " + asked[i].words[0] + ": not found\n"
			_, said, _ := strings.Cut(got, " ") // its path, then the line's number
			_, said, _ = strings.Cut(said, " ")
			ok = said == want
		}
		if !ok {
			t.Errorf("%s: %q\n Split %q\n shell %q", s.name, asked[i].raw, want, got)
		}
	}
}

// declares are no plain commands to mvdan.cc/sh. To bash they are builtins, which get their words like others.
var declares = []string{"declare", "export", "let", "local", "nameref", "readonly", "typeset"}

// parse asks mvdan.cc/sh: the line must be one plain command, its words the same.
func parse(raw string, l Line, lang syntax.LangVariant) error {
	if strings.Contains(raw, "\\\\\\\n") {
		return nil // a bug of this parser's: it keeps the newline of \\ and a continuation behind it; sh and bash don't
	}
	if len(l.Words) > 0 && slices.Contains(declares, l.Words[0].Text) {
		l.Words = append([]Word{{Text: "w"}}, l.Words...)
		return parse("w "+raw, l, lang)
	}
	f, err := syntax.NewParser(syntax.Variant(lang)).Parse(strings.NewReader(raw), "")
	switch {
	case err != nil:
		return err
	case len(f.Stmts) == 0 && len(l.Words) == 0 && len(f.Last) == 0:
		return nil
	case len(f.Stmts) != 1 || len(f.Last) > 0:
		return fmt.Errorf("%d commands", len(f.Stmts))
	}
	st := f.Stmts[0]
	call, ok := st.Cmd.(*syntax.CallExpr)
	switch {
	case !ok:
		return fmt.Errorf("not a plain command: %T", st.Cmd)
	case len(call.Assigns) > 0 || st.Negated || st.Background || st.Coprocess || len(st.Comments) > 0:
		return fmt.Errorf("more than a plain command")
	}
	args := call.Args
	var want []string
	for _, w := range l.Words {
		want = append(want, w.Text)
	}
	switch {
	case l.Input == nil && len(st.Redirs) > 0 || l.Input != nil && len(st.Redirs) != 1:
		return fmt.Errorf("%d redirections", len(st.Redirs))
	case l.Input != nil:
		if r := st.Redirs[0]; r.Op != syntax.RdrIn || r.N != nil {
			return fmt.Errorf("redirection %v", r.Op)
		}
		args = append(slices.Clone(args), st.Redirs[0].Word)
		want = append(want, l.Input.Text)
	}
	got, err := expand.Fields(&expand.Config{Env: expand.ListEnviron("HOME=/home/oracle"), ReadDir2: nil}, args...)
	if err != nil {
		return err
	}
	if !slices.Equal(got, want) {
		return fmt.Errorf("words %q, Split %q", got, want)
	}
	return nil
}
