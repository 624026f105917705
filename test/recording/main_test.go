// Package recording shows that what was recorded of a session is what its operator saw and typed: the built opsh in a terminal, with real tools.
package recording

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"opsh/test/fixture"
)

// patience is how long anything may take on a busy machine.
const patience = 60 * time.Second

// world is what the tests share.
var world struct {
	place fixture.Place
	db    *fixture.MariaDB
}

func TestMain(m *testing.M) {
	status, err := withWorld(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		status = 1
	}
	os.Exit(status)
}

func withWorld(m *testing.M) (status int, err error) {
	dir, remove, err := fixture.Dir("recording")
	if err != nil {
		return 1, err
	}
	defer remove()
	if world.place, err = fixture.Install(dir); err != nil {
		return 1, err
	}
	if world.db, err = fixture.StartMariaDB(filepath.Join(dir, "db")); err != nil {
		return 1, err
	}
	defer world.db.Stop()
	return m.Run(), nil
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
