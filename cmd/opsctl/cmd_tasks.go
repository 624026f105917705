package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/mattn/go-runewidth"

	"opsh/cmd/opsctl/internal/ecs"
)

func tasksVerb() verb {
	return verb{
		name: "tasks", usage: targetUsage + " [--json]",
		about: "Lists services, tasks and containers, and whether a session can be opened in each",
		more: `
Where it can't, the reason stands below. What isn't named on the command line is taken from opsctl.toml: the one in the working tree, or
opsh/opsctl.toml in your configuration directory.

Exit status: 0 a session can be opened in one of them, 1 in none, 2 wrong use, 125 AWS can't be asked.`,
		run: tasks,
	}
}

// overview is the answer for programs.
type overview struct {
	Services   []ecs.Service   `json:"services"`
	Containers []ecs.Candidate `json:"containers"`
}

func tasks(p *person, args []string) int {
	f := options()
	asJSON := f.Bool("json", false, "")
	var t target
	targetOptions(f, &t)
	err := onlyOptions(f, args)
	if err != nil {
		return p.misused(tasksVerb(), err)
	}
	if t, err = p.settled(t); err != nil {
		p.fail(err)
		return statusBroken
	}
	o, err := list(context.Background(), p, &t)
	if err != nil {
		p.failAWS("list tasks", err, t)
		return statusBroken
	}
	if *asJSON {
		if err := p.sayJSON(o); err != nil {
			p.fail(err)
			return statusBroken
		}
	} else {
		p.sayTasks(o)
	}
	for _, c := range o.Containers {
		if c.Problem == "" {
			return 0
		}
	}
	return statusFound
}

func list(ctx context.Context, p *person, t *target) (overview, error) {
	o := overview{Services: []ecs.Service{}, Containers: []ecs.Candidate{}}
	cfg, err := t.config(ctx)
	if err != nil {
		return o, err
	}
	client := ecs.New(cfg, p.now)
	found, err := client.Find(ctx, t.wanted)
	if err != nil {
		return o, err
	}
	o.Containers = append(o.Containers, found...)
	clusters, err := client.Clusters(ctx, t.wanted)
	if err != nil {
		return o, err
	}
	for _, cluster := range clusters {
		services, err := client.Services(ctx, cluster, t.wanted)
		if err != nil {
			return o, err
		}
		o.Services = append(o.Services, services...)
	}
	return o, nil
}

// sayTasks prints the overview for people.
func (p *person) sayTasks(o overview) {
	rows := [][]string{{"CLUSTER", "SERVICE", "RUNNING", "EXEC"}}
	for _, s := range o.Services {
		exec := "on"
		if !s.Exec {
			exec = "off: new tasks have no ECS Exec"
		}
		rows = append(rows, []string{s.Cluster, s.Name, fmt.Sprintf("%d of %d", s.Running, s.Desired), exec})
	}
	if len(o.Services) > 0 {
		p.sayTable(rows)
		p.say("")
	}
	if len(o.Containers) == 0 {
		p.say("There is no running task.")
		return
	}
	rows = [][]string{{"CLUSTER", "SERVICE", "TASK", "CONTAINER", "SESSION"}}
	for _, c := range o.Containers {
		can := "can be opened"
		if c.Problem != "" {
			can = "no: " + c.Problem
		}
		rows = append(rows, []string{c.Cluster, c.Service, c.Task, c.Container, can})
	}
	p.sayTable(rows)
	said := map[string]bool{}
	for _, c := range o.Containers {
		if c.Hint != "" && !said[c.Hint] {
			said[c.Hint] = true
			fmt.Fprintf(p.err, "opsctl: hint: %s\n", plain(c.Hint))
		}
	}
}

// sayTable prints rows in columns as wide as what a terminal shows of them.
func (p *person) sayTable(rows [][]string) {
	widths := map[int]int{}
	for _, row := range rows {
		for i, cell := range row {
			widths[i] = max(widths[i], runewidth.StringWidth(plain(cell)))
		}
	}
	for _, row := range rows {
		var b strings.Builder
		for i, cell := range row {
			b.WriteString(runewidth.FillRight(plain(cell), widths[i]+2))
		}
		p.say(strings.TrimRight(b.String(), " "))
	}
}
