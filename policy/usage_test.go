package policy

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestParseUsageAccepts(t *testing.T) {
	for _, line := range []string{
		"tool",
		"tool run",
		"tool db:migrate:status",
		"tool 2fa list-keys a/b.c,d@e%f+g=h",
		"tool - -- -",
		"tool -t",
		"tool [-t]",
		"tool [-t|--table]",
		"tool [-t | --table] [-N]",
		"tool -e SQL",
		"tool [-e SQL | --execute=SQL]",
		"tool [-e SQL | --execute SQL | --execute=SQL]",
		"tool --env=prod [--color | --color=WHEN]",
		"tool [--env=prod | --env=dev]",
		"tool [-v]... [-e SQL]... FILE",
		"tool -var FILE -XPOST -n5 -oX -?",
		"tool -DRAILS_ENV=production",
		"tool A B C",
		"tool A ARG...",
		"tool [ARG...]",
		"tool [A] [-v] -- B [C] -- D...",
		"tool [A] -e SQL",
		"tool A < SCRIPT",
		"tool [-t] [A] < A",
		"  tool   x  ",
	} {
		tool := &Tool{Name: "tool"}
		if r, errs := parseUsage(tool, line, Pos{1, 1}); r == nil || len(errs) > 0 {
			t.Errorf("%q: %v", line, errs)
		}
	}
}

