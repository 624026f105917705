package launch

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime/debug"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/creack/pty"
	"golang.org/x/term"
)

// drive is a process of its own that runs one tool on its own terminal, as opsh does: for what a
// test process can't be, such as the leader of a session.
func drive(line string) int {
	if _, err := term.MakeRaw(0); err != nil {
		return 125
	}
	keys := newKeyboard()
	go func() {
		b := make([]byte, 4<<10)
		for {
			n, err := os.Stdin.Read(b)
			keys.typing(string(b[:n]))
			if err != nil {
				keys.hangUp()
				return
			}
		}
	}()
	j := Job{Helper: os.Getenv("LAUNCH_TEST_HELPER"), Reaper: reaperUID, Keys: keys, Out: os.Stdout, Tty: os.Stdout}
	r, err := run(context.Background(), script(toolUID+50, line), j)
	if os.Getenv("LAUNCH_TEST_MEMORY") != "" {
		// Not getrusage: its peak is also that of who started this process, before the exec.
		status, _ := os.ReadFile("/proc/self/status") //nolint:errcheck // then there is no peak, which fails the test
		_, peak, _ := strings.Cut(string(status), "VmHWM:")
		peak, _, _ = strings.Cut(peak, " kB")
		fmt.Fprintf(os.Stdout, "peak %s KiB\r\n", strings.TrimSpace(peak))
	}
	if err != nil {
		fmt.Fprintf(os.Stdout, "%v\r\n", err)
		return 125
	}
	return r.Exit
}

// driven starts drive on a terminal of its own.
func driven(t testing.TB, line string, env ...string) (*exec.Cmd, *os.File) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(append(os.Environ(), "LAUNCH_TEST_DRIVE="+line, "LAUNCH_TEST_HELPER="+rig.helper), env...)
	m, err := pty.StartWithSize(cmd, &pty.Winsize{Rows: 24, Cols: 80})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Kill()
		m.Close()
	})
	return cmd, m
}

// TestOnATerminalOfItsOwn: opsh leads a session on the outer terminal, whose resizing sends it SIGWINCH, and whose keys
// reach the tool, Ctrl-Z and Ctrl-\ included, without ending or stopping opsh.
func TestOnATerminalOfItsOwn(t *testing.T) {
	cmd, m := driven(t, `trap 'echo size $(stty size)' WINCH; trap 'echo quit' QUIT; echo ready; while :; do read -r x && echo "got $x"; [ "$x" = q ] && exit 7; done`)
	seen := newPaper()
	read := make(chan error, 1)
	go func() { _, err := io.Copy(seen, m); read <- err }()
	seen.until(t, "ready")
	// Again until it is seen: a signal just before dash blocks in read is handled when read returns, which may be never.
	heard := make(chan struct{})
	go func() {
		for {
			pty.Setsize(m, &pty.Winsize{Rows: 39, Cols: 120})
			pty.Setsize(m, &pty.Winsize{Rows: 40, Cols: 120})
			select {
			case <-heard:
				return
			case <-time.After(300 * time.Millisecond):
			}
		}
	}()
	seen.until(t, "size 40 120")
	close(heard)
	m.WriteString("\x1a\x1c\r") // Return for the same reason
	seen.until(t, "quit")
	m.WriteString("日本語\r")
	seen.until(t, "got 日本語")
	m.WriteString("q\r")
	err := cmd.Wait()
	if cmd.ProcessState.ExitCode() != 7 {
		t.Errorf("%v: %q", err, seen)
	}
}

// TestMemory: what passes through is not kept.
func TestMemory(t *testing.T) {
	_, m := driven(t, "head -c 50000000 /dev/zero", "LAUNCH_TEST_MEMORY=1")
	var tail []byte
	b := make([]byte, 64<<10)
	for {
		n, err := m.Read(b)
		tail = append(tail, b[:n]...)
		tail = tail[max(0, len(tail)-100):]
		if err != nil {
			break
		}
	}
	var peak int
	if _, err := fmt.Sscanf(string(tail[max(0, strings.LastIndex(string(tail), "peak")):]), "peak %d KiB", &peak); err != nil {
		t.Fatalf("%v: %q", err, tail)
	}
	limit := 20 << 10
	if info, ok := debug.ReadBuildInfo(); ok && slices.Contains(info.Settings, debug.BuildSetting{Key: "-race", Value: "true"}) {
		limit *= 3 // the race detector's own
	}
	if peak > limit {
		t.Errorf("%d KiB resident", peak)
	}
	t.Logf("%d KiB resident", peak)
}

// BenchmarkRelay is what passes from a tool through two terminals to a reader.
func BenchmarkRelay(b *testing.B) {
	const size = 64 << 20
	b.SetBytes(size)
	for b.Loop() {
		out := &counter{}
		r, err := run(context.Background(), program(toolUID, "head", "-c", fmt.Sprint(size), "/dev/zero"), job(nil, out))
		if err != nil || r.Bytes != size || out.n != size {
			b.Fatalf("%+v %v %d", r, err, out.n)
		}
	}
}

// BenchmarkTerminal is what passes through opsh, and through script(1), from a tool to who holds the outer terminal: text of
// lines, as a tool prints it.
func BenchmarkTerminal(b *testing.B) {
	const size = 64 << 20
	tool := fmt.Sprintf("yes 'a line of the length that lines have in a table of a database' | head -c %d", size)
	through := func(b *testing.B, start func() *os.File) {
		b.SetBytes(size)
		buf := make([]byte, 64<<10)
		for b.Loop() {
			m := start()
			total := 0
			for {
				n, err := m.Read(buf)
				total += n
				if err != nil {
					break
				}
			}
			m.Close()
			if total < size {
				b.Fatal(total)
			}
		}
	}
	b.Run("opsh", func(b *testing.B) {
		through(b, func() *os.File { _, m := driven(b, tool); return m })
	})
	b.Run("script", func(b *testing.B) {
		through(b, func() *os.File {
			m, err := pty.Start(exec.Command("script", "-qec", tool, "/dev/null"))
			if err != nil {
				b.Fatal(err)
			}
			return m
		})
	})
}

// BenchmarkTrue is what a tool costs that does nothing.
func BenchmarkTrue(b *testing.B) {
	for b.Loop() {
		if _, err := run(context.Background(), program(toolUID, "true"), job(nil, io.Discard)); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkKey is the way of one key to the tool and back.
func BenchmarkKey(b *testing.B) {
	keys, back := newKeyboard(), make(chan struct{}, 16)
	out := writer(func(p []byte) (int, error) { back <- struct{}{}; return len(p), nil })
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		run(ctx, script(toolUID, "stty raw -echo </dev/tty; printf ok; exec cat"), job(keys, out))
	}()
	<-back
	time.Sleep(20 * time.Millisecond)
	for b.Loop() {
		keys.typing("x")
		<-back
	}
	cancel()
	<-done
}

type counter struct{ n int64 }

func (c *counter) Write(b []byte) (int, error) { c.n += int64(len(b)); return len(b), nil }

type writer func([]byte) (int, error)

func (w writer) Write(b []byte) (int, error) { return w(b) }
