// Package guard tries opshd in containers, under the engine's default profile and capabilities, around a stand-in for ECS Exec's agent.
package guard

import (
	"archive/tar"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"opsh/test/fixture"
	"opsh/test/guard/order"
)

const (
	fargate = "/managed-agents/execute-command"
	ec2     = "/ecs-execute-command-0a1b2c3d"
	image   = "opsh-test/guard"
)

// policyText has a tool that a tracer holds, since it starts another program.
const policyText = `version = 1
[session]
uids = "` + fixture.GuardUIDs + `"
max_duration = "10m"
[audit]
when_down = "spool"
[tool.nice]
path  = "/usr/bin/nice"
user  = "nobody"
exec  = ["/usr/bin/id"]
allow = ["nice -n LEVEL PROGRAM -u"]
where.LEVEL   = { int = [1, 19] }
where.PROGRAM = ["/usr/bin/id"]
[tool.cat]
path  = "/usr/bin/cat"
user  = "nobody"
allow = ["cat FILE"]
where.FILE = ["/etc/passwd", "/etc/group"]
`

// world is what the tests share: an engine with the image.
type world struct {
	dir    string // root's; below it are the engine's files
	engine *exec.Cmd
	bin    string // the built programs
}

var w world

func TestMain(m *testing.M) {
	status := 1
	defer func() { os.Exit(status) }()
	dir, remove, err := fixture.Dir("guard")
	if err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		return
	}
	defer remove()
	w = world{dir: dir, bin: filepath.Join(dir, "bin")}
	defer w.stop()
	if err := w.start(); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		return
	}
	status = m.Run()
}

func (w *world) start() error {
	cmd := exec.Command("go", "build", "-buildvcs=false", "-o", w.bin+"/", "opsh/cmd/opsh", "opsh/cmd/opsh-exec", "opsh/cmd/opsh-watch", "opsh/cmd/opshd", "opsh/test/guard/agent")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("cannot build: %w\n%s", err, out)
	}
	log, err := os.Create(filepath.Join(w.dir, "dockerd.log"))
	if err != nil {
		return err
	}
	defer log.Close()
	w.engine = exec.Command("dockerd", "--data-root", w.dir+"/data", "--exec-root", w.dir+"/exec", "--pidfile", w.dir+"/docker.pid", "-H", w.host(),
		"--iptables=false", "--bridge=none")
	w.engine.Env = append(os.Environ(), "PATH="+os.Getenv("PATH")+":/usr/sbin:/sbin")
	w.engine.Stdout, w.engine.Stderr = log, log
	w.engine.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGTERM}
	if err := w.engine.Start(); err != nil {
		return fmt.Errorf("cannot start the Docker engine: %w", err)
	}
	for give := time.Now().Add(time.Minute); ; time.Sleep(50 * time.Millisecond) {
		if _, err := w.docker("version"); err == nil {
			break
		}
		if time.Now().After(give) {
			said, _ := os.ReadFile(log.Name()) //nolint:errcheck // then nothing is said
			return fmt.Errorf("the Docker engine did not start:\n%s", said)
		}
	}
	archive := filepath.Join(w.dir, "root.tar")
	if err := w.archive(archive); err != nil {
		return err
	}
	_, err = w.docker("import", "--change", `ENTRYPOINT ["/usr/local/bin/opshd","--"]`, archive, image)
	return err
}

func (w *world) host() string { return "unix://" + w.dir + "/docker.sock" }

func (w *world) docker(argv ...string) (string, error) {
	cmd := exec.Command("docker", argv...)
	cmd.Env = append(os.Environ(), "DOCKER_HOST="+w.host())
	out, err := cmd.CombinedOutput()
	if err != nil {
		err = fmt.Errorf("docker %s: %w\n%s", strings.Join(argv, " "), err, out)
	}
	return string(out), err
}

