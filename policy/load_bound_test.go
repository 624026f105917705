package policy

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// A megabyte of anything is read, or refused, in bounded time and memory: the file was written by
// root, but a wrong file in the policy's place must end in a message, not in a session that hangs.
func TestBoundedWork(t *testing.T) {
	fill := func(line string) string {
		return strings.Repeat(line, MaxFile/4/len(line))
	}
	for _, c := range []struct{ name, src string }{
		{"words", head + toolT + fill("x \n")},
		{"duplicates", head + toolT + fill("dir = \"/\"\n")},
		{"unknown keys", head + toolT + fill("a.b.c.d.e.f.g = 1\n")},
		{"headers", head + toolT + fill("[x]\n")},
		{"tables of a list", head + toolT + fill("[[test]]\n")},
		{"open lists", head + toolT + fill("a = [\n")},
		{"open long strings", head + toolT + fill("a = \"\"\"\"\n")},
		{"one long list", head + toolT + "exec = [\n" + fill("\"\",\n") + "]\n"},
		{"lists in lists", head + toolT + "exec = [\n" + fill("[[[[[[1]]]]]],\n") + "]\n"},
		{"braces", inTool("env.A = \"\"\"\n" + strings.Repeat("{{{x\n", maxContent/6) + "\"\"\"")},
		{"a long value", inTool("env.A = \"\"\"\n" + fill("{{{x\n") + "\"\"\"")},
		{"a long pattern", inTool("where.X = { match = '''" + fill("a|") + "''' }")},
		{"not UTF-8", head + fill("\xff\n")},
		{"errors in long lines", head + toolT + fill("insert = ["+strings.Repeat("1,", 30000)+"]\nx")},
		{"tests that fail", head + toolT + strings.Repeat("[[test]]\nrun = \"t a b c d e f\"\nwant = \"allow\"\n", maxTests)},
	} {
		t.Run(c.name, func(t *testing.T) {
			begin := time.Now()
			_, err := Parse("p", []byte(c.src), splitPlainly)
			if err == nil {
				t.Fatal("it loads")
			}
			parsed := time.Since(begin)
			shown := len(err.Error())
			t.Logf("parse %v, show %v, %d bytes", parsed, time.Since(begin)-parsed, shown)
			if took := time.Since(begin); took > 20*time.Second {
				t.Errorf("it took %v", took)
			}
			if shown > 1<<20 {
				t.Errorf("the errors take %d bytes", shown)
			}
		})
	}
}

// Names are compared to find what was meant; many that refer to none of many must not take long.
func TestGuessesAreBounded(t *testing.T) {
	var b strings.Builder
	b.WriteString(inTool(""))
	for i := range 3000 {
		fmt.Fprintf(&b, "where.W%060d = \"any\"\nenv.E%d = \"{secret.%060d}\"\nfile.%060d = \"x\"\n", i, i, 500_000+i, i)
	}
	for i := range maxSecrets {
		fmt.Fprintf(&b, "[secret.%060d]\nfrom = \"env:X%d\"\n", i, i)
	}
	start := time.Now()
	if _, err := Parse("policy.toml", []byte(b.String()), nil); err == nil {
		t.Fatal("it loads")
	}
	if took := time.Since(start); took > 5*time.Second {
		t.Errorf("it takes %v", took)
	}
}
