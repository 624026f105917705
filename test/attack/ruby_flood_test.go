package attack

import (
	"strings"
	"testing"
)

// flood prints more than anybody reads.
const flood = `
20_000.times { puts "x" * 999 }
puts "printed all"
`

// TestRubyFlood: a terminal, a spool and a session log full of nothing.
func TestRubyFlood(t *testing.T) {
	if out := direct(t, nobody, flood); len(out) < 20_000_000 || !strings.Contains(out, "printed all") {
		t.Errorf("%d bytes", len(out))
	}
	o := contained(t, how{exec: none + "\nlimits = { output = \"1MB\" }"}, flood)
	hasNot(t, o.log, "printed all")
	has(t, o.log, `opsh: #1 .* exit 124 timeout`, `opsh: end 124`)
	if e := o.exit(t); len(o.log) > 1_200_000 || e.Bytes != 1_000_000 {
		t.Errorf("%d bytes in the log, %d recorded", len(o.log), e.Bytes)
	}
}
