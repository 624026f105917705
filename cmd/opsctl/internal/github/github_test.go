package github

import (
	"bytes"
	"regexp"
	"strings"
	"testing"
)

// TestStep: whatever a tool prints stands between the two tokens, in whole lines, and nothing on standard error is a command.
func TestStep(t *testing.T) {
	var out, err bytes.Buffer
	s, failed := Begin(&out, &err, "opsctl run\n::set-output name=x::y%")
	if failed != nil {
		t.Fatal(failed)
	}
	tool, opsh := s.Out(), s.Err()
	for _, piece := range []string{"::add-path::/tmp\n", "\x1b[31mred\x1b[0m", " ##[add-mask]x\r\n", "日本", "語"} {
		tool.Write([]byte(piece))
	}
	for _, text := range []string{"opsh: #1 run x\n", "  ::set-output name=a::b\n", "::warning::x\n", "opsh: hint: ##[add-mask]x"} {
		opsh.Write([]byte(text))
	}
	tool.Close()
	opsh.Close()
	s.End()
	want := regexp.MustCompile(`\A::group::opsctl run%0A::set-output name=x::y%25\n::stop-commands::(opsctl-[0-9a-f]{32})\n` +
		regexp.QuoteMeta("::add-path::/tmp\n?[31mred?[0m ##[add-mask]x\n日本語\n") + `::(opsctl-[0-9a-f]{32})::\n::endgroup::\n\z`)
	if m := want.FindStringSubmatch(out.String()); m == nil || m[1] != m[2] {
		t.Errorf("%q", out.String())
	}
	for _, l := range strings.Split(err.String(), "\n") {
		if strings.HasPrefix(strings.TrimSpace(l), "::") || strings.Contains(l, "##[") {
			t.Errorf("a command on standard error: %q", l)
		}
	}
	if !strings.Contains(err.String(), "opsh: #1 run x\n") {
		t.Errorf("%q", err.String())
	}
}

// TestLongLine: a line without an end isn't held for ever.
func TestLongLine(t *testing.T) {
	var out bytes.Buffer
	l := &Lines{to: &out, change: disarm}
	l.Write(bytes.Repeat([]byte("x"), 3*longest))
	if out.Len() < 2*longest {
		t.Errorf("%d bytes", out.Len())
	}
}
