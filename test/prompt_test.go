package test

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/creack/pty"
)

// TestPromptKeys: Ctrl-C clears the line and runs nothing, Tab completes tools, options and listed values, history lists what was
// typed, the up arrow brings it back, Ctrl-D at an empty line leaves.
func TestPromptKeys(t *testing.T) {
	s := session(t, "opsh", "")
	expect(t, s, `prod> `)
	typed(t, s, "mysql -e 'SELECT 1' app_prod\x03")
	expect(t, s, `prod> `)
	typed(t, s, "\x1a\x1c") // neither stops nor ends opsh
	typed(t, s, "mys\t-N -e 'SELECT \"done by Tab\"' app_p\t\r")
	expect(t, s, `run mysql -N -e 'SELECT "done by Tab"' app_production `)
	expect(t, s, `\| done by Tab \|`)
	prompted(t, s, "history")
	expect(t, s, `(?m)mysql -N -e 'SELECT "done by Tab"' app_production`)
	expect(t, s, `prod> `)
	typed(t, s, "\x1b[A\x1b[A\r") // history itself, and the query before it
	expect(t, s, `opsh: #2 `+stamp+` run mysql -N -e 'SELECT "done by Tab"' app_production `)
	expect(t, s, `opsh: #2 `+stamp+` exit 0`)
	expect(t, s, `prod> `)
	typed(t, s, "\x04")
	log := ended(t, s, 0)
	has(t, log, `opsh: end 0 exit `+stamp+` 2 runs, 0 refused`)
	if strings.Contains(log, "run mysql -e 'SELECT 1'") {
		t.Error("what Ctrl-C cleared has run")
	}
}

// TestToolKeys: Ctrl-Z stops neither the tool, which no shell would wake again, nor opsh; Ctrl-\ ends the tool alone.
func TestToolKeys(t *testing.T) {
	s := session(t, "opsh", "")
	prompted(t, s, "rails runner ask.rb")
	expect(t, s, `your name\? `)
	typed(t, s, "\x1a")
	typed(t, s, "花子\r")
	expect(t, s, `hello, 花子`)
	expect(t, s, `opsh: #1 `+stamp+` exit 0`)
	prompted(t, s, "rails runner ask.rb")
	expect(t, s, `your name\? `)
	typed(t, s, "\x1c")
	expect(t, s, `opsh: #2 `+stamp+` exit 131 signal QUIT`)
	prompted(t, s, "rails runner ask.rb")
	expect(t, s, `your name\? `)
	typed(t, s, "\x04") // the tool's end of input, not opsh's
	expect(t, s, `hello, \r*\n`)
	expect(t, s, `opsh: #3 `+stamp+` exit 0`)
	prompted(t, s, "exit")
	has(t, ended(t, s, 0), `opsh: end 0 exit `+stamp+` 3 runs, 0 refused`)
}

// TestLoginShell: the forms in which login and su start it.
func TestLoginShell(t *testing.T) {
	must(t, world.place.WritePolicy(trivial("/usr/bin/echo", `prompt = "prod"`)))
	for _, argv := range [][]string{{"-opsh"}, {"opsh", "-l"}, {"-opsh", "-l"}} {
		cmd := exec.CommandContext(t.Context(), world.place.Opsh)
		cmd.Args, cmd.Env = argv, []string{"TERM=xterm"}
		c := openConsole(t, cmd, pty.Winsize{Cols: 80, Rows: 24})
		c.until("prod> ")
		c.master.WriteString("tool by login\r")
		c.until("opsh: #1 ")
		c.until(" exit 0 ")
		c.until("prod> ")
		c.master.WriteString("exit\r")
		c.until("opsh: end 0 exit ")
		cmd.Wait()
		if cmd.ProcessState.ExitCode() != 0 {
			t.Errorf("%q: status %d", argv, cmd.ProcessState.ExitCode())
		}
	}
	cmd := exec.CommandContext(t.Context(), world.place.Opsh)
	cmd.Args = []string{"-opsh", "-l", "-c", "tool by login"}
	if out, status := output(t, cmd); status != 0 || !strings.Contains(out, "by login\n") {
		t.Errorf("status %d\n%s", status, out)
	}
}
