package launch

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestEveryByte: what the tool prints reaches Out byte for byte.
func TestEveryByte(t *testing.T) {
	all := make([]byte, 256)
	for i := range all {
		all[i] = byte(i)
	}
	data := bytes.Repeat(all, 20<<20/256)
	file := filepath.Join(public(t), "data")
	if err := os.WriteFile(file, data, 0o644); err != nil {
		t.Fatal(err)
	}
	want := sha256.Sum256(data)
	sum, out := sha256.New(), &counter{}
	r := must(t, program(toolUID, "cat", file), job(nil, writer(func(b []byte) (int, error) {
		out.n += int64(len(b))
		return sum.Write(b)
	})))
	if r.Bytes != int64(len(data)) || out.n != r.Bytes || !bytes.Equal(sum.Sum(nil), want[:]) {
		t.Errorf("%d bytes printed, %d delivered, of %d", r.Bytes, out.n, len(data))
	}
}

// public is a directory that other uids may enter; t.TempDir's parent isn't.
func public(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "launch-public")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

// TestSplitCharacters: a character that arrives in two reads is passed on as it comes.
func TestSplitCharacters(t *testing.T) {
	out := newPaper()
	must(t, script(toolUID, `printf 'a\346'; sleep 0.05; printf '\227'; sleep 0.05; printf '\245b'`), job(nil, out))
	if out.String() != "a日b" {
		t.Errorf("got %q", out)
	}
}

// TestAllIsDelivered: a slow Out gets everything before Run returns, also the last word of a process that was left behind.
func TestAllIsDelivered(t *testing.T) {
	var got bytes.Buffer
	slow := writer(func(b []byte) (int, error) {
		time.Sleep(20 * time.Millisecond)
		return got.Write(b)
	})
	r := must(t, script(toolUID, `seq 1 100000`), job(nil, slow))
	if !strings.HasSuffix(got.String(), "\n100000\n") || r.Bytes != 588895 || got.Len() != 588895 {
		t.Errorf("%+v, %d bytes", r, got.Len())
	}
}

// TestNobodyReads: a client that went away stops the reading of the terminal, and a Write never returns. The tool's
// timeout ends it all the same; Run waits until the session's end, because a client may also just pause.
func TestNobodyReads(t *testing.T) {
	t.Parallel()
	const uid = toolUID + 22
	out := newPaper()
	out.stall = make(chan struct{})
	j := job(newKeyboard(), out)
	j.Deadline = time.Now().Add(2 * time.Second)
	p := program(uid, "yes")
	p.timeout = 200 * time.Millisecond
	done := background(t, p, j)
	gone := time.Now().Add(10 * time.Second)
	for start := false; ; time.Sleep(5 * time.Millisecond) {
		found := find(t, uid)
		start = start || len(found) > 0
		if start && len(found) == 0 {
			break
		}
		if time.Now().After(gone) {
			t.Fatal("the timeout did not end the tool")
		}
	}
	r := ended(t, done)
	if r.Limit != LimitTimeout || r.Signal != syscall.SIGTERM {
		t.Errorf("got %+v", r)
	}
	close(out.stall)
}

// TestAPause: the operator looks at something else for a while; nothing is lost by that.
func TestAPause(t *testing.T) {
	out := newPaper()
	out.stall = make(chan struct{})
	done := background(t, script(toolUID, "seq 1 2000"), job(newKeyboard(), out))
	time.Sleep(300 * time.Millisecond)
	close(out.stall)
	if r := ended(t, done); r.Limit != "" || r.Bytes != 8893 || len(out.String()) != 8893 {
		t.Errorf("got %+v", r)
	}
}

// TestOutFails: the terminal is gone. The tool is told by SIGHUP, and ended when it doesn't mind.
func TestOutFails(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		script string
		signal syscall.Signal
		exit   int
	}{
		{"while :; do echo x; sleep 0.01; done", syscall.SIGHUP, 129},
		{"trap 'exit 5' HUP; while :; do echo x; sleep 0.01; done", 0, 5},
		{"trap '' HUP; while :; do echo x; sleep 0.01; done", syscall.SIGKILL, 137},
	} {
		out := newPaper()
		out.fail = true
		r := must(t, script(toolUID+21, c.script), job(newKeyboard(), out))
		if r.Limit != LimitLost || r.Signal != c.signal || r.Exit != c.exit {
			t.Errorf("%s: %+v", c.script, r)
		}
		nobodyLeft(t, toolUID+21)
	}
}

// TestQuiet: opsh's own line comes between outputs, again and again, and doesn't leave the cursor in the middle of a line.
func TestQuiet(t *testing.T) {
	keys, out := newKeyboard(), newPaper()
	j := job(keys, out)
	j.Quiet = 700 * time.Millisecond // more than a busy machine takes to start the script
	var said []time.Duration
	j.OnQuiet = func(d time.Duration) {
		fmt.Fprintf(out, "\nquiet\n")
		if said = append(said, d); len(said) == 2 {
			keys.typing("\r")
		}
	}
	r := must(t, script(toolUID, "stty -echo; printf begin; read -r x; printf on; sleep 1.2; exit 0"), j)
	if got := out.String(); !strings.HasPrefix(got, "begin\nquiet\n\nquiet\n") || !strings.Contains(got, "on\nquiet\n") || r.Bytes != 7 || r.Midline {
		t.Errorf("got %q and %+v", got, r)
	}
	for i, d := range said {
		if d < time.Duration(i+1)*j.Quiet {
			t.Errorf("called with %v", said)
		}
	}
}

// TestSomebodyElseHoldsTheTerminal: a process that isn't the tool's keeps the inner terminal open. Run ends all the same.
func TestSomebodyElseHoldsTheTerminal(t *testing.T) {
	keys, out := newKeyboard(), newPaper()
	done := background(t, script(toolUID, "tty; read -r x; echo bye"), job(keys, out))
	out.until(t, "\n")
	name := strings.TrimSpace(out.String())
	squatter := exec.Command("sh", "-c", `exec >"$0"; while :; do echo noise; sleep 0.001; done`, name)
	if err := squatter.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		squatter.Process.Kill()
		squatter.Wait()
	}()
	out.until(t, "noise")
	keys.typing("\r")
	r, err := func() (Result, error) {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		select {
		case r := <-done:
			return r, nil
		case <-ctx.Done():
			return Result{}, ctx.Err()
		}
	}()
	if err != nil || r.Exit != 0 || !strings.Contains(out.String(), "bye") {
		t.Errorf("%+v %v", r, err)
	}
}
