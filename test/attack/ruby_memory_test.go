package attack

import "testing"

// fill takes memory, 16 MiB at a time, and writes to all of it.
const fill = `
held = []
puts "begins"
Integer(ARGV[0]).times { held << ("x" * (16 << 20)) }
puts "filled all"
`

// TestRubyMemory: a machine without memory.
func TestRubyMemory(t *testing.T) {
	has(t, direct(t, nobody, fill, "64"), `filled all`)
	o := contained(t, how{exec: none + "\nlimits = { memory = \"256MiB\" }"}, fill, "64")
	has(t, o.log, `begins`)
	hasNot(t, o.log, `filled all`)
	if o.status == 0 {
		t.Errorf("it ended well; the log:\n%s", o.log)
	}
}
