package policy

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

// goodPolicy is what the files of testdata/broken were made from by one mistake each, or by a few.
const goodPolicy = `version = 1

[session]
prompt = "prod"

[audit]
when_down = "spool"

[tool.mysql]
path  = "/usr/bin/mysql"
user  = "ops"
allow = ["mysql [-t] -e SQL [DATABASE]"]
where.SQL      = "any"
where.DATABASE = ["app_production", "app_replica"]
`

// badPolicies are the policies of testdata/broken by name, and those that can't stand there as they are: bytes that git,
// editors and reviewers stumble over.
func badPolicies(t testing.TB) map[string]string {
	t.Helper()
	files, err := filepath.Glob("testdata/broken/*.toml")
	if err != nil {
		t.Fatal(err)
	}
	with := func(old, new string) string {
		if !strings.Contains(goodPolicy, old) {
			t.Fatalf("%q isn't in the policy", old)
		}
		return strings.Replace(goodPolicy, old, new, 1)
	}
	all := map[string]string{
		"made-empty":                       "",
		"made-blank":                       " \n\t\n",
		"made-binary":                      "\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x03\x00\x3e\x00\n\x00\xff\xfe\n",
		"made-too-large":                   goodPolicy + strings.Repeat("# 0123456789012\n", 5<<20/16),
		"made-utf-16":                      "\xff\xfev\x00e\x00r\x00",
		"made-shift-jis":                   with("[session]", "# \x96\x7b\x94\xd4\n[session]"),
		"made-byte-order-mark":             "\ufeff" + goodPolicy,
		"made-crlf":                        strings.ReplaceAll(with("path ", "pth "), "\n", "\r\n"),
		"made-cr-alone":                    strings.ReplaceAll(goodPolicy, "\n", "\r"),
		"made-control-in-a-value":          with(`"prod"`, "\"pr\x1b[31mod\""),
		"made-control-escaped-in-a-value":  with(`"prod"`, `"pr\u001b[31mod"`),
		"made-bidirectional-in-a-comment":  with(`user  = "ops"`, "user  = \"ops\" # \u202e toor"),
		"made-bidirectional-in-a-key":      with("user ", `"us\u202eer" `),
		"made-zero-width-in-a-key":         with("user ", "us\u200ber "),
		"made-joiner-in-a-value":           with(`"prod"`, "\"👩\u200d🚒\""),
		"made-zero-width-in-a-placeholder": with("where.SQL", "where.\"S\u200dQL\""),
		"made-nul-in-a-usage-line":         with("[DATABASE]\"", `[DATABASE] \u0000"`),
	}
	for _, file := range files {
		src, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		all[strings.TrimSuffix(filepath.Base(file), ".toml")] = string(src)
	}
	return all
}

