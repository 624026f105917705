package shell

import (
	"os"
	"strings"
	"testing"

	"opsh/shell/audit"
	"opsh/shell/launch"
)

func TestRunLines(t *testing.T) {
	r := audit.Record{Event: audit.Run, Time: "2026-11-23T18:03:00.123Z", Command: 1, Line: "mysql", Hash: strings.Repeat("5f3a91c2", 8), Lacks: []string{"files: this kernel has no Landlock"}}
	want := "opsh: #1 2026-11-23T18:03:00.123Z run mysql [5f3a91c2]|  not restricted: files: this kernel has no Landlock"
	if got := strings.Join(runLines(r), "|"); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if audit.CallExec != launch.CallExec {
		t.Error("records and the kernel's events name a program's start differently")
	}
}

func TestOrigin(t *testing.T) {
	o, err := findOrigin(os.Getpid())
	if err != nil || o.ecsExec || !strings.HasPrefix(o.session, "opsh-") {
		t.Errorf("%+v %v", o, err)
	}
	for env, want := range map[string]string{
		"ECS_CONTAINER_METADATA_URI_V4=http://169.254.170.2/v4/0a1b2c-3": "0a1b2c-3",
		"OTHER=1": "",
	} {
		if got := taskID([]string{env}); got != want {
			t.Errorf("%s: %q", env, got)
		}
	}
	if got := variable([]string{"A=1", "A=2"}, "A"); got != "" {
		t.Errorf("a variable that is there twice: %q", got)
	}
}
