package attack

import "testing"

// TestLibeditEscV: the line editor of many clients has vi's keys, too, and among them one that opens an editor on the line.
func TestLibeditEscV(t *testing.T) {
	k := mysql(nil, step{`MariaDB`, "\x1bx"}, step{"", "bind -v\r"}, step{"", "select 1\x1b"}, step{"", "v"})
	k.env = `{ EDITOR = "` + editor(t) + `" }`
	k.names = ".*/(editor.sh|vi|sh|dash)"
	k.try(t)
}
