package attack

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"opsh/shell/audit"
	"opsh/test/fixture"
	"opsh/test/rig"
)

// uids are the sessions'; nobody is whoever runs an attack without opsh.
var (
	uids          = fixture.AttackUIDs
	nobody uint32 = fixture.AttackNobody
)

const (
	// nogroup is every session's group, and theirs: without it even a process of the same uid is out of reach.
	nogroup = 65534
	// patience is how long anything may take on a busy machine.
	patience = 60 * time.Second
)

// shellRan is what a shell prints that an attack has started. No script and no record holds it: only a shell's arithmetic makes it.
const shellRan = "shell-42"

// prelude begins every script. NR are system calls, of both architectures.
const prelude = `require "fiddle"
$stdout.sync = true
$stderr.reopen($stdout)
NR = if RbConfig::CONFIG["host_cpu"] == "x86_64"
  { execve: 59, execveat: 322, memfd_create: 319, clone: 56, clone3: 435, ptrace: 101, process_vm_readv: 310, process_vm_writev: 311, pidfd_open: 434,
    pidfd_getfd: 438, io_uring_setup: 425, mmap: 9, unshare: 272, setns: 308, keyctl: 250, kill: 62, ioctl: 16, exit_group: 231,
    mount: 165, chroot: 161, bpf: 321, perf_event_open: 298, userfaultfd: 323, kcmp: 312, add_key: 248 }
else
  { execve: 221, execveat: 281, memfd_create: 279, clone: 220, clone3: 435, ptrace: 117, process_vm_readv: 270, process_vm_writev: 271, pidfd_open: 434,
    pidfd_getfd: 438, io_uring_setup: 425, mmap: 222, unshare: 97, setns: 268, keyctl: 219, kill: 129, ioctl: 29, exit_group: 94,
    mount: 40, chroot: 51, bpf: 280, perf_event_open: 241, userfaultfd: 282, kcmp: 272, add_key: 217 }
end
RAW = Fiddle::Function.new(Fiddle.dlopen(nil)["syscall"], [Fiddle::TYPE_LONG] * 7, Fiddle::TYPE_LONG)
# kernel makes a system call; a failure is a negative errno. Its strings must live as long as it does.
def kernel(name, *args)
  args = args.map { |a| a.is_a?(String) ? Fiddle::Pointer[a].to_i : a }
  got = RAW.call(NR.fetch(name), *args, *[0] * (6 - args.size))
  got == -1 ? -Fiddle.last_error : got
end
PRINT = "echo shell-$((6*7))"
SH = "/bin/sh\0"
WORDS = ["sh", "-c", PRINT].map { |w| w + "\0" }.freeze
ARGV_SH = [*WORDS.map { |w| Fiddle::Pointer[w].to_i }, 0].pack("q*").freeze
ENVP = [0].pack("q").freeze
def said(got) = got < 0 ? Errno.constants.find { |n| Errno.const_get(n)::Errno == -got rescue false }.to_s : got.to_s
`

// how is how a session runs an attack.
type how struct {
	exec   string   // the tool's settings, TOML; exec = "none" when empty
	env    []string // the container's, but PATH
	more   string   // TOML behind the tool's
	worker string   // what starts opsh; the rig's own when empty
}

const (
	none     = `exec = "none"`
	onlyRuby = `exec = ["/usr/bin/ruby"]`
	onlyTrue = `exec = ["/usr/bin/true"]`
	anything = "exec = \"any\"\nunsafe_exec = true"
)

// write puts a script where opsh takes scripts from.
func write(t *testing.T, script string) (name string) {
	t.Helper()
	name = strings.ReplaceAll(t.Name(), "/", "-") + ".rb"
	must(t, os.WriteFile(filepath.Join(world.scripts, name), []byte(prelude+script), 0o644))
	return name
}

// run is a program without opsh, under a uid.
func run(t *testing.T, uid uint32, argv ...string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
	cmd.Env, cmd.Dir = []string{"PATH=/usr/bin:/bin"}, "/"
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Credential: &syscall.Credential{Uid: uid, Gid: nogroup}}
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	cmd.WaitDelay = 5 * time.Second
	err := cmd.Run()
	if _, ended := err.(*exec.ExitError); err != nil && !ended {
		t.Fatalf("cannot run %s: %v\n%s", argv[0], err, &out)
	}
	return out.String()
}

