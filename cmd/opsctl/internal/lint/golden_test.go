package lint

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"opsh/policy"
	"opsh/shell/answer"
)

var update = flag.Bool("update", false, "write the golden files anew")

// TestGolden: what a person sees of policies that load and are dangerous. Those whose names end in -good are the same tools, held to what is
// meant; nothing is said of them. What people see of mistakes, package policy holds.
func TestGolden(t *testing.T) {
	files, err := filepath.Glob("testdata/check/*.toml")
	if err != nil || len(files) < 25 {
		t.Fatal(len(files), err)
	}
	seen := map[string]bool{}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".toml")
		t.Run(name, func(t *testing.T) {
			src, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			r := Check("policy.toml", src, answer.Split)
			for _, f := range r.Findings {
				seen[f.Rule] = true
			}
			got := r.Text() + r.Summary() + "\n"
			golden := strings.TrimSuffix(file, ".toml") + ".golden"
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
			if good := strings.HasSuffix(name, "-good"); r.Errors() > 0 || good != (r.Warnings() == 0) {
				t.Errorf("%d errors, %d warnings", r.Errors(), r.Warnings())
			}
		})
	}
	for _, rule := range Rules() {
		if !seen[rule.ID] && rule.ID != mistake {
			t.Errorf("no policy shows %s", rule.ID)
		}
	}
}

// TestMistakes: all of package policy's mistakes are there, in their words and at their places, beside the warnings about what could be read.
func TestMistakes(t *testing.T) {
	const src = "version = 1\naudit.when_down = \"spool\"\n[tool.bash]\npath = \"/bin/bash\"\nuser = \"root\"\ntimeot = \"5m\"\nallow = [\"bash [-c COMMAND\"]\n"
	r := Check("policy.toml", []byte(src), answer.Split)
	_, err := policy.Parse("policy.toml", []byte(src), answer.Split)
	all, ok := err.(*policy.Errors)
	if !ok || r.Errors() != len(all.List) || len(all.List) != 3 {
		t.Fatalf("%d mistakes: %v", r.Errors(), err)
	}
	n := 0
	for _, f := range r.Findings {
		if f.Error() {
			if e := all.List[n]; f.At != e.Pos || f.Text != e.Msg || f.Hint != e.Hint {
				t.Errorf("%+v, want %+v", f, e)
			}
			n++
		} else if f.Rule != "shell-tool" {
			t.Errorf("%s: %s", f.Rule, f.Text)
		}
	}
	if r.Warnings() != 1 {
		t.Errorf("%d warnings", r.Warnings())
	}
	for _, src := range []string{"", "\xff", "version = 1", "[[[", strings.Repeat("[", 1<<16)} {
		if r := Check("p", []byte(src), answer.Split); r.Errors() == 0 {
			t.Errorf("%.10q loads", src)
		}
	}
}
