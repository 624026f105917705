package attack

import (
	"os"
	"path/filepath"
	"testing"
)

// editor is a script that an editor's variable names.
func editor(t *testing.T) string {
	t.Helper()
	path := filepath.Join(world.scripts, "editor.sh")
	must(t, os.WriteFile(path, []byte("#!/bin/sh\n"+payload+"\n"), 0o755))
	return path
}

// TestMysqlEditor: \e opens an editor, from the environment or vi.
func TestMysqlEditor(t *testing.T) {
	k := mysql(nil, prompted("select 1"), step{"-> ", "\\e\r"})
	k.env = `{ EDITOR = "` + editor(t) + `" }`
	k.ends = "\r;\x03\x04\x04"
	vi := mysql(nil, prompted("select 1"), step{"-> ", "\\e\r"}, step{"~", ":!" + payload + "\r"})
	vi.ends = "\r:q!\r;\x03\x04\x04"
	each(t, map[string]trick{"EDITOR": k, "vi": vi})
}
