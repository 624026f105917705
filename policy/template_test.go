package policy

import (
	"fmt"
	"testing"
)

func TestTemplates(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"", "[] []"},
		{"plain } }} text", "[{0 plain } }} text}] []"},
		{"{secret.db}", "[{1 db}] []"},
		{"{secret.db:quoted}x", "[{2 db} {0 x}] []"},
		{"a{file.my-file_2}b", "[{0 a} {3 my-file_2} {0 b}] []"},
		{"{{", "[{0 {}] []"},
		{"{{secret.db}", "[{0 {secret.db}}] []"},
		{"{{{secret.db}}", "[{0 {} {1 db} {0 }}] []"},
		{"{{{{x", "[{0 {{x}] []"},
		{"{", "[] [0]"},
		{"日{x}", "[{0 日x}}] [3]"},
		{"{}", "[{0 }}] [0]"},
		{"{secret.}", "[{0 secret.}}] [0]"},
		{"{secret.DB}", "[{0 secret.DB}}] [0]"},
		{"{secret.db:raw}", "[{0 secret.db:raw}}] [0]"},
		{"{file.db:quoted}", "[{0 file.db:quoted}}] [0]"},
		{"{ secret.db }", "[{0  secret.db }}] [0]"},
		{"{env.HOME}{x}", "[{0 env.HOME}x}}] [0 10]"},
	} {
		tpl, errs := parseTemplate(c.text)
		at := []int{}
		for _, e := range errs {
			at = append(at, e.offset)
		}
		if got := fmt.Sprint(tpl, at); got != c.want {
			t.Errorf("%q: %s, want %s", c.text, got, c.want)
		}
	}
}
