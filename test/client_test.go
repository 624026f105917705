package test

import (
	"strings"
	"testing"
	"time"
)

// TestSQLPastedInTheClient: four lines that come at once while a tool runs are the tool's, all of them.
func TestSQLPastedInTheClient(t *testing.T) {
	s := session(t, "opsh", "")
	prompted(t, s, "mysql -t app_production")
	expect(t, s, `app_production\]> `)
	typed(t, s, "SELECT id,\r  customer\rFROM orders\rWHERE id = 2;\r")
	expect(t, s, `\|  2 \| 佐藤花子 +\|`)
	expect(t, s, `1 row in set`)
	// The same as a terminal marks it when opsh's prompt had asked for marks: the client must never see them switched on.
	if before, _, _ := strings.Cut(s.Output(), "run mysql"); strings.Count(before, "\x1b[?2004h") != strings.Count(before, "\x1b[?2004l") {
		t.Error("bracketed paste is still on in the tool")
	}
	typed(t, s, "exit\r")
	expect(t, s, `opsh: #1 `+stamp+` exit 0`)
	prompted(t, s, "exit")
	has(t, ended(t, s, 0), `opsh: end 0 exit `+stamp+` 1 run, 0 refused`)
}

// TestCtrlZInAQuery: it stops neither the client, whose process group has no shell to wake it again, nor opsh.
func TestCtrlZInAQuery(t *testing.T) {
	s := session(t, "opsh", "")
	prompted(t, s, "mysql -t app_production")
	expect(t, s, `app_production\]> `)
	typed(t, s, "SELECT SLEEP(30);\r")
	waitForQuery(t)
	typed(t, s, "\x1a\x03")
	start := time.Now()
	expect(t, s, `Query execution was interrupted|Ctrl-C -- query killed`)
	expect(t, s, `app_production\]> `)
	if took := time.Since(start); took > 25*time.Second {
		t.Errorf("Ctrl-C took %s behind Ctrl-Z", took)
	}
	typed(t, s, "SELECT 'still here';\r")
	expect(t, s, `\| still here \|`)
	typed(t, s, "exit\r")
	expect(t, s, `opsh: #1 `+stamp+` exit 0`)
	prompted(t, s, "exit")
	ended(t, s, 0)
}

// TestCtrlZAtTheClientsPrompt: MariaDB's client answers it by "Bye" or not at all, with opsh around it or without,
// depending on what is typed next and how soon. It is the client's to decide; opsh goes on.
func TestCtrlZAtTheClientsPrompt(t *testing.T) {
	s := session(t, "opsh", "")
	prompted(t, s, "mysql -t app_production")
	expect(t, s, `app_production\]> `)
	typed(t, s, "\x1a\r") // the Return is nothing, to the client and to opsh
	if m := expect(t, s, `Bye|app_production\]> `); m[0] != "Bye" {
		typed(t, s, "exit\r")
	}
	expect(t, s, `opsh: #1 `+stamp+` exit 0`)
	prompted(t, s, "mysql -N -e \"SELECT 'opsh goes on'\"")
	expect(t, s, `\| opsh goes on \|`)
	prompted(t, s, "exit")
	has(t, ended(t, s, 0), `opsh: end 0 exit `+stamp+` 2 runs, 0 refused`)
}
