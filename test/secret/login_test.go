package secret

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"opsh/test/rig"
)

// TestSecrets shares one world, since that takes a while to build.
func TestSecrets(t *testing.T) {
	w := build(t)
	w.policy(t, "")
	t.Run("the search finds", w.findsItself)
	t.Run("logins leave nothing", w.logins)
	t.Run("in an environment", w.inEnvironment)
	t.Run("printed", w.printed)
	t.Run("typed", w.typed)
	t.Run("fetched once", w.once)
	t.Run("errors", w.mistakes)
	t.Run("rds-iam", w.token)
	t.Run("left behind", w.left)
}

// findsItself: a search that finds nothing because it can't find anything proves nothing.
func (w *world) findsItself(t *testing.T) {
	for _, s := range w.sources {
		for _, one := range spellings(s.password) {
			if got := w.holds(slices.Concat([]byte("before "), one, []byte(" behind"))); len(got) != 1 || got[0] != s.name {
				t.Errorf("%q: found %v", one, got)
			}
		}
	}
	p := &processes{w: w, seen: map[string]int{}, found: map[string]bool{}}
	// This very process's memory holds them, and its environment doesn't.
	if got := w.holds(memory(fmt.Sprintf("/proc/%d", os.Getpid()))); len(got) != len(w.sources) {
		t.Errorf("in the memory of the test: %v", got)
	}
	if p.look(); len(p.found) > 0 {
		t.Errorf("before a session ran: %v", p.found)
	}
}

// logins: an interactive session logs in to each server with the password of each source.
func (w *world) logins(t *testing.T) {
	dir := t.TempDir()
	p := w.watch()
	s, err := rig.Start(rig.Options{Worker: w.place.Worker, Program: w.place.Opsh, Dir: dir, Command: "opsh", Env: w.environ(), Fast: true, Cols: 250, Rows: 50})
	must(t, err)
	defer s.Stop()
	expect := func(pattern string) {
		t.Helper()
		_, err := s.Expect(pattern, patience)
		must(t, err)
	}
	for _, one := range w.sources {
		for _, c := range []struct{ line, want string }{
			{`maria-` + one.name + ` -e "SELECT CONCAT('hello ', CURRENT_USER()), SLEEP(0.4)"`, `hello ` + one.name + `@127\.0\.0\.1`},
			{`pg-` + one.name + ` -c "SELECT 'hello ' || current_user FROM pg_sleep(0.4)"`, `hello u_` + one.name},
		} {
			expect(`opsh> $`)
			must(t, s.Type(c.line+"\r"))
			expect(`#\d+ \S+ run `)
			expect(c.want)
			expect(`#\d+ \S+ exit 0 `)
		}
	}
	expect(`opsh> $`)
	must(t, s.Type("exit\r"))
	end, err := s.Wait(patience)
	must(t, err)
	if end.Exit != 0 {
		t.Errorf("it ended with %d", end.Exit)
	}
	p.end(t, "/usr/bin/mariadb", w.pg.Psql, "opsh", "opsh: watcher", "memory")
	for what, text := range map[string]string{"the terminal": s.Output(), "the session log": end.Log} {
		if !strings.Contains(text, "hello") {
			t.Errorf("%s is empty", what)
		}
		if names := w.holds([]byte(text)); names != nil {
			t.Errorf("%s holds the password of %v", what, names)
		}
	}
	if n := w.searchDir(t, dir) + w.searchDir(t, w.place.State); n < 3 {
		t.Errorf("only %d files were looked at", n)
	}
}

// inEnvironment is for tools that know nothing else.
func (w *world) inEnvironment(t *testing.T) {
	for _, s := range w.sources {
		out, status := w.run(t, "-c", "env-"+s.name+" -c 'SELECT current_user'")
		if status != 0 || !strings.Contains(out, "\nu_"+s.name+"\n") {
			t.Errorf("%s: %d\n%s", s.name, status, out)
		}
		if names := w.holds([]byte(out)); names != nil {
			t.Errorf("the output holds the password of %v", names)
		}
	}
	w.searchDir(t, w.place.State)
}

// printed: a tool prints the password that it was given, as it is and as base64, and in a file that MariaDB writes.
func (w *world) printed(t *testing.T) {
	for _, s := range w.sources {
		sql := "SELECT CONCAT('<', v, '>'), CONCAT('<', TO_BASE64(v), '>'), CONCAT('<', HEX(v), '>'), CONCAT('<', QUOTE(v), '>') FROM app_production.leak WHERE name = '" + s.name + "'"
		out, status := w.run(t, "-c", "maria-"+s.name+` -e "`+sql+`"`)
		if status != 0 || strings.Count(out, "<[secret "+s.name+"]>") != 3 || !strings.Contains(out, "<'[secret "+s.name+"]'>") {
			t.Errorf("%s: %d\n%s", s.name, status, out)
		}
	}
	w.searchDir(t, w.place.State)
}

// typed: who knows a password types it, and finds it neither echoed by opsh nor recorded. It isn't known before a command needed it, but for
// what opsh has at hand.
func (w *world) typed(t *testing.T) {
	for _, s := range w.sources {
		quoted := `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s.password) + `"`
		for _, c := range []struct {
			line   string
			status int
		}{
			{"maria-" + s.name + " -e " + quoted, 1},              // runs, and is no SQL
			{"maria-" + s.name + " --password=" + quoted, 126},    // is refused by the policy
			{"maria-" + s.name + " -e " + quoted + " | cat", 126}, // doesn't split
		} {
			if c.status == 126 && s.name != "env" && s.name != "file" {
				continue
			}
			out, status := w.run(t, "-c", c.line)
			if names := w.holds([]byte(out)); names != nil || status != c.status || !strings.Contains(out, "[secret "+s.name+"]") {
				t.Errorf("%q: %d, shows %v\n%s", c.line, status, names, out)
			}
		}
	}
	w.searchDir(t, w.place.State)
}

// once: what AWS gave is kept as long as the session lasts, and asked for by no session that doesn't need it.
func (w *world) once(t *testing.T) {
	before := w.proxy.Requests("GetSecretValue")
	script := filepath.Join(t.TempDir(), "runbook")
	must(t, os.WriteFile(script, []byte("maria-key -e 'SELECT 1'\npg-key -c 'SELECT 1'\nmaria-env -e 'SELECT 1'\n"), 0o600))
	out, status := w.runbook(t, script)
	if got := w.proxy.Requests("GetSecretValue") - before; got != 1 || status != 0 {
		t.Errorf("asked %d times, status %d\n%s", got, status, out)
	}
	if strays := w.credentials.Strays(); len(strays) > 0 {
		t.Errorf("asked for credentials at %v", strays)
	}
}