func (w *world) stop() {
	if w.engine == nil || w.engine.Process == nil {
		return
	}
	if ids, err := w.docker("ps", "-aq"); err == nil {
		for id := range strings.FieldsSeq(ids) {
			w.docker("rm", "-f", id) //nolint:errcheck // the engine ends
		}
	}
	w.engine.Process.Signal(syscall.SIGTERM) //nolint:errcheck // it may have ended
	w.engine.Wait()                          //nolint:errcheck // it was told to end
	// Where / is no shared mount, the engine binds its directory onto itself and leaves it so.
	exec.Command("umount", "-R", w.dir+"/data").Run() //nolint:errcheck // it may not be one
}

// archive writes the image: the programs, what the transcript is made with, and what the tricks are made of.
func (w *world) archive(path string) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer f.Close()
	r := &rootfs{w: tar.NewWriter(f), has: map[string]bool{}}
	program, err := mark()
	if err != nil {
		return err
	}
	var all []error
	do := func(err error) { all = append(all, err) }
	for _, name := range []string{"opsh", "opsh-exec", "opsh-watch", "opshd"} {
		do(r.copy("/usr/local/bin/"+name, filepath.Join(w.bin, name)))
	}
	for _, dir := range []string{fargate, ec2} {
		for _, name := range []string{"amazon-ssm-agent", "ssm-agent-worker", "ssm-session-worker"} {
			do(r.copy(dir+"/"+name, filepath.Join(w.bin, "agent")))
		}
	}
	do(r.copy("/opt/runtime", filepath.Join(w.bin, "agent")))
	for _, name := range []string{"dash", "bash", "cat", "script", "env", "nice", "id", "true", "setsid", "sleep", "rm"} {
		do(r.program(name))
	}
	do(r.link("/bin/sh", "dash", tar.TypeSymlink))
	do(r.link("/usr/bin/sh", "dash", tar.TypeSymlink))
	do(r.put("/etc/passwd", 0o644, []byte("root:x:0:0::/root:/bin/sh\nnobody:x:65534:65534::/nonexistent:/usr/sbin/nologin\n")))
	do(r.put("/etc/group", 0o644, []byte("root:x:0:\nnogroup:x:65534:\n")))
	do(r.put("/etc/opsh/policy.toml", 0o644, []byte(policyText)))
	do(r.put("/tmp/.keep", 0o644, nil))
	do(r.put("/var/lib/amazon/ssm/.keep", 0o644, nil))
	do(r.put("/opt/mark", 0o755, program))
	do(r.put("/opt/opsh", 0o755, program))                             // a program under opsh's name
	do(r.copy("/opt/copy", filepath.Join(w.bin, "opsh")))              // opsh under another
	do(r.copy("/opt/copied/opsh", filepath.Join(w.bin, "opsh")))       // and elsewhere
	do(r.link("/opt/hard", "usr/local/bin/opsh", tar.TypeLink))        // the file itself under another name
	do(r.link("/opt/linked/opsh", "usr/local/bin/opsh", tar.TypeLink)) // and elsewhere
	do(r.link("/opt/soft", "/usr/local/bin/opsh", tar.TypeSymlink))    // a name for it
	do(r.link("/opt/softly/opsh", "/bin/dash", tar.TypeSymlink))       // its name for a shell
	do(r.put("/opt/shebang", 0o755, []byte("#!/opt/mark /marks/shebang\n")))
	do(r.put("/opt/shell-script", 0o755, []byte("#!/bin/sh\n: >/marks/shell-script\n")))
	do(r.put("/opt/scripts/opsh", 0o755, []byte("#!/bin/sh\n: >/marks/scripts-opsh\n")))
	do(r.put("/opt/no-shebang", 0o755, []byte(": >/marks/no-shebang\n")))
	do(r.w.Close())
	return errors.Join(all...)
}

var count = flag.Int("starts", 1000, "how many starts of opsh, and of something else")

// box is a container.
type box struct {
	t     testing.TB
	id    string
	share string // a directory of this machine's that is /run/t in it; and marks beside
	marks string
}

