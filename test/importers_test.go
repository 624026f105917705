package test

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// TestOneImporter: what draws on the terminal and what opens one are each behind one package, so that there is one place to
// look at. Arrows are about all that a package depends on; this is about what it names itself.
func TestOneImporter(t *testing.T) {
	only := map[string][]string{
		"github.com/chzyer/readline":                            {"opsh/shell/prompt"},
		"github.com/BurntSushi/toml":                            {"opsh/policy", "opsh/cmd/opsctl/internal/settings", "opsh/cmd/opsh-broker/internal/config"},
		"github.com/google/shlex":                               {}, // the agent's way to split, never opsh's
		"github.com/creack/pty":                                 {"opsh/shell/launch"},
		"github.com/rogpeppe/go-internal":                       {},
		"github.com/charmbracelet/x/vt":                         {"opsh/cmd/opsctl/internal/film", "opsh/cmd/opsctl/internal/sessionlog"},
		"github.com/aws/session-manager-plugin/src/datachannel": {"opsh/cmd/opsctl/internal/channel"},
		"github.com/aws/aws-sdk-go-v2/aws": {"opsh/shell/audit/cloudwatch", "opsh/shell/recording/bucket", "opsh/shell/secret/fetch", "opsh/shell/taskrole/sdk", "opsh/cmd/opsctl/internal/awsconf", "opsh/cmd/opsctl/internal/ecs",
			"opsh/cmd/opsctl/internal/source", "opsh/cmd/opsctl/internal/doctor/look", "opsh/cmd/opsctl/internal/broker", "opsh/cmd/opsh-broker/internal/cloud", "opsh/cmd/opsctl/internal/cloudtrail"},
	}
	out, err := exec.Command("go", "list", "-f", `{{.ImportPath}} {{join .Imports " "}}`, "opsh/...").Output()
	must(t, err)
	seen := 0
	for _, l := range strings.Split(strings.TrimSpace(string(out)), "\n") {
		imports := strings.Fields(l)
		if strings.HasPrefix(imports[0], "opsh/test") {
			continue
		}
		seen++
		for _, i := range imports[1:] {
			if may, ok := only[i]; ok && !slices.Contains(may, imports[0]) {
				t.Errorf("%s imports %s", imports[0], i)
			}
		}
	}
	if seen < 9 {
		t.Errorf("only %d packages were looked at", seen)
	}
}
