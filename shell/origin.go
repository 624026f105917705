package shell

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"os"
	"path"
	"strconv"
	"strings"
)

// origin is who started opsh.
type origin struct {
	ecsExec bool
	session string // the session's id: the agent's, or one of our own
}

// isECSExecID says whether the agent's session id is one of ECS Exec's: ecs-execute-command- and 8 to 64 small letters and digits.
func isECSExecID(s string) bool {
	id, ok := strings.CutPrefix(s, "ecs-execute-command-")
	return ok && len(id) >= 8 && len(id) <= 64 && strings.Trim(id, "abcdefghijklmnopqrstuvwxyz0123456789") == ""
}

// findOrigin looks at the parent. The agent's worker has the session id as its argument; CloudTrail has
// the same id beside the person's name. It keeps people from opening opsh by accident where nobody looks;
// whoever is root can imitate it.
func findOrigin(parent int) (origin, error) {
	cmdline, err := os.ReadFile(path.Join("/proc", strconv.Itoa(parent), "cmdline"))
	if err != nil {
		cmdline = nil // the parent is gone, or hidden: it isn't the agent
	}
	argv := strings.Split(string(bytes.TrimSuffix(cmdline, []byte{0})), "\x00")
	if len(argv) > 1 && path.Base(argv[0]) == "ssm-session-worker" && isECSExecID(argv[1]) {
		return origin{ecsExec: true, session: argv[1]}, nil
	}
	id := make([]byte, 9)
	if _, err := rand.Read(id); err != nil {
		return origin{}, fmt.Errorf("cannot make a session id: %w", err)
	}
	return origin{session: "opsh-" + hex.EncodeToString(id)}, nil
}

// taskID is the ECS task's id as the agent's metadata address holds it: http://169.254.170.2/v4/TASK-NUMBER.
// Outside ECS there is none.
func taskID(environ []string) string {
	for _, name := range []string{"ECS_CONTAINER_METADATA_URI_V4", "ECS_CONTAINER_METADATA_URI"} {
		if uri := variable(environ, name); uri != "" {
			return path.Base(uri)
		}
	}
	return ""
}

// variable is the last value of NAME, as getenv in most programs would see the first: an environment with two is
// nobody's honest mistake, so the caller gets none.
func variable(environ []string, name string) string {
	value, n := "", 0
	for _, kv := range environ {
		if v, ok := strings.CutPrefix(kv, name+"="); ok {
			value, n = v, n+1
		}
	}
	if n != 1 {
		return ""
	}
	return value
}
