package launch

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"opsh/policy"
)

var seats = policy.UIDRange{First: reaperUID + 60, Last: reaperUID + 62}

func TestTakeUID(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "state")
	first, err := TakeUID(dir, seats)
	if err != nil || first.UID != seats.First+1 || first.Reaper != seats.First {
		t.Fatalf("%+v %v", first, err)
	}
	for path, want := range map[string]os.FileMode{dir: 0o700, dir + "/uids": 0o700, fmt.Sprintf("%s/uids/%d", dir, first.UID): 0o600} {
		if st, err := os.Lstat(path); err != nil || st.Mode().Perm() != want {
			t.Errorf("%s: %v %v", path, st, err)
		}
	}
	second, err := TakeUID(dir, seats)
	if err != nil || second.UID != seats.First+2 {
		t.Fatalf("%+v %v", second, err)
	}
	if s, err := TakeUID(dir, seats); err == nil || !strings.Contains(err.Error(), "2 by sessions") {
		t.Errorf("%+v %v", s, err)
	}
	// The watcher holds the lock on when opsh is gone.
	heir := exec.Command("sleep", "63")
	heir.ExtraFiles = []*os.File{second.File()}
	if err := heir.Start(); err != nil {
		t.Fatal(err)
	}
	second.Close()
	if s, err := TakeUID(dir, seats); err == nil {
		t.Errorf("taken in spite of the heir: %+v", s)
	}
	heir.Process.Kill()
	heir.Wait()
	again, err := TakeUID(dir, seats)
	if err != nil || again.UID != seats.First+2 {
		t.Errorf("%+v %v", again, err)
	} else {
		again.Close()
	}
	first.Close()
}

// TestSomebodyHasTheUID: a uid is only taken when no process has it.
func TestSomebodyHasTheUID(t *testing.T) {
	t.Parallel()
	as := func(uid uint32) func() {
		t.Helper()
		cmd := exec.Command("sleep", "63")
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uid, Gid: uid}}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		return func() { cmd.Process.Kill(); cmd.Wait() }
	}
	dir := t.TempDir()
	end := as(seats.First + 1)
	s, err := TakeUID(dir, seats)
	if err != nil || s.UID != seats.First+2 {
		t.Fatalf("%+v %v", s, err)
	}
	if _, err := TakeUID(dir, seats); err == nil || !strings.Contains(err.Error(), "1 by sessions, 1 by other processes") {
		t.Errorf("got %v", err)
	}
	end()
	s.Close()
	end = as(seats.First)
	if _, err := TakeUID(dir, seats); err == nil || !strings.Contains(err.Error(), "kept for ending tools") {
		t.Errorf("got %v", err)
	}
	end()
	s, err = TakeUID(dir, seats)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	defer as(s.UID)()
	if left, err := s.End(); err != nil || len(left) != 1 {
		t.Errorf("ended %v, %v", left, err)
	}
}

// TestStateDirectory: locks in a directory that somebody else can write to are none.
func TestStateDirectory(t *testing.T) {
	for name, prepare := range map[string]func(dir string) error{
		"a link":           func(dir string) error { return os.Symlink(t.TempDir(), dir) },
		"a file":           func(dir string) error { return os.WriteFile(dir, nil, 0o600) },
		"group-writable":   func(dir string) error { os.Mkdir(dir, 0o700); return os.Chmod(dir, 0o770) },
		"somebody else's":  func(dir string) error { os.Mkdir(dir, 0o700); return os.Chown(dir, toolUID, 0) },
		"uids is a link":   func(dir string) error { os.Mkdir(dir, 0o700); return os.Symlink(t.TempDir(), dir+"/uids") },
		"uids is readable": func(dir string) error { os.MkdirAll(dir+"/uids", 0o700); return os.Chmod(dir+"/uids", 0o755) },
		"a lock is a link": func(dir string) error {
			os.MkdirAll(dir+"/uids", 0o700)
			return os.Symlink("/etc/passwd", fmt.Sprintf("%s/uids/%d", dir, seats.First+1))
		},
		"no parent": func(dir string) error { return os.RemoveAll(filepath.Dir(dir)) },
	} {
		dir := filepath.Join(t.TempDir(), "state")
		if err := prepare(dir); err != nil {
			t.Fatal(err)
		}
		if s, err := TakeUID(dir, seats); err == nil || !strings.HasPrefix(err.Error(), "cannot take a uid: ") {
			t.Errorf("%s: %+v %v", name, s, err)
		}
	}
	for _, r := range []policy.UIDRange{{}, {First: 0, Last: 5}, {First: 64960, Last: 64960}, {First: 5, Last: 4}} {
		if s, err := TakeUID(t.TempDir(), r); err == nil {
			t.Errorf("%v: %+v", r, s)
		}
	}
}
