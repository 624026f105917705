package line

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

func TestAllowed(t *testing.T) {
	o := startOracles(t)
	var all []sample
	for _, c := range allowed {
		l, err := Split(c.raw)
		if err != nil {
			t.Errorf("%q: %v", c.raw, err)
			continue
		}
		var got strings.Builder
		for _, w := range l.Words {
			got.WriteString("|" + w.Text)
		}
		if l.Input != nil {
			got.WriteString("<" + l.Input.Text)
		}
		if got.String() != c.want {
			t.Errorf("%q: %q, want %q", c.raw, got.String(), c.want)
		}
		checkSplit(t, c.raw, l, nil)
		all = append(all, sampleOf(c.raw, l))
	}
	o.check(t, all)
}

func TestRefused(t *testing.T) {
	for _, c := range refused {
		l, err := Split(c.raw)
		checkSplit(t, c.raw, l, err)
		var e *Error
		if !errors.As(err, &e) {
			t.Errorf("%.40q is accepted", c.raw)
			continue
		}
		if e.Col != c.col || e.Open || !strings.Contains(e.Msg, c.msg) || !strings.Contains(e.Hint, c.hint) {
			t.Errorf("%.40q:\n got  %d %q %q open %v\n want %d %q %q", c.raw, e.Col, e.Msg, e.Hint, e.Open, c.col, c.msg, c.hint)
		}
	}
}

func TestOpen(t *testing.T) {
	for _, c := range unclosed {
		l, err := Split(c.raw)
		checkSplit(t, c.raw, l, err)
		var e *Error
		if !errors.As(err, &e) || !e.Open || e.Col != c.col || !strings.Contains(e.Msg, c.msg) {
			t.Errorf("%q: %v, want %d %q, open", c.raw, err, c.col, c.msg)
		}
	}
	// An open quote with something bad in it will never close: the prompt must not ask for more.
	for _, raw := range []string{"mysql 'a\x1b", "mysql \"a$", "mysql '\u202e", "mysql; 'a"} {
		var e *Error
		if _, err := Split(raw); !errors.As(err, &e) || e.Open {
			t.Errorf("%q: %v is open", raw, err)
		}
	}
}

func TestColumns(t *testing.T) {
	l, err := Split("  mysql  '日本' 語 \"é\" \\\nx < 'ー'")
	if err != nil {
		t.Fatal(err)
	}
	got := ""
	for _, w := range append(slices.Clone(l.Words), *l.Input) {
		got += fmt.Sprintf("%d %s %v; ", w.Col, w.Text, w.Quoted)
	}
	if want := "3 mysql false; 10 日本 true; 15 語 false; 17 é true; 23 x false; 27 ー true; "; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// TestReserved asks bash for its own reserved words: it may learn new ones.
func TestReserved(t *testing.T) {
	out, err := exec.Command("bash", "-c", "compgen -k").Output()
	if err != nil {
		t.Fatal(err)
	}
	words := strings.Fields(string(out))
	if len(words) < 20 {
		t.Fatalf("bash has only these: %q", words)
	}
	for _, w := range words {
		if l, err := Split(w + " x"); err == nil {
			t.Errorf("%q is accepted: %v", w, l.Words)
		}
		if got := Quote(w, w); !strings.HasPrefix(got, "'"+w+"'") {
			t.Errorf("%q is written %s", w, got)
		}
	}
}

func TestMaxBytes(t *testing.T) {
	if _, err := Split(strings.Repeat("a", MaxBytes)); err != nil {
		t.Error(err)
	}
	if _, err := Split(strings.Repeat("a", MaxBytes+1)); err == nil {
		t.Error("a line over MaxBytes is accepted")
	}
}

// TestInputFile lets the shells open the file behind <: it must be the one that Split names.
func TestInputFile(t *testing.T) {
	dir := t.TempDir()
	for i, raw := range []string{"< plain", "<plain", "< 'a b'", `< a\ b`, `< "it's"`, "< 日本", "< a=b", "< if", "< a~", "< 50%", "< -x", "<\\\nx#y", `< '*'`} {
		l, err := Split("cat " + raw)
		if err != nil {
			t.Fatalf("%q: %v", raw, err)
		}
		want := fmt.Sprint(i)
		if err := os.WriteFile(dir+"/"+l.Input.Text, []byte(want), 0o600); err != nil {
			t.Fatal(err)
		}
		for _, sh := range []string{"bash", "dash"} {
			for _, text := range []string{raw, "< " + QuoteWord(l.Input.Text)} {
				cmd := exec.Command(sh, "-c", "cat "+text)
				cmd.Dir = dir
				if got, err := cmd.Output(); err != nil || string(got) != want {
					t.Errorf("%s: %q reads %q, %v; Split names %q", sh, text, got, err, l.Input.Text)
				}
			}
		}
	}
}

func TestComment(t *testing.T) {
	for raw, want := range map[string]bool{"": true, "  \t ": true, "# x": true, " \t#x": true, "mysql # x": false, "'#'": false, "\\#": false, "x": false, "\n": false} {
		if got := Comment(raw); got != want {
			t.Errorf("%q: %v", raw, got)
		}
	}
}