// Mistakes that people make, and all that they see of them: it must be enough to mend the file.
func TestMistakesAsShown(t *testing.T) {
	mustLoad(t, goodPolicy)
	all := badPolicies(t)
	golden := func(name string) string { return filepath.Join("testdata/broken", name+".golden") }
	for name, src := range all {
		t.Run(name, func(t *testing.T) {
			_, err := Parse("policy.toml", []byte(src), split)
			if err == nil {
				t.Fatal("it loads")
			}
			got := err.Error() + "\n"
			if *update {
				if err := os.WriteFile(golden(name), []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden(name))
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
	// A mistake that was taken out of the tests must not leave its golden file.
	left, err := filepath.Glob(golden("*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range left {
		if _, ok := all[strings.TrimSuffix(filepath.Base(file), ".golden")]; !ok {
			t.Errorf("%s: there is no such mistake", file)
		}
	}
}

// wholeValue is a hint that shows the value as it should have been.
var wholeValue = regexp.MustCompile(`^(?:write|did you mean) ("[^"]*"|true|false|[0-9]+|\[".*"\]|\{ match = '[^']*' \})(?: without \w+| for this word alone|: its groups.*)?\??$`)

// A hint that shows the value is no guess: written there, the policy loads.
func TestHintsAreRight(t *testing.T) {
	tried := 0
	for name, src := range badPolicies(t) {
		var errs *Errors
		if _, err := Parse("policy.toml", []byte(src), split); !errors.As(err, &errs) || len(errs.List) != 1 {
			continue
		}
		e := errs.List[0]
		value := wholeValue.FindStringSubmatch(e.Hint)
		lines := strings.Split(src, "\n")
		line := []rune(lines[e.Pos.Line-1])
		if before := string(line[:e.Pos.Col-1]); value != nil && strings.HasSuffix(before, "= ") && !strings.Contains(before, "{") {
			lines[e.Pos.Line-1] = before + value[1]
			if _, err := Parse("policy.toml", []byte(strings.Join(lines, "\n")), split); err != nil {
				t.Errorf("%s: the hint %s leads to\n%v", name, e.Hint, err)
			}
			tried++
		}
	}
	if tried < 40 {
		t.Errorf("only %d hints show a value", tried)
	}
}

// inSight checks what holds for every mistake: each error's place lies inside the file, and nothing is printed that a
// terminal obeys or hides.
func inSight(t testing.TB, name string, src []byte) {
	t.Helper()
	_, err := Parse(name, src, split)
	var errs *Errors
	if err == nil {
		return
	}
	if !errors.As(err, &errs) || len(errs.List) == 0 {
		t.Fatalf("%T %v", err, err)
	}
	lines := strings.Split(string(src), "\n")
	for _, e := range errs.List {
		if e.Pos.Line < 1 || e.Pos.Line > len(lines) {
			t.Fatalf("line %d of %d: %s", e.Pos.Line, len(lines), e.Msg)
		}
		// The column behind the last character is where something is missing.
		if most := utf8.RuneCountInString(lines[e.Pos.Line-1]) + 1; e.Pos.Col < 1 || e.Pos.Col > most {
			t.Fatalf("line %d, column %d of %d: %s", e.Pos.Line, e.Pos.Col, most, e.Msg)
		}
		if !strings.HasPrefix(e.Msg, "cannot ") {
			t.Errorf("%q: errors read \"cannot X: why\"", e.Msg)
		}
	}
	for _, c := range err.Error() {
		if c != '\n' && (c == utf8.RuneError || unicode.IsControl(c) || unicode.In(c, unicode.Bidi_Control) || hidden(c)) {
			t.Fatalf("%U is printed: %q", c, err)
		}
	}
}

func TestMistakesAreInSight(t *testing.T) {
	for name, src := range badPolicies(t) {
		t.Run(name, func(t *testing.T) { inSight(t, "policy.toml", []byte(src)) })
	}
}

// Hostile text at every place of the policy: what a message repeats of it, and a hint corrects, stays text.
func TestHostileMistakesAreInSight(t *testing.T) {
	for _, hostile := range []string{"\x1b[31m", "\\u001b[31m", "\u202e", "\\u202e", "\u200d", "\ufe0f", "\xff", "\x00", "\r", "`", "“", "「", "\u3000", "＝", "\t", "{", "{secret.\\u202e}", "<\\u202e>", "'", `"`, `\`, "$", "[", "]", "..."} {
		for at := 0; at <= len(goodPolicy); at++ {
			inSight(t, "policy\u202e.toml", []byte(goodPolicy[:at]+hostile+goodPolicy[at:]))
		}
	}
}

// Half of a policy, or one without one of its characters, is a mistake of the same kinds.
func TestTornPoliciesAreInSight(t *testing.T) {
	for at := range goodPolicy {
		inSight(t, "policy.toml", []byte(goodPolicy[:at]))
		inSight(t, "policy.toml", []byte(goodPolicy[:at]+goodPolicy[at+1:]))
	}
}

func FuzzMistakes(f *testing.F) {
	for _, src := range badPolicies(f) {
		if len(src) < maxLine {
			f.Add([]byte(src))
		}
	}
	f.Fuzz(func(t *testing.T, src []byte) { inSight(t, "policy.toml", src) })
}
