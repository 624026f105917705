package test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/creack/pty"

	"opsh/shell/audit"
	"opsh/test/rig"
)

// TestMysqlSession is an operator's: rows, a resize, Ctrl-C, Ctrl-Z and Ctrl-\, long output, SQL over four lines.
func TestMysqlSession(t *testing.T) {
	s := session(t, "opsh", "")
	expect(t, s, `prod: mysql, rails\. All you type and see here is recorded\.`)
	prompted(t, s, "mysql -t app_production")
	expect(t, s, `run mysql -t app_production`)
	client := `app_production\]> `
	at := func(text string) {
		t.Helper()
		expect(t, s, client)
		typed(t, s, text)
	}
	at("SELECT id, customer FROM orders ORDER BY id;\r")
	expect(t, s, `\|  1 \| 山田太郎 +\|`)
	expect(t, s, `4 rows in set`)
	at("SELECT SLEEP(30);\r")
	expect(t, s, `SLEEP\(30\);`)
	waitForQuery(t)
	if err := s.Resize(132, 43); err != nil { // while it works
		t.Fatal(err)
	}
	windowOf(t, trailBegin(t, s.ID).UID, 132, 43)
	typed(t, s, "\x03")
	expect(t, s, `Query execution was interrupted|Ctrl-C -- query killed|SLEEP`)
	if err := s.Resize(60, 20); err != nil { // at its prompt
		t.Fatal(err)
	}
	windowOf(t, trailBegin(t, s.ID).UID, 60, 20)
	at("SELECT 1,\r")
	expect(t, s, `    -> `)
	typed(t, s, "2,\r")
	expect(t, s, `    -> `)
	typed(t, s, "3,\r")
	expect(t, s, `    -> `)
	typed(t, s, "'四行';\r")
	expect(t, s, `四行`)
	at("SELECT 'still here';\r")
	expect(t, s, `\| still here \|`)
	at("SELECT REPEAT('x', 100), seq FROM seq_1_to_5000;\r")
	expect(t, s, `5000 rows in set`)
	at(`\! id` + "\r") // contained: no shell comes of it
	expect(t, s, client)
	typed(t, s, "exit\r")
	expect(t, s, `opsh: #1 `+stamp+` exit 0`)
	prompted(t, s, "mysql -t app_production")
	expect(t, s, client)
	typed(t, s, "\x1c")
	expect(t, s, `opsh: #2 `+stamp+` exit (1|131 signal QUIT) `) // MariaDB's client catches it and aborts
	prompted(t, s, "exit")
	log := ended(t, s, 0)
	if strings.Contains(log, "uid=") {
		t.Errorf("a program ran behind \\!:\n%s", log)
	}
	has(t, log, `opsh: end 0 exit `+stamp+` 2 runs, 0 refused`)
}

// waitForQuery waits until the server runs SLEEP.
func waitForQuery(t *testing.T) {
	t.Helper()
	for give := time.Now().Add(patience); time.Now().Before(give); time.Sleep(20 * time.Millisecond) {
		if world.db.Query(t.Context(), "SELECT COUNT(*) FROM information_schema.processlist WHERE info = 'SELECT SLEEP(30)'") == "1" {
			return
		}
	}
	t.Fatal("the query did not start")
}

// TestFourLinesOfSQL: typed, an open quote goes on; pasted, the lines are shown and confirmed first.
func TestFourLinesOfSQL(t *testing.T) {
	lines := []string{"mysql -t -e 'SELECT id,", "  customer", "FROM orders", "WHERE id = 2' app_production"}
	s := session(t, "opsh", "")
	expect(t, s, `prod> `)
	for _, l := range lines[:3] {
		typed(t, s, l+"\r")
		expect(t, s, ` \.\.\.> `)
	}
	typed(t, s, lines[3]+"\r")
	expect(t, s, `佐藤花子`)
	for _, paste := range []string{
		"\x1b[200~" + strings.Join(lines, "\r") + "\r\x1b[201~",
		strings.Join(lines, "\r") + "\r",
	} {
		expect(t, s, `prod> `)
		typed(t, s, paste)
		expect(t, s, `lines? pasted; run`)
		typed(t, s, "y\r")
		expect(t, s, `佐藤花子`)
	}
	expect(t, s, `prod> `)
	typed(t, s, "\x1b[200~"+strings.Join(lines, "\r")+"\r\x1b[201~")
	expect(t, s, `lines? pasted; run`)
	typed(t, s, "n\r")
	prompted(t, s, "exit")
	has(t, ended(t, s, 0), `run mysql -t -e \$'SELECT id,\\n  customer\\nFROM orders\\nWHERE id = 2' app_production`, `opsh: end 0 exit `+stamp+` 3 runs, 0 refused`)
}