// direct runs a script where nothing contains it.
func direct(t *testing.T, uid uint32, script string, args ...string) string {
	t.Helper()
	return run(t, uid, append([]string{"/usr/bin/ruby", filepath.Join(world.scripts, write(t, script))}, args...)...)
}

// policy is one whose tool is Ruby. It is nobody's to read: what a tool may not see should not be there for it to see.
func policy(t *testing.T, h how) {
	t.Helper()
	if h.exec == "" {
		h.exec = none
	}
	must(t, world.place.WritePolicy(fmt.Sprintf(`version = 1
[session]
guard = "off"
uids = "%s"
[audit]
when_down = "spool"
[tool.ruby]
path = "/usr/bin/ruby"
user = "%s"
timeout = "50s"
%s
allow = ["ruby SCRIPT [ARG...]"]
where.SCRIPT = { path = "%s", ext = ".rb" }
where.ARG = "any"
%s
`, uids, fixture.User, h.exec, world.scripts, h.more)))
	must(t, os.Chmod(world.place.Policy, 0o600))
}

// begin starts a session that runs a script.
func begin(t *testing.T, h how, script string, args ...string) *rig.Session {
	t.Helper()
	policy(t, h)
	dir, err := os.MkdirTemp(world.place.Dir, "agent-")
	must(t, err)
	if h.worker == "" {
		h.worker = world.place.Worker
	}
	line := strings.Join(append([]string{"ruby", write(t, script)}, args...), " ")
	s, err := rig.Start(rig.Options{Worker: h.worker, Program: world.place.Opsh, Dir: dir, Fast: true,
		Command: fmt.Sprintf("opsh -c %q", line), Env: append([]string{"PATH=/usr/bin:/bin"}, h.env...)})
	must(t, err)
	t.Cleanup(s.Stop)
	return s
}

// outcome is a session that is over.
type outcome struct {
	status  int
	log     string
	records []audit.Record
}

// finish waits for a session's end. Whatever its tool tried, the trail is whole, it says which script ran, and nothing is left.
func finish(t *testing.T, s *rig.Session, script string) outcome {
	t.Helper()
	end, err := s.Wait(patience)
	must(t, err)
	if !strings.Contains(end.Log, "opsh: begin ") {
		t.Fatalf("there was no session; the log:\n%s", end.Log)
	}
	o := outcome{end.Exit, end.Log, trail(t, s.ID)}
	sum := sha256.Sum256([]byte(prelude + script))
	if !slices.ContainsFunc(o.records, func(r audit.Record) bool {
		return r.Event == audit.Run && len(r.Files) == 1 && r.Files[0].SHA256 == hex.EncodeToString(sum[:])
	}) {
		t.Errorf("no record says that the script was run; the log:\n%s", o.log)
	}
	if left := processesOf(t, o.records[0].UID); len(left) > 0 {
		t.Errorf("processes are left: %q", left)
	}
	return o
}

// contained runs a script under opsh.
func contained(t *testing.T, h how, script string, args ...string) outcome {
	t.Helper()
	return finish(t, begin(t, h, script, args...), script)
}

// trail reads a session's records and checks that they are whole.
func trail(t *testing.T, id string) (records []audit.Record) {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(world.place.State, "trail", id+".jsonl"))
	must(t, err)
	prev := strings.Repeat("0", 64)
	for i, l := range strings.Split(strings.TrimSuffix(string(content), "\n"), "\n") {
		r, err := audit.Parse([]byte(l))
		must(t, err)
		if r.Seq != i || r.Prev != prev || r.Session != id || !r.Signed(append(records, r)[0].Key) {
			t.Errorf("record %d isn't chained or signed: %s", i, l)
		}
		prev = r.Hash
		records = append(records, r)
	}
	if records[len(records)-1].Event != audit.End {
		t.Errorf("the trail has no end: %+v", records[len(records)-1])
	}
	return records
}

