package line

import (
	"errors"
	"flag"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"mvdan.cc/sh/v3/syntax"
)

var (
	differLines = flag.Int("differ.lines", 20000, "how many random lines to hold against the shells; a tenth as many lists of words")
	differSeed  = flag.Uint64("differ.seed", 1, "where the random lines begin")
)

// pieces is what random lines are made of: whatever a shell, a terminal or a person may trip over.
var pieces = strings.Split("' ' ' '' \" \" \" \\ \\ \\ $' $' ' \\n \\t \\\\ \\' \\\" \\x41 \\a \\e \\c \\1 \\u202e ; & | < < > ( ) $ ` * ? [ ] ~ { } # ! = += : , @ % ^ + - -- . / _ "+
	"{} {a,b} {1..3} a b c x 1 2 0 e n t u ab if then fi in do done case esac for while until time coproc function select [[ ]] let declare export eval exec "+
	"a=b a= =a b=~ ~root a=~ a:~ x[0]= 2< <( << <& <> && || $( ${ $x $1 $? $$ %1 !! !a !$ ^a^b ?( +( @( -e --x=y user@host 50% a#b "+
	"é 日本 ー データ か゛ ｶﾞ e\u0301 \u0301 \u3000 \u00a0 \u2018 \u2019 \u201c \u201d － ； ＜ ～ 。 ¥ 😀", " ")

// hidden is what may stand in no line.
var hidden = strings.Split("\u0085 \u00ad \u202e \u200b \ufe0f \U000e0041 \ufeff \u2028 \u3164 \ufffd \uffff \ue000 \x81 \xff \xe3\x81 \x00 \x1b \x7f \r \a", " ")

// randomLine is a line of random pieces; in every second one most of them are quoted, so that long lines too are accepted.
func randomLine(r *rand.Rand) string {
	var b strings.Builder
	tame := r.IntN(2) == 0
	for range 1 + r.IntN(14) {
		if tame && r.IntN(3) > 0 {
			q := []string{"'", "\"", "\\", " "}[r.IntN(4)]
			b.WriteString(q + pieces[r.IntN(len(pieces))] + strings.Trim(q, "\\"))
			continue
		}
		switch r.IntN(12) {
		case 0:
			if r.IntN(4) == 0 {
				b.WriteString(hidden[r.IntN(len(hidden))])
			}
		case 1, 2:
			b.WriteByte(' ')
		case 3:
			b.WriteString("\\\n")
		case 4:
			b.WriteByte("\n\t  "[r.IntN(4)])
		case 5: // a whole quotation: alone, random quotes seldom meet
			q := []string{"'", "'", "\"", "\"", "$'", "$'"}[r.IntN(6)]
			b.WriteString(q)
			for range r.IntN(4) {
				b.WriteString(pieces[r.IntN(len(pieces))])
			}
			b.WriteString(q[len(q)-1:])
		case 6, 7, 8:
			b.WriteByte("abx1~#=:!%^{}[]+-,@._\\'\"$"[r.IntN(25)])
		default:
			b.WriteString(pieces[r.IntN(len(pieces))])
		}
	}
	return b.String()
}

// TestRandomLines holds Split against bash, dash and mvdan.cc/sh: what it accepts, they split into the same words.
func TestRandomLines(t *testing.T) {
	r := rand.New(rand.NewPCG(*differSeed, 2))
	o := startOracles(t)
	accepted := 0
	for done := 0; done < *differLines && !t.Failed(); {
		var batch []sample
		for ; done < *differLines && len(batch) < 200; done++ {
			raw := randomLine(r)
			l, err := Split(raw)
			checkSplit(t, raw, l, err)
			if err == nil {
				accepted++
				batch = append(batch, sampleOf(raw, l))
			}
		}
		o.check(t, batch)
	}
	if accepted < *differLines/10 {
		t.Errorf("only %d of %d random lines were accepted: they test little", accepted, *differLines)
	}
	t.Logf("%d of %d lines accepted", accepted, *differLines)
}