func TestRailsReadsTheTerminal(t *testing.T) {
	s := session(t, "opsh", "")
	prompted(t, s, "rails runner ask.rb")
	expect(t, s, `your name\? `)
	typed(t, s, "花子\r")
	expect(t, s, `hello, 花子`)
	prompted(t, s, "rails runner stuck.rb")
	expect(t, s, `2 佐藤花子 ノート`)
	prompted(t, s, "rails runner ask.rb")
	expect(t, s, `run rails runner ask.rb`)
	typed(t, s, "typed ahead\r") // before Rails has started: it is for the tool
	expect(t, s, `hello, typed ahead`)
	prompted(t, s, "exit")
	ended(t, s, 0)
}

// TestRefusalsTeach: what an operator sees, within 80 columns.
func TestRefusalsTeach(t *testing.T) {
	s := session(t, "opsh", "")
	prompted(t, s, "mysql app_production -e 'SELECT 1'")
	expect(t, s, `refused mysql app_production -e 'SELECT 1'`)
	prompted(t, s, "ls")
	prompted(t, s, "mysql -tN")
	prompted(t, s, "mysql app_production; id")
	prompted(t, s, "rails runner nothing.rb")
	prompted(t, s, "help")
	prompted(t, s, "help rails")
	prompted(t, s, "exit")
	log := ended(t, s, 0)
	has(t, log,
		`\n  word 3, -e: options stand before DATABASE\r*\n  usage: mysql \[-t\] \[-N\] -e SQL \[DATABASE\]\r*\n  try:   mysql -e 'SELECT 1' app_production\r*\n`,
		`\n  word 1, ls: `, `\n  word 2, -tN: `, `\n  column 21: `, `\n  word 3, nothing.rb: no such file`,
		`mysql - query the production database`, `(?s)SCRIPT: a file below .*args.rb`,
		`opsh: end 0 exit `+stamp+` 0 runs, 5 refused`)
	escapes := regexp.MustCompile(`\x1b\[[0-9;?]*[a-zA-Z]|\r`)
	for _, l := range strings.Split(log, "\n") {
		l = escapes.ReplaceAllString(l, "")
		if len([]rune(l)) > 80 && !strings.HasPrefix(l, "opsh: #") && !strings.HasPrefix(l, "opsh: begin ") && !strings.HasPrefix(l, "Script ") {
			t.Errorf("%d columns: %s", len([]rune(l)), l)
		}
	}
}

// TestReason is asked until it fits, and is in the first record.
func TestReason(t *testing.T) {
	want := `reason = { match = '[A-Z]+-[0-9]+ .*' }`
	s := session(t, "opsh", want)
	expect(t, s, `reason \(ticket or incident, one line\): `)
	typed(t, s, "because\r")
	expect(t, s, `must match`)
	expect(t, s, `reason \(ticket or incident, one line\): `)
	typed(t, s, "INC-4711 注文が止まった\r")
	prompted(t, s, "exit")
	ended(t, s, 0)
	if r := trail(t, s.ID)[0]; r.Reason != "INC-4711 注文が止まった" {
		t.Errorf("reason %q", r.Reason)
	}
	s = session(t, `opsh -c "mysql -e 'SELECT 1'"`, want)
	has(t, ended(t, s, 126), `refused mysql`, `--reason`)
	s = session(t, `opsh --reason "INC-1 x" -c "mysql -e 'SELECT 1'"`, want)
	ended(t, s, 0)
}

// TestLimits: idle at the prompt, idle in a tool's line editor, the session's time, a tool's timeout.
func TestLimits(t *testing.T) {
	t.Run("idle at the prompt", func(t *testing.T) {
		s := session(t, "opsh", `idle_timeout = "1s"`)
		has(t, ended(t, s, 124), `opsh: error: nothing was typed`, `opsh: end 124 timeout`)
	})
	t.Run("idle in mysql", func(t *testing.T) {
		s := session(t, "opsh", `idle_timeout = "2s"`)
		prompted(t, s, "mysql app_production")
		has(t, ended(t, s, 124), `exit 124 timeout`, `opsh: end 124 timeout`)
	})
	t.Run("the session's time, at the prompt", func(t *testing.T) {
		s := session(t, "opsh", `max_duration = "1s"`)
		has(t, ended(t, s, 124), `opsh: error: the session's time is over`, `opsh: end 124 timeout`)
	})
	t.Run("the session's time, in a query", func(t *testing.T) {
		s := session(t, `opsh -c "mysql -e 'SELECT SLEEP(60)'"`, `max_duration = "2s"`)
		has(t, ended(t, s, 124), `exit 124 timeout`, `opsh: end 124 timeout`)
	})
}