// trailBegin is the first record of a session that may go on.
func trailBegin(t *testing.T, id string) audit.Record {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(world.place.State, "trail", id+".jsonl"))
	must(t, err)
	first, _, _ := bytes.Cut(content, []byte("\n"))
	r, err := audit.Parse(first)
	must(t, err)
	return r
}

// denied fails unless there is a record of a call that was denied, under a name (a pattern; empty for calls without one).
func (o outcome) denied(t *testing.T, call, path string) {
	t.Helper()
	name := regexp.MustCompile("^(?:" + path + ")$")
	if !slices.ContainsFunc(o.records, func(r audit.Record) bool {
		return r.Event == audit.Denied && r.Call == call && name.MatchString(r.Path)
	}) {
		t.Errorf("no record says that %s %s was denied; the log:\n%s", call, path, o.log)
	}
}

// exit is the record of the command's end.
func (o outcome) exit(t *testing.T) audit.Record {
	t.Helper()
	at := slices.IndexFunc(o.records, func(r audit.Record) bool { return r.Event == audit.Exit })
	if at < 0 {
		t.Fatalf("no record says how it ended; the log:\n%s", o.log)
	}
	return o.records[at]
}

// has fails unless the output matches.
func has(t *testing.T, out string, patterns ...string) {
	t.Helper()
	for _, p := range patterns {
		if !regexp.MustCompile(p).MatchString(out) {
			t.Errorf("no %q in the output:\n%s", p, out)
		}
	}
}

// hasNot fails when the output holds what it must not.
func hasNot(t *testing.T, out string, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if strings.Contains(out, text) {
			t.Errorf("%q is in the output:\n%s", text, out)
		}
	}
}

// starts is an attack that wants a shell: it gets one where nothing contains it, and none where the tool may start
// nothing or only Ruby. path is what a record names.
func starts(t *testing.T, script, path string) {
	t.Helper()
	has(t, direct(t, nobody, script), shellRan)
	for _, mode := range []string{none, onlyRuby} {
		o := contained(t, how{exec: mode}, script)
		hasNot(t, o.log, shellRan)
		o.denied(t, "exec", path)
	}
}

// processesOf lists what runs under a uid, zombies not.
func processesOf(t *testing.T, uid uint32) (found []string) {
	t.Helper()
	all, err := filepath.Glob("/proc/[0-9]*/status")
	must(t, err)
	mine := regexp.MustCompile(fmt.Sprintf(`(?m)^Uid:.*\b%d\b`, uid))
	for _, name := range all {
		status, err := os.ReadFile(name)
		if err == nil && mine.Match(status) && !regexp.MustCompile(`(?m)^State:\s+[ZX]`).Match(status) {
			found = append(found, name+" "+strings.SplitN(string(status), "\n", 2)[0])
		}
	}
	return found
}

// count is how often a pattern matches.
func count(out, pattern string) int { return len(regexp.MustCompile(pattern).FindAllString(out, -1)) }

// lost holds that a race was one: that both names were met, and what became another program was ended before it ran.
func lost(t *testing.T, o outcome, least int) {
	t.Helper()
	ran, killed := 0, 0
	for _, r := range o.records {
		switch {
		case r.Event == audit.Exec:
			ran++
		case r.Event == audit.Denied && r.Why != "":
			killed++
		}
	}
	denials := o.exit(t).Denials
	t.Logf("%d times the listed program ran, %d tries were denied; among the first of these %d had become a shell and were ended", ran, denials, killed)
	if ran < least || denials < least {
		t.Errorf("%d times the listed program ran, %d tries were denied: it was no race", ran, denials)
	}
}

// number is the first group of a pattern's match, a process's number.
func number(t *testing.T, out, pattern string) int {
	t.Helper()
	m := regexp.MustCompile(pattern).FindStringSubmatch(out)
	if m == nil {
		t.Fatalf("no %q in the output:\n%s", pattern, out)
	}
	n, err := strconv.Atoi(m[1])
	must(t, err)
	if n <= 1 { // to kill, these mean more than one process
		t.Fatalf("%d is no process's number", n)
	}
	return n
}

// text is a number's text.
func text(n int) string { return strconv.Itoa(n) }

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
