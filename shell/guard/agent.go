package guard

import (
	"path"
	"strings"
)

// role is what a process is to the guard.
type role int

const (
	roleFork    role = iota // copied from another process, and no program of its own yet
	roleAgent               // amazon-ssm-agent or ssm-agent-worker
	roleSession             // ssm-session-worker
	roleScript              // the transcript step: script, its shell, and cat
	roleShell
	roleCat
)

// The names of the agent's programs in container mode. The first is what the container's runtime starts; each starts the next.
const (
	agentName   = "amazon-ssm-agent"
	workerName  = "ssm-agent-worker"
	sessionName = "ssm-session-worker"
)

// Where ECS puts the agent: Fargate, and EC2, which adds an id of the container's own.
const (
	fargateDir = "/managed-agents/execute-command/"
	ec2Prefix  = "/ecs-execute-command-"
)

// agentRole says what program of the agent's a file is, by the path that the kernel has for it. The path can't be chosen: what lies at these
// places root has put there, and who may do that needs no agent.
func agentRole(exe string) (role, bool) {
	exe = strings.TrimSuffix(exe, " (deleted)") // replaced while it runs: it is the agent still
	if !strings.HasPrefix(exe, fargateDir) && !strings.HasPrefix(exe, ec2Prefix) {
		return roleFork, false
	}
	switch path.Base(exe) {
	case agentName, workerName:
		return roleAgent, true
	case sessionName:
		return roleSession, true
	}
	return roleFork, false
}
