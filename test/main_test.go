// Package test runs the built binaries against real servers, as ECS Exec would start them.
package test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"opsh/test/fixture"
)

// world is what the journeys share.
var world struct {
	place fixture.Place
	db    *fixture.MariaDB
	app   string
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
		return 1, fmt.Errorf("cannot test opsh: ECS Exec starts it as root, and so must its tests")
	}
	dir, remove, err := fixture.Dir("test")
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
	world.app = filepath.Join(dir, "app")
	if err := fixture.MakeRails(world.app); err != nil {
		return 1, err
	}
	if err := fixture.MakeSQL(dir); err != nil {
		return 1, err
	}
	return m.Run(), nil
}
