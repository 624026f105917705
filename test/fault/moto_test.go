package fault

import (
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
)

func groups(t *testing.T, m *Moto) int {
	t.Helper()
	out, err := Client(m.URL).DescribeLogGroups(context.Background(), &cloudwatchlogs.DescribeLogGroupsInput{})
	if err != nil {
		t.Fatal(err)
	}
	return len(out.LogGroups)
}

// TestMoto: a server of one's own is apart from the shared one, forgets when told, and ends with its test.
func TestMoto(t *testing.T) {
	var pid int
	t.Run("its own", func(t *testing.T) {
		m := StartMoto(t)
		pid = m.pid
		CreateStream(t, m.URL, "/test/moto", "one")
		if n := groups(t, m); n != 1 {
			t.Errorf("%d groups", n)
		}
		if err := m.Reset(); err != nil {
			t.Error(err)
		}
		if n := groups(t, m); n != 0 {
			t.Errorf("%d groups after a reset", n)
		}
		if first, second := Shared(t), Shared(t); first != second || first.pid == m.pid {
			t.Error("the shared server is not one, or not one of its own")
		}
	})
	if err := syscall.Kill(-pid, 0); !errors.Is(err, syscall.ESRCH) {
		t.Errorf("process group %d is still there: %v", pid, err)
	}
}

// TestSharedEndsWithTheBinary: this test's binary, run again for its helper alone, is killed; its moto must be gone then.
func TestSharedEndsWithTheBinary(t *testing.T) {
	if os.Getenv("OPSH_FAULT_HELPER") != "" {
		os.Stdout.WriteString("url=" + Shared(t).URL + "\n") //nolint:errcheck // the parent would miss it
		io.Copy(io.Discard, os.Stdin)                        //nolint:errcheck // until it is killed, or its parent ends otherwise
		os.Exit(0)
	}
	cmd := exec.Command(os.Args[0], "-test.run=^TestSharedEndsWithTheBinary$")
	cmd.Env = append(os.Environ(), "OPSH_FAULT_HELPER=1")
	if _, err := cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	said := make([]byte, 200)
	n, err := out.Read(said)
	cmd.Process.Kill() //nolint:errcheck // Wait tells
	if err != nil {
		t.Fatal(err)
	}
	cmd.Wait() //nolint:errcheck // it was killed
	url, found := strings.CutPrefix(strings.TrimSpace(string(said[:n])), "url=")
	if !found {
		t.Fatalf("the helper said %q", said[:n])
	}
	for give := time.Now().Add(10 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		err := call(ctx, "GET", url+"/moto-api/")
		cancel()
		if errors.Is(err, syscall.ECONNREFUSED) {
			return
		}
		if time.Now().After(give) {
			t.Fatalf("the helper's server is still there: %v", err)
		}
	}
}
