package test

import (
	"fmt"
	"strings"
	"testing"

	"opsh/test/fixture"
	"opsh/test/rig"
)

// strictest is what each tool can take.
func strictest() string {
	policy := fixture.Policy(world.place, world.db, world.app, "uids = \""+fixture.JourneyUIDs+"\"\n")
	port := fmt.Sprintf("connect = [\"127.0.0.1:%d\"]\n", world.db.Port)
	small := "limits = { processes = 32, memory = \"1GiB\", cpu = \"30s\", open_files = 128, output = \"10MB\" }\n"
	mysql := "exec = \"none\"\nfiles = { read = [\"/etc/mysql\", \"/usr/share/mysql\"] }\n" + port + small
	rails := "exec = \"none\"\nfiles = { read = [\"" + world.app + "\", \"/usr/share\", \"/etc\"], write = [\"" + world.app + "/log\", \"" + world.app + "/tmp\"] }\n" + port + small
	policy = strings.Replace(policy, "[tool.mysql]\n", "[tool.mysql]\n"+mysql, 1)
	policy = strings.Replace(policy, "[tool.rails]\n", "[tool.rails]\n"+rails, 1)
	return policy + `
[tool.less]
path = "/usr/bin/less"
user = "` + fixture.User + `"
exec = "none"
files = { read = ["/etc/services"] }
connect = []
` + small + `
env = { LESSSECURE = "1", LESSHISTFILE = "-" }
allow = ["less FILE"]
where.FILE = ["/etc/services"]
`
}

// TestStrictest: the tools do their work under the strictest setting that each can take.
func TestStrictest(t *testing.T) {
	start := func(command string) *rig.Session {
		t.Helper()
		must(t, world.place.WritePolicy(strictest()))
		s, err := rig.Start(rig.Options{Worker: world.place.Worker, Program: world.place.Opsh, Dir: t.TempDir(), Command: command, Env: fixture.Env(world.db)})
		must(t, err)
		t.Cleanup(s.Stop)
		return s
	}
	s := start("opsh")
	prompted(t, s, "mysql app_production")
	expect(t, s, `MariaDB \[app_production\]> `)
	typed(t, s, "select 6*7;\r")
	expect(t, s, `42`)
	typed(t, s, "\x04")
	prompted(t, s, "rails runner stuck.rb")
	expect(t, s, `\d+ .+\n(?s:.*)exit 0 `)
	prompted(t, s, "less /etc/services")
	expect(t, s, `tcpmux`)
	typed(t, s, " ")
	typed(t, s, "G")
	expect(t, s, `END`)
	typed(t, s, "q")
	expect(t, s, `exit 0 `)
	prompted(t, s, "exit")
	ended(t, s, 0)
}