// TestRandomWords holds Quote against a bash that expands history, and against Split.
func TestRandomWords(t *testing.T) {
	r := rand.New(rand.NewPCG(*differSeed, 3))
	bash := startPasted(t)
	for done := 0; done < *differLines/10 && !t.Failed(); {
		var batch [][]string
		for ; done < *differLines/10 && len(batch) < 200; done++ {
			var list []string
			for range 1 + r.IntN(4) {
				w := ""
				for range r.IntN(5) {
					w += pieces[r.IntN(len(pieces))]
				}
				switch r.IntN(8) {
				case 0:
					w += randomLine(r)
				case 1:
					w += hidden[r.IntN(len(hidden))] + "1"
				}
				list = append(list, w)
			}
			checkQuote(t, list...)
			batch = append(batch, list)
		}
		bash.checkPasted(t, batch)
	}
}

// oracles are the shells that Split is held against.
type oracles struct{ bash, posix, dash *shell }

func startOracles(t testing.TB) oracles {
	return oracles{
		bash:  start(t, found, "C.UTF-8", "bash", "--norc", "--noprofile", "-O", "nullglob", "-O", "extglob"),
		posix: start(t, "", "C", "bash", "--norc", "--noprofile", "--posix", "-O", "nullglob"),
		dash:  start(t, "", "C.UTF-8", "dash"),
	}
}

func (o oracles) check(t testing.TB, batch []sample) {
	t.Helper()
	o.bash.checkWords(t, batch)
	o.posix.checkWords(t, batch)
	o.bash.checkTool(t, batch)
	batch = slices.DeleteFunc(slices.Clone(batch), sample.dollar)
	o.dash.checkWords(t, batch)
	o.dash.checkTool(t, batch)
}

// checkSplit holds what is true of every line, accepted or not, and asks mvdan.cc/sh about an accepted one.
func checkSplit(t testing.TB, raw string, l Line, err error) {
	t.Helper()
	chars := []rune(raw)
	if err != nil {
		var e *Error
		if !errors.As(err, &e) {
			t.Fatalf("%q: %T is not an *Error", raw, err)
		}
		if len(l.Words) > 0 || l.Input != nil {
			t.Errorf("%q: words and an error", raw)
		}
		if e.Col < 0 || e.Col > len(chars)+1 || e.Col == 0 && len(raw) <= MaxBytes {
			t.Errorf("%q: column %d", raw, e.Col)
		}
		for _, c := range e.Error() + e.Hint {
			if c < ' ' || c > '~' {
				t.Errorf("%q: the message %q / %q isn't plain", raw, e.Error(), e.Hint)
			}
		}
		if e.Open && !closes(raw) {
			t.Errorf("%q: open, and nothing closes it", raw)
		}
		return
	}
	if !utf8.ValidString(raw) || strings.ContainsFunc(raw, forbidden) {
		t.Errorf("%q: accepted", raw)
	}
	all := l.Words
	if l.Input != nil {
		all = append(slices.Clone(all), *l.Input)
	}
	for _, w := range all {
		if w.Col < 1 || w.Col > len(chars) || w.Col > 1 && !strings.ContainsRune(" \n<", chars[w.Col-2]) {
			t.Errorf("%q: %q is not at column %d", raw, w.Text, w.Col)
		} else if c := chars[w.Col-1]; !w.Quoted && !strings.HasPrefix(w.Text, string(c)) {
			t.Errorf("%q: %q is not at column %d", raw, w.Text, w.Col)
		}
	}
	if err := parse(raw, l, syntax.LangBash); err != nil {
		t.Errorf("mvdan.cc/sh: %q: %v", raw, err)
	}
}

// closes reports whether more text makes the line whole.
func closes(raw string) bool {
	return slices.ContainsFunc([]string{"'", `"`, `""`, "x", "n'"}, func(more string) bool {
		_, err := Split(raw + more)
		return err == nil
	})
}
