package shell

import (
	"strings"
	"testing"
)

func TestECSExecID(t *testing.T) {
	for id, want := range map[string]bool{
		"ecs-execute-command-0a1b2c3d": true, "ecs-execute-command-" + strings.Repeat("z", 64): true,
		"ecs-execute-command-0a1b2c3": false, "ecs-execute-command-" + strings.Repeat("z", 65): false, "ecs-execute-command-0A1B2C3D": false,
		"ecs-execute-command-0a1b2c3d\n": false, "ecs-execute-command-0a1b/2c3d": false, "user-0a1b2c3d4e": false, "": false, "x-ecs-execute-command-0a1b2c3d": false,
	} {
		if got := isECSExecID(id); got != want {
			t.Errorf("%q: %v", id, got)
		}
	}
}
