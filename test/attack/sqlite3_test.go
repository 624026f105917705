package attack

import "testing"

// TestSqlite3: the client of a database in a file.
func TestSqlite3(t *testing.T) {
	each(t, map[string]trick{
		"shell":  {path: "/usr/bin/sqlite3", args: []string{":memory:", ".shell " + payload}, ends: "\x04", list: true},
		"system": {path: "/usr/bin/sqlite3", args: []string{":memory:", ".system " + payload}, ends: "\x04"},
		"once":   {path: "/usr/bin/sqlite3", args: []string{":memory:", ".once '|" + payload + "'", "select 1"}, ends: "\x04"},
	})
}