// TestKilled: the agent SIGKILLs opsh. Everything of the session's uid ends, and the trail gets its end.
func TestKilled(t *testing.T) {
	s := session(t, "opsh", "")
	prompted(t, s, "rails runner linger.rb 60")
	expect(t, s, `lingering`)
	uid := trailBegin(t, s.ID).UID
	if n := len(running(t, uid)); n < 3 {
		t.Fatalf("%d processes run", n)
	}
	if err := s.Kill(); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Wait(patience); err != nil {
		t.Fatal(err)
	}
	trailHolds(t, s.ID, `"event":"end"`)
	if left := running(t, uid); len(left) > 0 {
		t.Errorf("left running: %v", left)
	}
	records := trail(t, s.ID)
	if end := records[len(records)-1]; end.Category != audit.CategoryBroken || *end.Status != 125 || len(end.Left) == 0 {
		t.Errorf("%+v", end)
	}
}

// TestLeftBehind: what a command leaves running is ended with it, and named.
func TestLeftBehind(t *testing.T) {
	s := session(t, `opsh -c "rails runner linger.rb 0"`, "")
	has(t, ended(t, s, 0), `lingering`, `exit 0 `, `\n  ended what it left running: [0-9]+\s`)
	records := trail(t, s.ID)
	if left := running(t, records[0].UID); len(left) > 0 {
		t.Errorf("left running: %v", left)
	}
	if got := records[len(records)-2].Left; len(got) < 2 {
		t.Errorf("the record names %v", got)
	}
}

// TestJapanese is typed and edited in the middle; what runs is what the line shows.
func TestJapanese(t *testing.T) {
	s := session(t, "opsh", "")
	expect(t, s, `prod> `)
	typed(t, s, "mysql -N -e 'SELECT \"東都\"'")
	expect(t, s, `東都`)
	typed(t, s, "\x1b[D\x1b[D\x1b[D") // before 都
	typed(t, s, "京\x1b[C\x7f府\r")     // 都 away, 府 in its place
	expect(t, s, `\| 東京府 +\|`)
	prompted(t, s, "exit")
	has(t, ended(t, s, 0), `run mysql -N -e 'SELECT "東京府"'`)
}

// TestHangUp: the terminal goes away under opsh.
func TestHangUp(t *testing.T) {
	s := session(t, "opsh", "")
	prompted(t, s, "mysql app_production")
	expect(t, s, `app_production\]> `)
	uid := trailBegin(t, s.ID).UID
	s.HangUp()
	if end, err := s.Wait(patience); err != nil || end.Exit != 125 {
		t.Errorf("%+v %v", end, err)
	}
	records := trail(t, s.ID)
	if end := records[len(records)-1]; end.Category != audit.CategoryBroken {
		t.Errorf("%+v", end)
	}
	if left := running(t, uid); len(left) > 0 {
		t.Errorf("left running: %v", left)
	}
}

// trailBegin is the first record of a session that lives.
func trailBegin(t *testing.T, id string) audit.Record {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(world.place.State, "trail", id+".jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	first, _, _ := strings.Cut(string(content), "\n")
	r, err := audit.Parse([]byte(first))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// running lists the processes of a uid.
func running(t *testing.T, uid uint32) (found []string) {
	t.Helper()
	stats, err := filepath.Glob("/proc/[0-9]*/status")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range stats {
		status, _ := os.ReadFile(path)
		if strings.Contains(string(status), "\nUid:\t"+strconv.Itoa(int(uid))+"\t") && !strings.Contains(string(status), "State:\tZ") {
			found = append(found, fmt.Sprintf("%s %s", path, strings.SplitN(string(status), "\n", 2)[0]))
		}
	}
	return found
}

// windowOf waits until the terminal of the only process of a uid has this size.
func windowOf(t *testing.T, uid uint32, cols, rows uint16) {
	t.Helper()
	var last any
	for give := time.Now().Add(patience); time.Now().Before(give); time.Sleep(10 * time.Millisecond) {
		processes := running(t, uid)
		if len(processes) != 1 {
			t.Fatalf("processes of %d: %v", uid, processes)
		}
		status, _, _ := strings.Cut(processes[0], " ")
		terminal, err := os.Open(filepath.Join(filepath.Dir(status), "fd", "1"))
		must(t, err)
		size, err := pty.GetsizeFull(terminal)
		terminal.Close()
		must(t, err)
		if last = *size; size.Cols == cols && size.Rows == rows {
			return
		}
	}
	t.Fatalf("the tool's window is %+v, want %d columns and %d rows", last, cols, rows)
}

// TestResize: the agent starts at 0x0 and resizes later; what the tool gets follows.
func TestResize(t *testing.T) {
	s := sessionOf(t, rig.Options{Command: "opsh", Cols: 100, Rows: 30}, "")
	prompted(t, s, "rails runner size.rb")
	expect(t, s, `\[30, 100\]`)
	if err := s.Resize(132, 43); err != nil {
		t.Fatal(err)
	}
	expect(t, s, `\[43, 132\]`)
	typed(t, s, "\x03")
	expect(t, s, `exit (130|1) `)
	prompted(t, s, "exit")
	ended(t, s, 0)
}