// run starts a container with these arguments behind the image's name.
func run(t testing.TB, options []string, argv ...string) *box {
	t.Helper()
	b := &box{t: t, share: filepath.Join(w.dir, "s"+fmt.Sprint(time.Now().UnixNano()%1e9)), marks: t.TempDir()}
	must(t, os.Mkdir(b.share, 0o755))
	all := append([]string{"run", "-d", "--network", "none", "-v", b.share + ":/run/t", "-v", b.marks + ":/marks"}, options...)
	out, err := w.docker(append(append(all, image), argv...)...)
	must(t, err)
	b.id = strings.TrimSpace(out)
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the container's log:\n%s", b.tail(40))
		}
		w.docker("rm", "-f", b.id) //nolint:errcheck // the engine ends soon
		os.RemoveAll(b.share)
	})
	return b
}

// guarded is a container as the Dockerfile makes it: opshd, then a stand-in for the runtime as its own command.
func guarded(t testing.TB) *box {
	b := run(t, nil, "/opt/runtime", "/run/t/runtime")
	b.answers("runtime")
	return b
}

func (b *box) log() string {
	out, _ := w.docker("logs", b.id) //nolint:errcheck // then there is none
	return out
}

// tail is the end of the log.
func (b *box) tail(lines int) string {
	all := strings.Split(b.log(), "\n")
	return strings.Join(all[max(0, len(all)-lines):], "\n")
}

// ask sends an order to a socket of the container's and waits for the result.
func (b *box) ask(socket string, o order.Order) (order.Result, error) {
	var r order.Result
	c, err := net.Dial("unix", filepath.Join(b.share, socket))
	if err != nil {
		return r, err
	}
	defer c.Close()
	c.SetDeadline(time.Now().Add(time.Minute)) //nolint:errcheck // then it waits longer
	if err := json.NewEncoder(c).Encode(o); err != nil {
		return r, err
	}
	err = json.NewDecoder(c).Decode(&r)
	return r, err
}

// answers waits until somebody listens at a socket.
func (b *box) answers(socket string) {
	b.t.Helper()
	for give := time.Now().Add(20 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		c, err := net.Dial("unix", filepath.Join(b.share, socket))
		if err == nil {
			c.Close()
			return
		}
		if time.Now().After(give) {
			b.t.Fatalf("nobody listens at %s: %v\n%s", socket, err, b.log())
		}
	}
}

// starts has the stand-in for the container's runtime start a program: as the agent's, it is no child of the guard's.
func (b *box) starts(argv ...string) int {
	b.t.Helper()
	r, err := b.ask("runtime", order.Order{Argv: argv})
	must(b.t, err)
	if r.Err != "" {
		b.t.Fatal(r.Err)
	}
	return r.PID
}

// agent starts an agent that serves sessions at a socket.
func (b *box) agent(dir, socket string) int {
	b.t.Helper()
	pid := b.starts(dir+"/amazon-ssm-agent", "/run/t/"+socket)
	b.answers(socket)
	return pid
}

func (b *box) signal(pid int, s syscall.Signal) {
	b.t.Helper()
	r, err := b.ask("runtime", order.Order{PID: pid, Signal: int(s)})
	must(b.t, err)
	if r.Err != "" {
		b.t.Fatal(r.Err)
	}
}

// health is what opshd says of itself, and its status.
func (b *box) health() (string, bool) {
	out, err := w.docker("exec", b.id, "/usr/local/bin/opshd", "health")
	return out, err == nil
}

// marked are the marks that were left.
func (b *box) marked() []string {
	b.t.Helper()
	entries, err := os.ReadDir(b.marks)
	must(b.t, err)
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

func matches(pattern, text string) bool {
	return regexp.MustCompile("(?s)" + pattern).MatchString(text)
}

func atoi(t testing.TB, s string) int {
	t.Helper()
	n, err := strconv.Atoi(s)
	must(t, err)
	return n
}
