package attack

import (
	"fmt"
	"testing"

	"opsh/test/fixture"
)

// mysql is a trick of the client's. more are its arguments behind those that connect it.
func mysql(more []string, steps ...step) trick {
	return trick{path: "/usr/bin/mysql", steps: steps, ends: "\x03\x04\x04", list: true, args: append([]string{
		"--no-defaults", "-h127.0.0.1", fmt.Sprintf("-P%d", world.db.Port), "-uops", "-p" + fixture.Password}, more...)}
}

// prompted types a line at the client's prompt.
func prompted(line string) step { return step{`MariaDB \[\(none\)\]> |mysql> `, line + "\r"} }

// each tries variants of one trick.
func each(t *testing.T, tricks map[string]trick) {
	t.Helper()
	for name, k := range tricks {
		t.Run(name, func(t *testing.T) { k.try(t) })
	}
}