// Each line has one caret line under it for every error that it must give, in order; what follows the
// caret must be part of the message or of the hint.
func TestParseUsageErrors(t *testing.T) {
	for _, c := range []struct {
		line  string
		marks []string
	}{
		{"", []string{"^ empty usage line"}},
		{"   ", []string{"^ empty usage line"}},
		{"toool -t", []string{"^ begin the usage line with toool"}},
		{"-t FILE", []string{"^ begin the usage line with -t"}},
		{"[-t]", []string{"^ begin the usage line"}},
		{"tool Run", []string{"     ^ read Run"}},
		{"tool _x", []string{"     ^ begins with a lower-case letter"}},
		{"tool RAILS_ENV=production", []string{"     ^ read RAILS_ENV=production"}},
		{"tool if=FILE", []string{"     ^ FILE in it isn't a placeholder"}},
		{"tool host:PORT", []string{"     ^ PORT in it isn't a placeholder"}},
		{"tool --bind=HOST:80", []string{"            ^ one placeholder, or has none"}},
		{"tool --set=key=VALUE", []string{"           ^ one placeholder, or has none"}},
		{"tool --env=", []string{"           ^ a value is missing"}},
		{"tool [runner]", []string{"      ^ read runner in brackets"}},
		{"tool [--] A", []string{"      ^ read -- in brackets"}},
		{"tool [-t -N]", []string{"         ^ write [-t] and what follows"}},
		{"tool [-e SQL DATABASE]", []string{"             ^ brackets hold one option"}},
		{"tool [--format json]", []string{`               ^ where.VALUE = ["json"]`}},
		{"tool [A B]", []string{"        ^ brackets hold one operand"}},
		{"tool [A | B]", []string{"        ^ brackets hold one operand"}},
		{"tool [[-t] -N]", []string{"      ^ there are no groups"}},
		{"tool []", []string{"     ^ nothing stands in it"}},
		{"tool [-t", []string{"     ^ never closed"}},
		{"tool -t]", []string{"       ^ no bracket is open"}},
		{"tool [-t |]", []string{"         ^ a spelling is missing"}},
		{"tool [| -t]", []string{"      ^ there are no groups"}},
		{"tool -t | --table", []string{"        ^ outside brackets"}},
		{"tool {a|b}", []string{"     ^ no groups"}}, // one mistake is one error
		{"tool (a)", []string{"     ^ no groups"}},
		{"tool [–t] [-t é] [-a | é] < é", []string{"      ^ write -", "              ^ words are made of", "                       ^ words are made of", "                            ^ words are made of"}},
		{"tool [A]...", []string{"     ^ write [A...]"}},
		{"tool A ...", []string{"       ^ right behind the placeholder"}},
		{"tool run...", []string{"        ^ only a placeholder or an option repeats"}},
		{"tool -v...", []string{"       ^ write [-v]..."}},
		{"tool -e SQL...", []string{"           ^ only an option in brackets repeats"}},
		{"tool [-v...]", []string{"        ^ write [-v]..."}},
		{"tool A…", []string{"      ^ write ..."}},
		{"tool –t", []string{"     ^ write -"}},
		{"tool\tx", []string{"    ^ separated by blanks"}},
		{"tool ---x", []string{"     ^ begins with a letter or a digit"}},
		{"tool -=x", []string{"     ^ begins with a letter or a digit"}},
		{"tool -eSQL", []string{"     ^ write -e SQL"}},
		{"tool --color[=WHEN]", []string{"            ^ [--color | --color=WHEN]"}},
		{"tool [-t][-N]", []string{"         ^ nothing separates it"}},
		{"tool 'a b'", []string{"     ^ without quotes", "         ^ without quotes"}},
		{"tool *.sql", []string{"     ^ no patterns"}},
		{"tool <script>", []string{"     ^ write SCRIPT"}},
		{"tool <the-script>", []string{"     ^ write THE_SCRIPT"}},
		{"tool (a", []string{"     ^ no groups"}},
		{"tool {a} {b}", []string{"     ^ no groups", "         ^ no groups"}},
		{"tool [A] B", []string{"         ^ behind [A]"}},
		{"tool [A] run", []string{"         ^ behind [A]"}},
		{"tool [A] -", []string{"         ^ behind [A]"}},
		{"tool A... B", []string{"          ^ behind A..."}},
		{"tool [A...] [-v] [B]", []string{"                 ^ behind [A...]"}},
		{"tool [A] -- [B] C", []string{"                ^ behind [B]"}},
		{"tool [-t] [-t]", []string{"          ^ use -t twice"}},
		{"tool [-t | --table] -v [--table]", []string{"                       ^ use --table twice"}},
		{"tool [--env=a] [--env=b]", []string{"               ^ use --env twice"}},
		{"tool [--env=a | --env=ENV]", []string{"     ^ the spelling stands"}},
		{"tool [-e | -e SQL]", []string{"     ^ the spelling stands"}},
		{"tool < A B", []string{"         ^ at the end of the line"}},
		{"tool <A", []string{"     ^ write < A"}},
		{"tool < ", []string{"     ^ a placeholder is missing"}},
		{"tool < x.sql", []string{"       ^ given by a placeholder"}},
		{"tool [< A]", []string{"      ^ there are no groups"}},
		{"tool A > B", []string{"       ^ output goes to the terminal only"}},
		{"tool é [-t -N] Run [x]", []string{"     ^ words are made of", "           ^ brackets hold one option", "               ^ read Run", "                    ^ read x in brackets"}},
	} {
		t.Run(c.line, func(t *testing.T) {
			const line, col = 7, 11
			r, errs := parseUsage(&Tool{Name: "tool"}, c.line, Pos{line, col})
			if r != nil || len(errs) == 0 {
				t.Fatal("accepted")
			}
			for i, e := range errs {
				at := e.Pos.Col - col
				got := strings.Repeat(" ", max(at, 0)) + "^ " + e.Msg + " (" + e.Hint + ")"
				if i >= len(c.marks) {
					t.Errorf("one error more than expected:\n%s\n%s", c.line, got)
					continue
				}
				caret, text, _ := strings.Cut(c.marks[i], "^ ")
				if e.Pos.Line != line || at != len(caret) || !strings.Contains(got, text) || !strings.HasPrefix(e.Msg, "cannot ") {
					t.Errorf("\n%s\n%s\nwant\n%s", c.line, got, c.marks[i])
				}
			}
			if len(errs) < len(c.marks) {
				t.Errorf("%d errors, want %d: %v", len(errs), len(c.marks), errs)
			}
		})
	}
}

