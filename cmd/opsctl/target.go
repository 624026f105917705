package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"

	"opsh/cmd/internal/entry"
	"opsh/cmd/opsctl/internal/awsconf"
	"opsh/cmd/opsctl/internal/awserr"
	"opsh/cmd/opsctl/internal/broker"
	"opsh/cmd/opsctl/internal/ecs"
	"opsh/cmd/opsctl/internal/session"
	"opsh/cmd/opsctl/internal/settings"
)

// target is what a person says of the container that is meant, and of whom to ask AWS as.
type target struct {
	wanted ecs.Wanted
	aws    awsconf.Options
	broker string // the URL of the broker that opens sessions; empty, or direct: ECS itself is asked
}

// direct is what --broker takes where a file names a broker and none is wanted.
const direct = "none"

// targetUsage is how targetOptions are written.
const targetUsage = "[--cluster C] [--service S] [--task T] [--container N] [--profile P] [--region R]"

func targetOptions(f *flag.FlagSet, t *target) {
	f.StringVar(&t.wanted.Cluster, "cluster", "", "")
	f.StringVar(&t.wanted.Service, "service", "", "")
	f.StringVar(&t.wanted.Task, "task", "", "")
	f.StringVar(&t.wanted.Container, "container", "", "")
	awsOptions(f, &t.aws)
}

// brokerOption is that of the verbs that open a session.
func brokerOption(f *flag.FlagSet, t *target) { f.StringVar(&t.broker, "broker", "", "") }

// onlyOptions reads the words behind a verb that has nothing but options.
func onlyOptions(f *flag.FlagSet, args []string) error {
	words, err := parse(f, args)
	if err == nil && len(words) > 0 {
		err = fmt.Errorf("cannot use %s", quote(words[0]))
	}
	return err
}

// settled is the target with what opsctl.toml says where the command line doesn't. A file's service and container are its cluster's: with another
// cluster, or a task by name, they mean nothing.
func (p *person) settled(t target) (target, error) {
	places := settings.Places{Named: p.variable(settings.Variable)}
	var err error
	if places.Dir, err = os.Getwd(); err != nil {
		return t, fmt.Errorf("cannot look for %s: %w", settings.Name, err)
	}
	places.Config, _ = os.UserConfigDir() //nolint:errcheck // who has none has no file there
	places.Home, _ = os.UserHomeDir()     //nolint:errcheck // likewise
	s, err := settings.Load(places)
	if err != nil {
		return t, err
	}
	if t.wanted, err = t.wanted.Plain(); err != nil {
		return t, err
	}
	w := &t.wanted
	if s.File != "" && (w.Cluster == "" || w.Cluster == s.Cluster) {
		fmt.Fprintf(p.err, "opsctl: settings are from %s\n", plain(s.File))
		w.Cluster = s.Cluster
		if w.Task == "" && w.Service == "" {
			w.Service = s.Service
		}
		if w.Container == "" {
			w.Container = s.Container
		}
		if t.broker == "" {
			t.broker = s.Broker
		}
	}
	if t.aws.Region == "" {
		t.aws.Region = s.Region
	}
	t.aws.Profile = s.Identity(t.aws.Profile, p.environ)
	t.aws.Code = p.code()
	return t, nil
}

// variable is one of the environment's.
func (p *person) variable(name string) string {
	for _, kv := range p.environ {
		if v, ok := strings.CutPrefix(kv, name+"="); ok {
			return v
		}
	}
	return ""
}

// seated says that a person sits at a terminal who can be asked.
func (p *person) seated() bool {
	in, isFile := p.in.(*os.File)
	_, errIsFile := p.err.(*os.File)
	return isFile && errIsFile && isTerminal(in)
}

// ask prints a question and reads a line.
func (p *person) ask(question string) (string, error) {
	fmt.Fprint(p.err, plain(question))
	text, err := bufio.NewReader(&oneByte{p}).ReadString('\n')
	if err != nil {
		return "", fmt.Errorf("cannot read the answer: %w", err)
	}
	return strings.TrimSpace(text), nil
}

// oneByte reads no more than is asked for: what is typed behind an answer is for the session.
type oneByte struct{ p *person }

func (o *oneByte) Read(b []byte) (int, error) { return o.p.in.Read(b[:min(1, len(b))]) }

// code asks for the code of an MFA device, where there is somebody to ask.
func (p *person) code() func() (string, error) {
	if !p.seated() {
		return nil
	}
	return func() (string, error) { return p.ask("MFA code: ") }
}

// config reads the AWS configuration, and keeps the region that it says: hints name it.
func (t *target) config(ctx context.Context) (awsconf.Config, error) {
	c, err := awsconf.Load(ctx, t.aws)
	if err == nil {
		t.aws.Region = c.Region
	}
	return c, err
}

// about is what a failure's hint needs.
func (t target) about() awserr.About {
	return awserr.About{Profile: t.aws.Profile, Region: t.aws.Region, Cluster: t.wanted.Cluster, Service: t.wanted.Service, Target: t.options()}
}

// options names the target again.
func (t target) options() string {
	var words []string
	for _, o := range [][2]string{{"--cluster", t.wanted.Cluster}, {"--service", t.wanted.Service}, {"--task", t.wanted.Task}, {"--container", t.wanted.Container}} {
		if o[1] != "" {
			words = append(words, o[0], quote(o[1]))
		}
	}
	return strings.Join(words, " ")
}

