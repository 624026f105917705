package doctor

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// callerIDs are the checks of who wants to go in.
var callerIDs = [...]string{"caller.enter", "caller.key", "caller.container", "caller.start-session", "caller.resume-session", "caller.command", "caller.other-task"}

// caller is about whether who asks can go in, and whether opsh is the only thing that they can start.
func (j *judge) caller() {
	if !j.needs([]fact{j.f.Caller}, slices.Concat([]string{"caller.who"}, callerIDs[:])...) {
		return
	}
	c := j.f.Caller.Value
	if c.Root {
		j.say(Error, "caller.who", "the caller is the account's root user: it may do everything, past opsh too", "use a role: deploy/terraform's operator_role")
		return
	}
	j.ok("caller.who", "the caller is %s", c.ARN)
	if !j.needs([]fact{j.f.Task}, callerIDs[:6]...) {
		j.otherTask()
		return
	}
	j.enter()
	j.door("caller.container", mayAnywhere, Error, "enter any container of the task, not the one alone: in the others there is no opsh",
		"bind ecs:ExecuteCommand to ecs:container-name "+j.f.ContainerName, "may enter no other container")
	j.startSession()
	// What was begun there is opsh, and its trail goes on.
	j.door("caller.resume-session", mayResume, Warning, "take over other people's sessions (ssm:ResumeSession)", "allow it only where a lost connection must be resumed; IAM can't tell whose session it is",
		"can't take over other people's sessions")
	j.command()
	j.otherTask()
}

func (j *judge) enter() {
	const id = "caller.enter"
	switch a := j.f.answer(mayEnter); {
	case a.no():
		j.say(Error, id, "the caller may not ecs:ExecuteCommand in the container "+j.f.ContainerName+": it can open no session", "allow it on the cluster and its tasks, with ecs:container-name "+j.f.ContainerName+"; or ask about another caller with --as ARN")
	case !a.sure():
		why, fix := a.why()
		j.say(NotChecked, id, why, fix)
	default:
		j.ok(id, "the caller may ecs:ExecuteCommand in the container %s", j.f.ContainerName)
	}
	if !j.needs([]fact{j.f.Cluster}, "caller.key") || j.f.Cluster.Value.KeyID == "" {
		return
	}
	if j.needs([]fact{j.f.SessionKey}, "caller.key") {
		j.mayKey("caller.key", "the caller", j.f.Caller.Value.Principal, "kms:GenerateDataKey", j.f.answer(mayDataKey))
	}
}

// door is something that the caller should not be able to do.
func (j *judge) door(id, question string, level Level, can, fix, cannot string) {
	switch a := j.f.answer(question); {
	case a.yes():
		j.say(level, id, "the caller can "+can+a.unless(), fix)
	case a.no():
		j.ok(id, "the caller %s", cannot)
	default:
		why, fix := a.why()
		j.say(NotChecked, id, why, fix)
	}
}

// startSession is the second way into a task: as root, with any command, and without a log. IAM is asked for the task, and policies
// also name the cluster.
func (j *judge) startSession() {
	question := mayStart
	if byCluster := j.f.answer(mayStartAll); !j.f.answer(mayStart).yes() && !byCluster.no() {
		question = mayStartAll
	}
	j.door("caller.start-session", question, Error, "ssm:StartSession on the task: a shell as root, without opsh and without a log",
		"deny ssm:StartSession on "+j.f.ecsARN("task/*")+" and "+j.f.ecsARN("cluster/*"), "can't ssm:StartSession on the task")
}

// command: IAM can't restrict what ECS Exec starts. Only the guard in the container can.
func (j *judge) command() {
	const id = "caller.command"
	const what = "the caller can have ECS Exec start something other than opsh, as root: IAM has no condition for the command"
	a, d := j.f.answer(mayEnter), j.f.Definition
	switch {
	case a.no():
		j.ok(id, "the caller can't start anything by ECS Exec")
	case !a.yes():
		why, fix := a.why()
		j.say(NotChecked, id, why, fix)
	case d.Known && d.Value.firstGuard():
		j.ok(id, "whatever the caller has ECS Exec start: IAM can't restrict the command, the guard ends what isn't opsh")
	default:
		j.say(Warning, id, what+a.unless()+"; the guard, opshd as PID 1, would end it, and isn't seen from here", "start opshd as PID 1 in the container, and watch for other commands (deploy/terraform's alerts)")
	}
}

// otherTask: who may start a task with the container's role can start it with any command, and needs no session for that.
func (j *judge) otherTask() {
	const id = "caller.other-task"
	if !j.needs([]fact{j.f.Definition, j.f.Role}, id) {
		return
	}
	pass := j.f.answer(mayPass)
	if r := j.f.Role.Value; r.ARN == "" || r.Instance { // nothing to pass
		pass = answer{allowed: Known(Decision{Allowed: true})}
	}
	run, register := j.f.answer(mayRun), j.f.answer(mayRegister)
	ways := [][]answer{{run, pass}, {register, pass, j.f.answer(mayCreate)}}
	names := []string{"ecs:RunTask", "ecs:RegisterTaskDefinition and ecs:CreateService"}
	if j.f.Service.Value.Name != "" {
		ways, names = append(ways, []answer{register, pass, j.f.answer(mayUpdate)}), append(names, "ecs:RegisterTaskDefinition and ecs:UpdateService")
	}
	var open []string
	var doubt *answer
	for i, way := range ways {
		switch {
		case !slices.ContainsFunc(way, func(a answer) bool { return !a.yes() }):
			open = append(open, names[i])
		case !slices.ContainsFunc(way, answer.no):
			at := slices.IndexFunc(way, func(a answer) bool { return !a.yes() })
			doubt = cmp.Or(doubt, &way[at])
		}
	}
	switch {
	case len(open) > 0:
		j.say(Error, id, fmt.Sprintf("the caller can run something other than opsh with the container's role, by %s", strings.Join(open, "; or by ")),
			"keep "+strings.Join(open, ", ")+" and iam:PassRole of "+orNothing(name(j.f.Role.Value.ARN), "roles")+" from it")
	case doubt != nil:
		why, fix := doubt.why()
		j.say(NotChecked, id, why, fix)
	case !j.needs([]fact{j.f.Service}, id): // its service might be changed
	default:
		j.ok(id, "the caller can't start another task with the container's role")
	}
}
