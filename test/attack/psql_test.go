package attack

import (
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"testing"
)

// postgres starts a real PostgreSQL and returns the directory of its socket.
func postgres(t *testing.T) string {
	t.Helper()
	bins, err := filepath.Glob("/usr/lib/postgresql/*/bin")
	if err != nil || len(bins) == 0 {
		t.Fatal("there is no PostgreSQL: install postgresql")
	}
	account, err := user.Lookup("postgres")
	must(t, err)
	uid, err := strconv.Atoi(account.Uid)
	must(t, err)
	dir := filepath.Join(world.place.Dir, "postgres")
	must(t, os.Mkdir(dir, 0o755))
	must(t, os.Chown(dir, uid, -1))
	as := func(script string) {
		t.Helper()
		cmd := exec.Command("setpriv", "--reuid", account.Uid, "--regid", account.Gid, "--clear-groups", "sh", "-c", script)
		cmd.Env, cmd.Dir = []string{"PATH=" + bins[0] + ":/usr/bin:/bin", "LC_ALL=C.UTF-8"}, dir
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%s: %v\n%s", script, err, out)
		}
	}
	as("initdb -D data --auth=trust >log")
	as(fmt.Sprintf("pg_ctl -D data -l log -w -o '-c listen_addresses= -c unix_socket_directories=%s -c fsync=off' start >/dev/null", dir))
	t.Cleanup(func() { as("pg_ctl -D data -m immediate stop >/dev/null") })
	return dir
}

// TestPsql: the other database's client has \!, pipes and a pager, too.
func TestPsql(t *testing.T) {
	client, err := filepath.EvalSymlinks(filepath.Join(mustGlob(t, "/usr/lib/postgresql/*/bin"), "psql"))
	must(t, err)
	dir := postgres(t)
	psql := func(line string) trick {
		return trick{path: client, args: []string{"-X", "-h", dir, "-U", "postgres", "postgres"}, list: true,
			steps: []step{{`postgres=# `, line + "\r"}}, ends: "\x03\\q\r\x04"}
	}
	pager := psql(`\pset pager always`)
	pager.steps = append(pager.steps, step{"Pager", "select 1;\r"})
	pager.env = `{ PSQL_PAGER = "` + payload + `" }`
	each(t, map[string]trick{
		"bang": psql(`\! ` + payload), "output": psql(`\o |` + payload + `>&2`), "go": psql(`select 1 \g |` + payload + `>&2`),
		"backquote": psql("\\echo `" + payload + "`"), "pager": pager,
	})
}

func mustGlob(t *testing.T, pattern string) string {
	t.Helper()
	found, err := filepath.Glob(pattern)
	if err != nil || len(found) == 0 {
		t.Fatalf("there is no %s", pattern)
	}
	return found[0]
}
