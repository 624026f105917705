package attack

import "testing"

// vmWrite changes another process's memory.
const vmWrite = `
word = ("before" + "\0").dup
at = Fiddle::Pointer[word].to_i
r, w = IO.pipe
child = fork { r.read(1); puts "the child has #{Fiddle::Pointer.new(at)[0, 6]}"; exit!(0) }
ours = "AFTER!"
local = [Fiddle::Pointer[ours].to_i, 6].pack("q2")
remote = [at, 6].pack("q2")
puts "write: #{said(kernel(:process_vm_writev, child, local, 1, remote, 1, 0))}"
got = ("\0" * 6).dup
local = [Fiddle::Pointer[got].to_i, 6].pack("q2")
puts "read: #{said(kernel(:process_vm_readv, child, local, 1, remote, 1, 0))}"
w.write("x")
Process.wait(child)
`

// TestRubyProcessVM: somebody else's memory, by call.
func TestRubyProcessVM(t *testing.T) {
	has(t, direct(t, nobody, vmWrite), `write: 6`, `read: 6`, `the child has AFTER!`)
	o := contained(t, how{}, vmWrite)
	has(t, o.log, `write: EPERM`, `read: EPERM`, `the child has before`)
	o.denied(t, "process_vm_writev", "")
	o.denied(t, "process_vm_readv", "")
}
