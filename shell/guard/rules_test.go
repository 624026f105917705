package guard

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestAgentRole(t *testing.T) {
	for exe, want := range map[string]role{
		"/managed-agents/execute-command/amazon-ssm-agent":                       roleAgent,
		"/managed-agents/execute-command/ssm-agent-worker":                       roleAgent,
		"/managed-agents/execute-command/ssm-session-worker":                     roleSession,
		"/managed-agents/execute-command/bin/3.3/ssm-session-worker":             roleSession,
		"/managed-agents/execute-command/ssm-session-worker (deleted)":           roleSession,
		"/ecs-execute-command-0a1b2c3d-0a1b-0a1b-0a1b-0a1b2c3d/ssm-agent-worker": roleAgent,
	} {
		if got, ok := agentRole(exe); !ok || got != want {
			t.Errorf("%s: %d, %v", exe, got, ok)
		}
	}
	for _, exe := range []string{
		"", "/usr/bin/amazon-ssm-agent", "/managed-agents/amazon-ssm-agent", "/managed-agents/execute-command/sh", "/managed-agents/execute-command-2/ssm-agent-worker",
		"/tmp/managed-agents/execute-command/ssm-agent-worker", "/ecs-execute-command/ssm-agent-worker", "/managed-agents/execute-command/ssm-agent-worker2", "/memfd:ssm-agent-worker",
	} {
		if got, ok := agentRole(exe); ok {
			t.Errorf("%s: %d", exe, got)
		}
	}
}

const (
	testSession = "ecs-execute-command-0a1b2c3d4e5f"
	testDir     = "/var/lib/amazon/ssm/ecs:prod_0a1b_0a1b-1/session/orchestration/" + testSession + "/InteractiveCommands/"
	testSpool   = testDir + "ipcTempFile.log"
	testLog     = testDir + testSession + ".log"
)

func TestTranscript(t *testing.T) {
	if spool, ok := transcript(testSession, []string{"script", testLog, "-c", "cat " + testSpool}); !ok || spool != testSpool {
		t.Errorf("%q, %v", spool, ok)
	}
	other := strings.ReplaceAll(testSpool, testSession, "ecs-execute-command-another")
	for name, argv := range map[string][]string{
		"nothing":            nil,
		"another name":       {"/usr/bin/script", testLog, "-c", "cat " + testSpool},
		"an option":          {"script", "-a", testLog, "-c", "cat " + testSpool},
		"another option":     {"script", testLog, "-qc", "cat " + testSpool},
		"one word more":      {"script", testLog, "-c", "cat " + testSpool, "-f"},
		"one file more":      {"script", testLog, "-c", "cat " + testSpool + " /etc/shadow"},
		"a command more":     {"script", testLog, "-c", "cat " + testSpool + ";id"},
		"a line more":        {"script", testLog, "-c", "cat " + testSpool + "\nid"},
		"another program":    {"script", testLog, "-c", "tac " + testSpool},
		"two blanks":         {"script", testLog, "-c", "cat  " + testSpool},
		"another session":    {"script", testLog, "-c", "cat " + other},
		"another log":        {"script", strings.ReplaceAll(testLog, testSession, "ecs-execute-command-another"), "-c", "cat " + testSpool},
		"the spool as log":   {"script", testSpool, "-c", "cat " + testSpool},
		"another directory":  {"script", testLog, "-c", "cat /tmp" + testSpool},
		"dots":               {"script", testLog, "-c", "cat " + strings.Replace(testSpool, "ecs:prod_0a1b_0a1b-1", "..", 1)},
		"a variable":         {"script", testLog, "-c", "cat " + strings.Replace(testSpool, "ecs:prod_0a1b_0a1b-1", "$HOME", 1)},
		"a substitution":     {"script", testLog, "-c", "cat " + strings.Replace(testSpool, "ecs:prod_0a1b_0a1b-1", "`id`", 1)},
		"a pattern":          {"script", testLog, "-c", "cat " + strings.Replace(testSpool, "ecs:prod_0a1b_0a1b-1", "*", 1)},
		"without a session":  {"script", testLog, "-c", "cat " + testSpool},
		"a relative log":     {"script", "x.log", "-c", "cat " + testSpool},
		"a log with an open": {"script", testLog + "\x00", "-c", "cat " + testSpool},
	} {
		session := testSession
		if name == "without a session" {
			session = ""
		}
		if spool, ok := transcript(session, argv); ok {
			t.Errorf("%s: %q", name, spool)
		}
	}
}

