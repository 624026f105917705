package attack

import "testing"

// cloneFlags makes children in every way that leaves them a memory of their own, and has each become a shell. CLONE_PARENT makes a child of
// opsh's, CLONE_PTRACE one that is the tracer's, an end without a signal one that most don't wait for.
const cloneFlags = `
children = []
[0x200, 0x400, 0x1000, 0x2000, 0x4000, 0x8000, 0x2000000, 0x40000, 0x80000000, 0x20000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000].each do |flag|
  [17, 0, 9].each do |signal|
    child = kernel(:clone, flag | signal, 0, 0, 0, 0)
    if child == 0
      kernel(:execve, SH, ARGV_SH, ENVP)
      kernel(:exit_group, 1)
    end
    children << child if child > 0
    break if ARGV.empty? && child > 0 # a signal to who waits would end the proof
  end
end
children.each { |c| Process.wait(c, 0x40000000) rescue nil } # __WALL
puts "children: #{children.size}"
`

// TestRubyCloneFlags: children that a tracer might not be told of.
func TestRubyCloneFlags(t *testing.T) {
	if n := count(direct(t, nobody, cloneFlags), shellRan); n < 5 {
		t.Errorf("%d shells", n)
	}
	for _, mode := range []string{none, onlyRuby} {
		o := contained(t, how{exec: mode}, cloneFlags)
		hasNot(t, o.log, shellRan)
		has(t, o.log, `children: [1-9]`)
		o.denied(t, "exec", "/bin/sh")
		o.denied(t, "clone", "") // the namespaces
	}
}

// TestRubyExitSignal: a child of opsh's whose end sends opsh a signal of the tool's choice, and that stops all the time.
func TestRubyExitSignal(t *testing.T) {
	const script = `
(ARGV[0] ? [] : [9, 15, 19, 1, 0]).each do |signal|
  child = kernel(:clone, 0x8000 | signal, 0, 0, 0, 0) # CLONE_PARENT
  if child == 0
    3.times { kernel(:kill, Process.pid, 19) } if signal == 0
    kernel(:exit_group, 0)
  end
  puts "child #{signal}: #{child > 0 ? "made" : said(child)}"
end
child = kernel(:clone, 0 | (ARGV[0] ? 9 : 17), 0, 0, 0, 0)
kernel(:exit_group, 0) if child == 0
sleep(ARGV[0] ? 30 : 0.5)
puts "lives on"
`
	// Where nothing contains it a child's end can kill its parent.
	hasNot(t, direct(t, nobody, script, "9"), "lives on")
	for _, mode := range []string{none, onlyRuby} {
		o := contained(t, how{exec: mode}, script)
		has(t, o.log, `child 9: made`, `lives on`, `opsh: #1 .* exit 0`, `opsh: end 0`)
	}
}