func TestCheck(t *testing.T) {
	where := wheres{"A": anyWord(), "D": dashed(anyWord()), "FILE": file("/d", "")}
	for _, c := range []struct {
		line string
		col  int // 0: accepted
		text string
	}{
		{"tool D", 0, ""},
		{"tool D A [-v]", 0, ""},
		{"tool [-v] -- [D...]", 0, ""},
		{"tool -e D", 0, ""},
		{"tool [-e D | --execute=D] A", 0, ""},
		{"tool [-v] run D", 0, ""},
		{"tool A < FILE", 0, ""},
		{"tool [-v] D", 11, "next to options"},
		{"tool D [-v]", 6, "next to options"},
		{"tool [-v] [D...]", 11, "next to options"},
		{"tool [D...] -- A", 6, "in front of --"},
		{"tool D... -- A", 6, "in front of --"},
		{"tool D -- A", 0, ""},
		{"tool A < A", 10, "is not a path"},
	} {
		_, errs := buildTool("tool", clone(where), c.line)
		switch {
		case c.col == 0 && len(errs) > 0:
			t.Errorf("%s: %v", c.line, errs)
		case c.col > 0 && (len(errs) != 1 || errs[0].Pos.Col != c.col || !strings.Contains(errs[0].Msg, c.text) || errs[0].Hint == ""):
			t.Errorf("%s: %v, want column %d, %q", c.line, errs, c.col, c.text)
		}
	}
}

func TestPlaceholders(t *testing.T) {
	r, _ := parseUsage(&Tool{Name: "tool"}, "tool [-a B | --a=C] D [-b B] [E...] < F", Pos{1, 1})
	if got := fmt.Sprint(r.placeholders()); got != "[B C D E F]" {
		t.Error(got)
	}
}

// The largest policy is 4 MiB, and one line may be most of it.
func TestParseUsageWork(t *testing.T) {
	for _, piece := range []string{"[", "]", "[-t | ", "x ", "A ", "[A] ", "-- [A] ", "[-a=b | -a=c] ", "é", "...", "< ", "|", "[[]]", "-", "[-a]"} {
		text := "tool " + strings.Repeat(piece, 150_000)
		bounded(t, piece, func() {
			if _, errs := parseUsage(&Tool{Name: "tool"}, text, Pos{1, 1}); len(errs) > maxUsageErrors {
				t.Errorf("%q...: %d errors", piece, len(errs))
			}
		})
	}
	var b strings.Builder
	b.WriteString("tool [--x=0")
	for i := range 200_000 {
		fmt.Fprintf(&b, " | --o%d=A%d", i, i)
	}
	b.WriteString("]")
	bounded(t, "names", func() {
		if _, errs := parseUsage(&Tool{Name: "tool"}, b.String(), Pos{1, 1}); len(errs) > 0 {
			t.Error(errs[0])
		}
	})
}

func FuzzParseUsage(f *testing.F) {
	for _, s := range []string{"tool", "tool [-t | --table] -e SQL [DATABASE]", "tool [A...] -- B < C", "tool [[", "tool –t …", "tool [-v]... --x=Y"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		tool := &Tool{Name: "tool"}
		r, errs := parseUsage(tool, text, Pos{3, 5})
		if (r == nil) == (len(errs) == 0) {
			t.Fatalf("rule %v and errors %v", r, errs)
		}
		end := 5 + utf8.RuneCountInString(text)
		for i, e := range errs {
			if e.Pos.Line != 3 || e.Pos.Col < 5 || e.Pos.Col > end || !strings.HasPrefix(e.Msg, "cannot ") || i > 0 && e.Pos.Col < errs[i-1].Pos.Col {
				t.Fatalf("error %d of %v", i, errs)
			}
		}
		if r == nil {
			return
		}
		// What was accepted reads the same when it is written with one blank everywhere.
		again, errs := parseUsage(tool, strings.Join(strings.Fields(text), " "), Pos{1, 1})
		if again == nil || len(again.items) != len(r.items) || fmt.Sprint(again.placeholders()) != fmt.Sprint(r.placeholders()) {
			t.Fatalf("%q reads differently without the blanks: %v", text, errs)
		}
	})
}