func TestJudge(t *testing.T) {
	opsh, script, dash, bash, cat, agent, else_ := fileID{1, 1}, fileID{1, 2}, fileID{1, 3}, fileID{1, 4}, fileID{1, 5}, fileID{2, 1}, fileID{1, 9}
	r := &rules{opsh: "/usr/local/bin/opsh", opshID: opsh, scripts: []fileID{script}, cats: []fileID{cat}, shells: []file{{"/bin/sh", dash}, {"/bin/bash", bash}}}
	worker := &process{role: roleAgent}
	session := &process{role: roleSession, session: testSession}
	scripted := &process{role: roleScript, session: testSession, spool: testSpool}
	shell := &process{role: roleShell, session: testSession, spool: testSpool}
	catting := &process{role: roleCat, session: testSession, spool: testSpool}
	orphan := &process{role: roleFork}
	at := func(link string, id fileID, argv ...string) image { return image{link: link, id: id, argv: argv} }
	onTerminal := func(i image) image { i.terminal = true; return i }
	const dir = fargateDir
	step := at("/usr/bin/script", script, "script", testLog, "-c", "cat "+testSpool)
	for _, c := range []struct {
		name  string
		p     *process
		image image
		want  verdict
		role  role
	}{
		{"the agent starts its worker", worker.forked(), at(dir+workerName, agent, "x"), hold, roleAgent},
		{"the worker starts a session", worker.forked(), at(dir+sessionName, agent, "x", testSession), hold, roleSession},
		{"the agent becomes its worker", worker, at(dir+workerName, agent, "x"), hold, roleAgent},
		{"the agent starts a shell", worker.forked(), at("/bin/dash", dash, "sh"), kill, 0},
		{"the agent starts opsh", worker.forked(), at(r.opsh, opsh, "opsh"), kill, 0},
		{"the agent makes a transcript", worker.forked(), step, kill, 0},
		{"opsh", session.forked(), at(r.opsh, opsh, "opsh", "-c", "x"), letGo, 0},
		{"opsh on a terminal", session.forked(), onTerminal(at(r.opsh, opsh, "-opsh")), letGo, 0},
		{"opsh by its path", session.forked(), at(r.opsh, opsh, r.opsh), letGo, 0},
		{"opsh called otherwise", session.forked(), at(r.opsh, opsh, "sh"), kill, 0},
		{"opsh without a name", session.forked(), at(r.opsh, opsh), kill, 0},
		{"opsh elsewhere", session.forked(), at("/tmp/opsh", opsh, "opsh"), kill, 0},
		{"opsh that was removed", session.forked(), at(r.opsh+" (deleted)", opsh, "opsh"), kill, 0},
		{"another file in its place", session.forked(), at(r.opsh, else_, "opsh"), kill, 0},
		{"the session becomes opsh", session, at(r.opsh, opsh, "opsh"), kill, 0},
		{"a copy of a copy", session.forked().forked(), at(r.opsh, opsh, "opsh"), kill, 0},
		{"nobody's copy", orphan, at(r.opsh, opsh, "opsh"), kill, 0},
		{"a session starts a session", session.forked(), at(dir+sessionName, agent, "x", testSession), kill, 0},
		{"the transcript", session.forked(), step, hold, roleScript},
		{"the transcript on a terminal", session.forked(), onTerminal(step), kill, 0},
		{"another file as script", session.forked(), at("/usr/bin/script", else_, step.argv...), kill, 0},
		{"its shell", scripted.forked(), onTerminal(at("/bin/dash", dash, "sh", "-c", "cat "+testSpool)), hold, roleShell},
		{"$SHELL", scripted.forked(), at("/bin/bash", bash, "bash", "-c", "cat "+testSpool), hold, roleShell},
		{"another name for the shell", scripted.forked(), at("/bin/dash", dash, "bash", "-c", "cat "+testSpool), kill, 0},
		{"another command", scripted.forked(), at("/bin/dash", dash, "sh", "-c", "cat "+testSpool+" x"), kill, 0},
		{"a shell with input", scripted.forked(), at("/bin/dash", dash, "sh", "-i"), kill, 0},
		{"script becomes a shell", scripted, at("/bin/dash", dash, "sh", "-c", "cat "+testSpool), kill, 0},
		{"script starts cat", scripted.forked(), at("/bin/cat", cat, "cat", testSpool), kill, 0},
		{"script starts opsh", scripted.forked(), at(r.opsh, opsh, "opsh"), kill, 0},
		{"the shell becomes cat", shell, at("/bin/cat", cat, "cat", testSpool), hold, roleCat},
		{"the shell starts cat", shell.forked(), at("/bin/cat", cat, "cat", testSpool), hold, roleCat},
		{"cat of another file", shell, at("/bin/cat", cat, "cat", "/etc/shadow"), kill, 0},
		{"cat of more", shell, at("/bin/cat", cat, "cat", testSpool, "-"), kill, 0},
		{"another file as cat", shell, at("/bin/cat", else_, "cat", testSpool), kill, 0},
		{"the shell starts a shell", shell.forked(), at("/bin/dash", dash, "sh", "-c", "cat "+testSpool), kill, 0},
		{"cat becomes something", catting, at("/bin/cat", cat, "cat", testSpool), kill, 0},
		{"cat starts something", catting.forked(), at("/bin/cat", cat, "cat", testSpool), kill, 0},
	} {
		v, next, why := r.judge(c.p, c.image)
		if v != c.want || (v == hold) != (next != nil) || (v == kill) != (why != "") || v == hold && next.role != c.role {
			t.Errorf("%s: %v %+v %q", c.name, v, next, why)
		}
		if v == hold && c.role == roleSession && next.session != testSession {
			t.Errorf("%s: session %q", c.name, next.session)
		}
	}
}

