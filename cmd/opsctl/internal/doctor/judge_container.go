package doctor

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"opsh/shell/line"
)

// containerIDs are the checks that need the task definition.
var containerIDs = [...]string{"container.root", "container.pid", "container.environment", "container.shell", "container.capabilities", "container.log", "container.guard", "container.init"}

// container is about the container as its task definition makes it.
func (j *judge) container() {
	if !j.needs([]fact{j.definition()}, containerIDs[:]...) {
		return
	}
	d := j.f.Definition.Value
	j.readOnly(d)
	j.pid(d)
	j.environment(d)
	j.capabilities(d)
	j.containerLog(d)
}

// definition is the task definition, if it has the container.
func (j *judge) definition() fact {
	d := j.f.Definition
	if d.Known && !d.Value.Container {
		return Unknown[Definition](fmt.Sprintf("the task definition has no container %s", j.f.ContainerName), "name one with --container")
	}
	return d
}

// written is where something has to write although the root is read-only: the agent its state and its logs, opsh its trail.
var written = [...]string{"/var/lib/amazon", "/var/log/amazon", "/var/lib/opsh"}

func (j *judge) readOnly(d Definition) {
	const id = "container.root"
	if !d.ReadOnly {
		j.ok(id, "the root file system can be written")
		return
	}
	var lacking []string
	for _, dir := range written {
		if !slices.ContainsFunc(d.Writable, func(at string) bool { at = path.Clean(at); return at == dir || strings.HasPrefix(dir, at+"/") }) {
			lacking = append(lacking, dir)
		}
	}
	if len(lacking) > 0 {
		j.say(Error, id, "readonlyRootFilesystem is on, and there is no volume at "+strings.Join(lacking, ", ")+": the ECS Exec agent and opsh must write there",
			"mount a volume at each (deploy/terraform's example does), or leave readonlyRootFilesystem out")
		return
	}
	text := "the root file system is read-only, with volumes where the ECS Exec agent and opsh write"
	if j.f.Task.Value.LaunchType == "FARGATE" {
		text += "; AWS doesn't promise that ECS Exec works so on Fargate: the agent's state above shows it"
	}
	j.ok(id, "%s", text)
}

func (j *judge) pid(d Definition) {
	const id = "container.pid"
	switch {
	case d.PidMode == "host":
		j.say(Error, id, "pidMode is host: who gets out of opsh sees the instance's processes, and the guard isn't PID 1", "leave pidMode out")
	case d.PidMode == "task" && j.f.Task.Value.Containers > 1:
		j.say(Error, id, "pidMode is task: the containers share their processes, ECS Exec works in one of them only, and the guard isn't PID 1", "leave pidMode out")
	case d.PidMode == "task":
		j.say(Warning, id, "pidMode is task: the guard isn't PID 1", "leave pidMode out")
	default:
		j.ok(id, "the container has its processes for itself")
	}
}

// environment is about variables. Those of the image itself can't be seen from here.
func (j *judge) environment(d Definition) {
	const id, shell = "container.environment", "container.shell"
	names := append(slices.Collect(maps.Keys(d.Environment)), d.Secrets...)
	slices.Sort(names)
	var keys []string
	for _, n := range names {
		switch n {
		// The agent takes them in place of the task role, and so does opsh.
		case "AWS_ACCESS_KEY", "AWS_ACCESS_KEY_ID", "AWS_SECRET_KEY", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN":
			keys = append(keys, n)
		}
	}
	files := ""
	if d.EnvironmentFiles > 0 {
		files = "environmentFiles of the task definition may set more, and aren't read here"
	}
	switch {
	case len(keys) > 0:
		j.say(Error, id, "the container's environment has "+strings.Join(keys, ", ")+": the ECS Exec agent uses them in place of the task role", "remove them; give the task role what is needed")
	case files != "":
		j.say(NotChecked, id, files, "see that none sets AWS_ACCESS_KEY_ID or AWS_SECRET_ACCESS_KEY")
	default:
		j.ok(id, "the task definition gives the container no AWS keys")
	}
	value, set := d.Environment["SHELL"]
	switch {
	case slices.Contains(d.Secrets, "SHELL"):
		j.say(NotChecked, shell, "SHELL is set from a secret", "leave it out: the ECS Exec agent uploads the session log by it")
	case set && !ordinaryShell(value):
		j.say(Error, shell, "SHELL is "+value+": the ECS Exec agent makes the session log by it, and uploads an empty one without a word", "leave SHELL out of the environment, or set it to /bin/sh")
	case files != "":
		j.say(NotChecked, shell, files, "see that none sets SHELL to opsh")
	default:
		j.ok(shell, "the task definition doesn't set SHELL to opsh; whether the image does, opsh -T says there")
	}
}

