// Package attack tries to escape from opsh, one file for each escape. Each attack first shows that it works where nothing contains it,
// then that under opsh it doesn't, and that the attempt was recorded.
package attack

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"opsh/test/fixture"
)

// world is what the attacks share.
var world struct {
	place   fixture.Place
	scripts string // a directory of root's for the tool's scripts
	db      *fixture.MariaDB
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
	if os.Geteuid() != 0 {
		return 1, fmt.Errorf("cannot attack opsh: ECS Exec starts it as root, and so must its tests")
	}
	// In a container, opsh is there already.
	dir := os.Getenv("OPSH_INSTALLED")
	if dir != "" {
		world.place = fixture.Installed(dir)
		uids, nobody = fixture.ImageUIDs, fixture.ImageNobody
	} else {
		var remove func()
		if dir, remove, err = fixture.Dir("attack"); err != nil {
			return 1, err
		}
		defer remove()
		if world.place, err = fixture.Install(dir); err != nil {
			return 1, err
		}
	}
	world.scripts = filepath.Join(dir, "scripts")
	if err := os.Mkdir(world.scripts, 0o755); err != nil {
		return 1, err
	}
	if world.db, err = fixture.StartMariaDB(filepath.Join(dir, "db")); err != nil {
		return 1, err
	}
	defer world.db.Stop()
	return m.Run(), nil
}