// TestEventLine: whatever was started, its line is one line of text.
func TestEventLine(t *testing.T) {
	for _, c := range []struct {
		event Event
		want  string
	}{
		{Event{Kind: Killed, PID: 7, Session: "s-1", Path: "/bin/dash", Argv: []string{"sh", "-c", "id; x"}, Why: "no"}, `opshd: killed sh -c 'id; x' (/bin/dash), process 7, in session s-1: no`},
		{Event{Kind: Killed, PID: 7, Path: "/bin/sh", Argv: []string{"/bin/sh"}, Why: "no"}, `opshd: killed /bin/sh, process 7, outside a session: no`},
		{Event{Kind: Held, PID: 7, Path: "/x", Argv: []string{"/x"}}, `opshd: holds /x, process 7`},
		{Event{Kind: Trouble, Why: "cannot"}, `opshd: error: cannot`},
	} {
		if got := c.event.String(); got != c.want {
			t.Errorf("got  %s\nwant %s", got, c.want)
		}
	}
	for _, hostile := range []string{"\x1b[2J\n\r", "\u202e\u2028", "\xff\x00", strings.Repeat("y", 100_000), "a\nopshd: on"} {
		got := Event{Kind: Killed, Session: hostile, Path: hostile, Argv: []string{hostile, hostile}, Why: "no"}.String()
		if strings.ContainsAny(got, "\x1b\n\r\x00\u202e\u2028") || !utf8.ValidString(got) || len(got) > 20<<10 {
			t.Errorf("%.200q of %d bytes", got, len(got))
		}
	}
}

func TestYama(t *testing.T) {
	const with, without = "Name:\tx\nCapEff:\t00000000a80c25fb\n", "CapEff:\t00000000a80425fb\n"
	for _, c := range []struct {
		scope, status, says string
	}{
		{"0", without, ""}, {"1", with, ""}, {"2", with, ""},
		{"1", without, "add the capability SYS_PTRACE"}, {"2", without, "add the capability SYS_PTRACE"}, {"1", "", "add the capability SYS_PTRACE"},
		{"3", with, "forbids tracing"}, {"", with, "forbids tracing"}, {"x", with, "forbids tracing"},
	} {
		err := yama(c.scope, c.status)
		if (err == nil) != (c.says == "") || err != nil && !strings.Contains(err.Error(), c.says) {
			t.Errorf("%q %q: %v", c.scope, c.status, err)
		}
	}
}

func TestScarce(t *testing.T) {
	const gib = 1 << 30
	for _, c := range []struct {
		free, all uint64
		want      bool
	}{{0, 0, false}, {100 * gib, 200 * gib, false}, {gib, 200 * gib, false}, {511 << 20, 200 * gib, true}, {60 << 20, gib, false}, {50 << 20, gib, true}, {0, gib, true}} {
		if got := scarce(c.free, c.all); (got != "") != c.want {
			t.Errorf("%d of %d: %q", c.free, c.all, got)
		}
	}
}