// ordinaryShell says whether script can run "cat FILE" by it.
func ordinaryShell(value string) bool {
	return value == "" || slices.Contains([]string{"sh", "ash", "bash", "dash", "ksh", "mksh", "zsh"}, path.Base(value))
}

// needed is what opsh does as root before it gives up being root, and afterwards to end what runs.
var needed = [...]string{"SETUID", "SETGID", "SETPCAP", "KILL"}

func (j *judge) capabilities(d Definition) {
	const id = "container.capabilities"
	var lost []string
	for _, c := range needed {
		if slices.ContainsFunc(d.Dropped, func(dropped string) bool {
			dropped = strings.TrimPrefix(strings.ToUpper(dropped), "CAP_")
			return dropped == c || dropped == "ALL"
		}) {
			lost = append(lost, c)
		}
	}
	switch {
	case len(lost) > 0:
		j.say(Error, id, "the container is without the capabilities "+strings.Join(lost, ", ")+": opsh can't give its tools a user of their own, or end them", "take them out of linuxParameters.capabilities.drop")
	case d.Privileged:
		j.say(Warning, id, "the container is privileged: it holds more than opsh's tools are kept from", "leave privileged out: opsh needs no more than Docker's defaults")
	default:
		j.ok(id, "opsh has the capabilities that it needs (SETUID, SETGID, SETPCAP, KILL)")
	}
}

// containerLog is about where what opsh and the guard say of themselves goes.
func (j *judge) containerLog(d Definition) {
	const id = "container.log"
	const fix = `set the option "mode": "blocking" in logConfiguration`
	switch mode := d.LogOptions["mode"]; {
	case d.LogDriver == "":
		j.say(Warning, id, "the container has no log: what opsh and the guard say of themselves is lost", "set logConfiguration, awslogs with "+`"mode": "blocking"`)
	case mode == "blocking":
		j.ok(id, "the container's log (%s) is blocking", d.LogDriver)
	case mode != "":
		j.say(Warning, id, "the container's log is "+mode+": lines are dropped when its buffer is full", fix)
	case !j.f.LogMode.Known: // ECS's own default
		j.say(Warning, id, "the container's log has no mode, and the default is non-blocking since June 2025: lines are dropped when its buffer is full", fix)
	case j.f.LogMode.Value == "blocking":
		j.ok(id, "the container's log (%s) is blocking, by the account's default", d.LogDriver)
	default:
		j.say(Warning, id, "the container's log has no mode, and the account's default is "+j.f.LogMode.Value+": lines are dropped when its buffer is full", fix)
	}
}

// guarded says whether the task definition itself starts the guard.
func (d Definition) guarded() bool {
	return slices.ContainsFunc(append(slices.Clone(d.EntryPoint), d.Command...), func(word string) bool {
		fields := strings.Fields(word) // sh -c "exec opshd …"
		return slices.ContainsFunc(fields, func(w string) bool { return path.Base(w) == "opshd" })
	})
}

// firstGuard says whether the guard is started as it must be: as root, as PID 1.
func (d Definition) firstGuard() bool { return d.guarded() && d.asRoot() && !d.Init && d.PidMode == "" }

func (d Definition) asRoot() bool {
	user, _, _ := strings.Cut(d.User, ":")
	return user == "" || user == "0" || user == "root"
}

// guard is about opshd, and about the init that isn't needed beside it.
func (j *judge) guard() {
	const id, reaper = "container.guard", "container.init"
	if unknown, _, _ := j.definition().missing(); unknown {
		return // container said so
	}
	d := j.f.Definition.Value
	const fix = "name opshd in the task definition's entryPoint, so that its reviewers see it"
	switch {
	case d.guarded() && !d.asRoot():
		j.say(Error, id, "opshd is started as "+d.User+": the guard must be root", "leave user out of the task definition")
	case d.guarded() && d.Init:
		j.say(Warning, id, "opshd is started, but initProcessEnabled makes another program PID 1", "leave initProcessEnabled out: opshd collects what a session leaves behind itself")
	case d.firstGuard():
		j.ok(id, "opshd is PID 1: it ends what isn't opsh before its first instruction")
	case d.guarded():
		j.say(Warning, id, "opshd is started, but pidMode makes another program PID 1", "leave pidMode out")
	case len(d.EntryPoint) > 0:
		j.say(Warning, id, "the task definition's entryPoint is "+line.Quote(d.EntryPoint...)+", not opshd; whether that starts the guard isn't known from here: opsh -T says it there", fix)
	default:
		j.say(Warning, id, "the task definition doesn't start opshd; whether the image's own ENTRYPOINT does isn't known from here: opsh -T says it there", fix)
	}
	if !d.Init && !d.guarded() {
		j.say(Warning, reaper, "initProcessEnabled is off: unless opshd is PID 1, nothing collects what a session leaves behind", "start opshd as PID 1, or set linuxParameters.initProcessEnabled")
		return
	}
	j.ok(reaper, "something collects what a session leaves behind")
}
