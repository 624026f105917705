package attack

import "testing"

// sharedMemory puts a word into System V shared memory, which no process holds and no directory lists, or takes it out and removes it.
const sharedMemory = `
NR.update(RbConfig::CONFIG["host_cpu"] == "x86_64" ? { get: 29, at: 30, ctl: 31 } : { get: 194, at: 196, ctl: 195 })
KEY = 0x6f707368
id = kernel(:get, KEY, 4096, ARGV[0] == "leave" ? 0o1600 : 0o600) # IPC_CREAT
if id < 0
  puts "#{ARGV[0]}: #{said(id)}"
else
  page = Fiddle::Pointer.new(kernel(:at, id, 0, 0), 4096)
  if ARGV[0] == "leave"
    page[0, 11] = "left" + "-behind"
    puts "leave: DONE"
  else
    puts "take: #{page[0, 11]}"
    kernel(:ctl, id, 0, 0) # IPC_RMID
  end
end
`

// TestRubySharedMemory: what outlives every process of a session, and its uid is given to a later one.
func TestRubySharedMemory(t *testing.T) {
	has(t, direct(t, nobody, sharedMemory, "leave"), `leave: DONE`)
	has(t, direct(t, nobody, sharedMemory, "take"), `take: left-behind`)
	first := contained(t, how{}, sharedMemory, "leave")
	o := contained(t, how{}, sharedMemory, "take")
	if o.records[0].UID != first.records[0].UID {
		t.Fatalf("the sessions had the uids %d and %d", first.records[0].UID, o.records[0].UID)
	}
	has(t, o.log, `take: E`)
	hasNot(t, o.log, "left-behind")
}
