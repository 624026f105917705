package prompt

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestCompletion(t *testing.T) {
	var asked []string
	words := map[string][]string{
		"":         {"mysql", "mysqldump", "rails", "help"},
		"mysql":    {"-e", "--execute=", "--silent", "--skip-names", "app_production", "app_replica", "has blank", "日本", "日中"},
		"mysql -e": {"bidi\u202eword"},
	}
	y := newTypist(t, 40, 12, func(o *Options) {
		o.Complete = func(before []string, prefix string) []string {
			asked = append(slices.Clone(before), prefix)
			return words[strings.Join(before, " ")]
		}
	})
	y.types("r\t").sees("> rails |").types("\x15my\t").sees("> mysql|").types("\t").sees("> mysql|")
	y.types("\t").sees("> mysql", "mysql      mysqldump", "> mysql|").types(" app_\t\t").
		sees("> mysql", "mysql      mysqldump", "> mysql app_", "app_production  app_replica", "> mysql app_|")
	y.types("p\x0c\t").sees("> mysql app_production |").types("\x15\x0c mysql --e\t").sees(">  mysql --execute=|")
	y.types("\x15mysql 日\t\t").sees("> mysql 日", "日本  日中", "> mysql 日|")
	y.types("\x0c\x15mysql h\t\t\t").sees("> mysql has", "has blank", "> mysql has|") // the rest needs quotes
	y.types("\x0c\x15mysql -e b\t\t\t").sees("> mysql -e bidi", "bidi<U+202E>word", "> mysql -e bidi|")
	y.types("\x0c\x15r x\x02\x02\t").sees("> rails| x").types("\x15\x0bxyz\t").sees("> xyz|")
	for line, want := range map[string][]string{
		"mysql 'a b' \"c d\" e\\ f g": {"mysql", "a b", "c d", "e f", "g"},
		"mysql ''  x":                 {"mysql", "", "x"},
		"":                            {""}, "a ": {"a", ""},
	} {
		y.types("\x15" + line + "\t").does(func() {
			if !slices.Equal(asked, want) {
				t.Errorf("%s: %q", line, asked)
			}
		})
	}
	for _, line := range []string{"mysql 'ap", "mysql \"ap", "mysql 'a'p", "mysql ap\\"} {
		y.types("\x15" + line).does(func() { asked = nil }).types("\t").does(func() {
			if asked != nil {
				t.Errorf("%s: %q", line, asked)
			}
		})
	}
	y.reads("", errNoKeys)
}

func TestLongList(t *testing.T) {
	y := newTypist(t, 20, 300, func(o *Options) {
		o.Complete = func([]string, string) (all []string) {
			for i := range 1000 {
				all = append(all, fmt.Sprintf("file%04d", i))
			}
			return all
		}
	})
	y.types("f\t\t\t").does(func() {
		rows := strings.Split(y.picture(), "\n")
		if len(rows) != 103 || rows[1] != "file0000  file0100" || rows[101] != "and 800 more" || rows[102] != "> file0|" {
			t.Errorf("%d rows: %s", len(rows), y.picture())
		}
	}).reads("", errNoKeys)
}