// start is how a session is started: by ECS, or by the broker, which is said.
func (p *person) start(t target, o entry.Order, client *ecs.Client, via func() (*broker.Client, error)) (ecs.Start, error) {
	if t.broker == "" || t.broker == direct {
		command, err := o.Command()
		return client.Direct(command), err
	}
	b, err := via()
	if err != nil {
		return nil, err
	}
	if o.Reason == "" {
		return nil, &broker.Error{Text: "the broker wants a reason", Hint: "give --reason"}
	}
	fmt.Fprintf(p.err, "opsctl: asking the broker %s\n", plain(t.broker))
	return b.Start(o), nil
}

// failAWS says what was being done and why it failed, in AWS's case in words of ours.
func (p *person) failAWS(doing string, err error, t target) {
	var none *ecs.NoneError
	if errors.As(err, &none) {
		var hints []string
		for _, c := range none.Unfit {
			if len(none.Unfit) > 1 {
				fmt.Fprintf(p.err, "  %s: %s\n", plain(c.String()), plain(c.Problem))
			}
			if c.Hint != "" && !slices.Contains(hints, c.Hint) {
				hints = append(hints, c.Hint)
			}
		}
		if len(none.Unfit) == 0 {
			hints = []string{"opsctl tasks lists what there is"}
		}
		p.fail(fmt.Errorf("cannot %s: %w", doing, err), hints...)
		return
	}
	var refused *broker.Error
	if errors.As(err, &refused) {
		p.fail(fmt.Errorf("cannot %s: %w", doing, err), refused.Hint)
		return
	}
	why, hint := awserr.Explain(err, t.about())
	p.fail(fmt.Errorf("cannot %s: %s", doing, why), hint)
}

// place is where a session was opened.
type place struct {
	opened  session.Opened
	environ []string // the child's, with credentials that need no question
	task    <-chan session.Event
}

// openSession finds the container and starts opsh there. What fails was said, and status isn't 0 then.
func (p *person) openSession(ctx context.Context, t target, o entry.Order) (at place, status int) {
	t, err := p.settled(t)
	if err != nil {
		p.fail(err)
		return at, statusBroken
	}
	fail := func(doing string, err error) (place, int) {
		if ctx.Err() == nil {
			p.failAWS(doing, err, t)
		}
		return at, statusBroken
	}
	cfg, err := t.config(ctx)
	if err != nil {
		return fail("find the container", err)
	}
	client := ecs.New(cfg, p.now)
	via := func() (*broker.Client, error) {
		return broker.New(cfg, t.broker, loopback == "permitted", p.now)
	}
	start, err := p.start(t, o, client, via) // before anything is looked up: what is wrong here is the person's to mend
	if err != nil {
		return fail("open a session", err)
	}
	if at.environ, err = awsconf.Environ(ctx, cfg, p.environ); err != nil {
		return fail("find the container", err)
	}
	all, err := client.Find(ctx, t.wanted)
	if err != nil {
		return fail("find the container", err)
	}
	one, err := p.chosen(t.wanted, all)
	if errors.Is(err, errNotChosen) {
		return at, statusUsage
	}
	say := func(text string) { fmt.Fprintln(p.err, "opsctl: "+plain(text)) }
	if err == nil {
		one, err = client.Await(ctx, one, say)
	}
	if err != nil {
		return fail("open a session", err)
	}
	if t.wanted.Task == "" { // else it was said which
		say(one.String())
	}
	opened, err := client.Open(ctx, one, start, say)
	if err != nil {
		return fail("open a session", err)
	}
	at.opened, at.task = session.Opened(opened), watched(client.Watch(ctx, one))
	return at, 0
}

// errNotChosen says that several containers would do, and that this was said.
var errNotChosen = errors.New("several containers would do")

// chosen is the one container that would do, or the one that a person chooses.
func (p *person) chosen(w ecs.Wanted, all []ecs.Candidate) (ecs.Candidate, error) {
	one, err := ecs.Choose(w, all)
	var several *ecs.SeveralError
	if errors.As(err, &several) {
		if one, err = p.choose(several.Candidates); err != nil {
			p.fail(err, "name one: --task and --container")
			return one, errNotChosen
		}
	}
	return one, err
}

// watched hands on what happens to the task.
func watched(events <-chan ecs.Event) <-chan session.Event {
	out := make(chan session.Event, cap(events))
	go func() {
		defer close(out)
		for e := range events {
			out <- session.Event(e)
		}
	}()
	return out
}

// choose asks which container is meant. Where nobody can be asked it is an error, behind the list.
func (p *person) choose(all []ecs.Candidate) (ecs.Candidate, error) {
	for i, c := range all {
		fmt.Fprintf(p.err, "%4d  %s\n", i+1, plain(c.String()))
	}
	if !p.seated() {
		return ecs.Candidate{}, fmt.Errorf("cannot choose: %d containers would do", len(all))
	}
	for {
		text, err := p.ask(fmt.Sprintf("which one (1 to %d)? ", len(all)))
		if err != nil || text == "" {
			return ecs.Candidate{}, errors.New("cannot choose: no number was given")
		}
		if n, err := strconv.Atoi(text); err == nil && n >= 1 && n <= len(all) {
			return all[n-1], nil
		}
	}
}
