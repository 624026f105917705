package command

import (
	"reflect"
	"testing"

	"opsh/policy"
)

func TestInverse(t *testing.T) {
	in, odd := "x.sql", "< a b"
	for _, c := range []policy.Command{
		{},
		{Words: []string{"t"}},
		{Words: []string{"t", "", "a  b", "it's", "日本", "<", "\n"}},
		{Words: []string{"t", "a"}, Input: &in},
		{Words: []string{"t"}, Input: &odd},
	} {
		text := Write(c)
		if again, err := Split(text); err != nil || !reflect.DeepEqual(c, again) {
			t.Errorf("%q: %+v, %v", text, again, err)
		}
	}
	if _, err := Split("t ;"); err == nil {
		t.Error("a semicolon")
	}
	if got := Write(policy.Command{Words: []string{"t", "\x1b"}}); got != `t $'\x1b'` {
		t.Error(got)
	}
}
