package main

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"
)

// TestTryAtATerminal: the prompt is marked, Tab completes words and files, and the terminal is afterwards as it was.
func TestTryAtATerminal(t *testing.T) {
	root := t.TempDir()
	script := filepath.Join(root, "app/script/ops/unlock_order.rb")
	if err := os.MkdirAll(filepath.Dir(script), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(script, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	mine, theirs, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer mine.Close()
	if err := pty.Setsize(mine, &pty.Winsize{Rows: 50, Cols: 200}); err != nil {
		t.Fatal(err)
	}
	before, err := unix.IoctlGetTermios(int(theirs.Fd()), unix.TCGETS)
	if err != nil {
		t.Fatal(err)
	}
	var e bytes.Buffer
	done := make(chan int, 1)
	go func() {
		p := person{in: theirs, out: theirs, err: &e, environ: []string{"TERM=xterm"}, now: time.Now}
		done <- p.dispatch([]string{"try", "--root", root, "../../policy.example.toml"})
	}()
	shown := make(chan string, 1000)
	go func() {
		b := make([]byte, 4096)
		for {
			n, err := mine.Read(b)
			shown <- string(b[:n])
			if err != nil {
				close(shown)
				return
			}
		}
	}()
	sequences := regexp.MustCompile("\x1b\\[[0-9;?]*[A-Za-z]")
	all := ""
	until := func(want string) {
		t.Helper()
		end := time.After(20 * time.Second)
		for !strings.Contains(sequences.ReplaceAllString(all, ""), want) {
			select {
			case s := <-shown:
				all += s
			case <-end:
				t.Fatalf("%q doesn't come:\n%q", want, all)
			}
		}
		all = ""
	}
	until("prod (try)> ")
	for _, step := range []struct{ typed, want string }{
		{"rails runner un\t", "unlock_order.rb "},
		{"\r", "argv:  /app/bin/rails runner /app/script/ops/unlock_order.rb\r\n"},
		{"mysql\r", "opsctl: refused mysql\r\n"},
		{"history\r", "   2  mysql\r\n"},
		{"help rails\r", "below /app/script/ops that ends in .rb: unlock_order.rb\r\n"},
		{"exit\r", "exit"},
	} {
		if _, err := mine.WriteString(step.typed); err != nil {
			t.Fatal(err)
		}
		until(step.want)
	}
	select {
	case status := <-done:
		if status != 0 || e.Len() > 0 {
			t.Errorf("%d %s", status, e.String())
		}
	case <-time.After(20 * time.Second):
		t.Fatal("it doesn't end")
	}
	after, err := unix.IoctlGetTermios(int(theirs.Fd()), unix.TCGETS)
	if err != nil || *after != *before {
		t.Errorf("the terminal isn't as it was: %+v, %v", after, err)
	}
	theirs.Close()
}
