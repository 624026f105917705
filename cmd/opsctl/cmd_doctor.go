package main

import (
	"context"
	"errors"
	"strings"

	"opsh/cmd/opsctl/internal/doctor"
	"opsh/cmd/opsctl/internal/doctor/look"
	"opsh/cmd/opsctl/internal/ecs"
)

func doctorVerb() verb {
	return verb{
		name: "doctor", usage: targetUsage + " [--as ARN] [--given KEY=VALUE]... [--strict] [--json]",
		about: "Says whether ECS Exec works for a container, keeps its log, and lets in nothing but opsh, and what to mend",
		more: `
It looks at the cluster, the task and its definition, the session log with its keys, the task role, the network, and the caller: whether
they can open a session, whether they could run something other than opsh, and whether ssm:StartSession is open to them. It changes nothing
and opens no session. What it may not see is "not checked", with the reason. IAM's simulator knows no resource control policies and no
session policies, and of the image nothing can be seen from here: opsh -T looks there.

--as      asks about another user or role, by its ARN
--given   a condition key of IAM for the simulation, such as aws:MultiFactorAuthPresent=true
--strict  a warning, and what wasn't checked, count as errors
--json    the findings for programs: id, level (ok, warning, error, not checked), text, fix. The ids stay

Exit status: 0 nothing is an error, 1 something is, 2 wrong use, 125 it can't look.`,
		run: examine,
	}
}

// examined is the answer for programs.
type examined struct {
	Region    string           `json:"region"`
	Account   string           `json:"account"`
	Cluster   string           `json:"cluster"`
	Task      string           `json:"task,omitempty"`
	Container string           `json:"container,omitempty"`
	Caller    string           `json:"caller,omitempty"`
	Findings  []doctor.Finding `json:"findings"`
}

func examine(p *person, args []string) int {
	f := options()
	strict, asJSON := f.Bool("strict", false, ""), f.Bool("json", false, "")
	w := look.Wanted{Given: map[string]string{}}
	f.StringVar(&w.As, "as", "", "")
	f.Func("given", "", func(text string) error {
		key, value, ok := strings.Cut(text, "=")
		if !ok || key == "" || value == "" {
			return errors.New("it is written KEY=VALUE")
		}
		w.Given[key] = value
		return nil
	})
	var t target
	targetOptions(f, &t)
	err := onlyOptions(f, args)
	if err != nil {
		return p.misused(doctorVerb(), err)
	}
	if t, err = p.settled(t); err != nil {
		p.fail(err)
		return statusBroken
	}
	facts, status := p.look(context.Background(), t, w)
	if status != 0 {
		return status
	}
	findings := doctor.Judge(facts)
	if *asJSON {
		err := p.sayJSON(examined{Region: facts.Region, Account: facts.Account, Cluster: facts.ClusterName, Task: facts.Task.Value.ID, Container: facts.ContainerName,
			Caller: facts.Caller.Value.ARN, Findings: findings})
		if err != nil {
			p.fail(err)
			return statusBroken
		}
	} else {
		p.say(plain(doctor.Text(findings)))
	}
	worst := doctor.Worst(findings)
	if worst == doctor.Error || *strict && worst != doctor.OK {
		return statusFound
	}
	return 0
}

// look finds the container and gathers the facts about it. What fails was said, and status isn't 0 then.
func (p *person) look(ctx context.Context, t target, w look.Wanted) (facts doctor.Facts, status int) {
	const doing = "look at the container"
	cfg, err := t.config(ctx)
	var all []ecs.Candidate
	if err == nil {
		all, err = ecs.New(cfg, p.now).Find(ctx, t.wanted)
	}
	if err != nil {
		p.failAWS(doing, err, t)
		return facts, statusBroken
	}
	w.Cluster, w.Service, w.Container = t.wanted.Cluster, t.wanted.Service, t.wanted.Container
	if len(all) == 0 {
		none := &ecs.NoneError{Wanted: t.wanted}
		if w.Cluster == "" {
			p.failAWS(doing, none, t)
			return facts, statusBroken
		}
		w.NoTask = none.Error()
	} else {
		one := all[0] // also one without a session: that is what a doctor is for
		if len(all) > 1 {
			if one, err = p.choose(all); err != nil {
				p.fail(err, "name one: --task and --container")
				return facts, statusUsage
			}
		}
		w.Cluster, w.Service, w.Task, w.Container = one.Cluster, one.Service, one.Task, one.Container
	}
	if facts, err = look.New(cfg, t.about(), p.now).Look(ctx, w); err != nil {
		p.failAWS(doing, err, t)
		return facts, statusBroken
	}
	return facts, 0
}
