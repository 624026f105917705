// Package broker decides who may have opsh started in which container, and has it started. It is all that holds ecs:ExecuteCommand, and it
// knows one command.
//
// What it relies on: that Lambda called it by the function URL, with AWS_IAM, and so vouches for requestContext.authorizer. Whoever may
// invoke the function in another way (lambda:InvokeFunction without the condition lambda:InvokedViaFunctionUrl), change its code or
// its environment, or assume its session role, is the broker. deploy/terraform gives that to nobody.
package broker

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"opsh/cmd/internal/entry"
	"opsh/cmd/opsh-broker/internal/config"
)

// Cloud is what is asked of AWS. Nothing it says is kept.
type Cloud interface {
	// Identity looks up a caller's groups and tags.
	Identity(context.Context, Caller) (Identity, error)
	// Task describes a task of a cluster; without one it is ErrNoTask.
	Task(ctx context.Context, cluster, id string) (Task, error)
	// Start starts a command. Where the container's agent isn't connected it is ErrNotConnected.
	Start(context.Context, Start) (entry.Answer, error)
}

// Start is what to start, where, and as whom.
type Start struct {
	As                  string // role session name and source identity
	ClusterARN, TaskARN string
	Container, Command  string
}

// What Cloud may fail with.
var (
	ErrNoTask       = errors.New("there is no such task")
	ErrNotConnected = errors.New("the container's ECS Exec agent isn't connected")
)

// Broker answers requests. New makes one.
type Broker struct {
	Config config.Config
	Region string
	Cloud  Cloud
	Log    io.Writer // a line of JSON for each request
	Now    func() time.Time

	once   *once
	limits *limits
}

// New is a broker that starts now.
func New(c config.Config, region string, cloud Cloud, log io.Writer, now func() time.Time) *Broker {
	return &Broker{Config: c, Region: region, Cloud: cloud, Log: log, Now: now,
		once: &once{started: now(), seen: map[string]time.Time{}}, limits: newLimits(c.PerCaller, c.Total)}
}

// refusal is an answer that gives no session.
type refusal struct {
	status     int
	code, text string
	now        time.Time
}

func (r *refusal) Error() string { return r.text }

func refuse(status int, code, text string) *refusal {
	return &refusal{status: status, code: code, text: text}
}

// Handle answers a request, and writes its line. Without the line no token is given out.
func (b *Broker) Handle(ctx context.Context, e events.LambdaFunctionURLRequest) (events.LambdaFunctionURLResponse, error) {
	r := record{Event: "opsh-broker", Time: b.Now().UTC().Format(entry.TimeForm), SourceIP: e.RequestContext.HTTP.SourceIP, RequestID: e.RequestContext.RequestID}
	session, err := b.answer(ctx, e, &r)
	var answer any = session
	r.Decision, r.Status = "allowed", http.StatusOK
	if err != nil {
		no := refusalOf(err, r.RequestID)
		r.Decision, r.Status, r.Code, r.Why = "denied", no.status, no.code, err.Error()
		if no.code == entry.Failed || no.code == entry.NotConnected {
			r.Decision = "failed"
		}
		said := entry.Refusal{Code: no.code, Error: no.text}
		if !no.now.IsZero() {
			said.Now = no.now.UTC().Format(entry.TimeForm)
		}
		answer = said
	}
	if err := b.write(r); err != nil {
		return events.LambdaFunctionURLResponse{}, err
	}
	body, err := json.Marshal(answer)
	if err != nil {
		return events.LambdaFunctionURLResponse{}, fmt.Errorf("cannot answer: %w", err)
	}
	return events.LambdaFunctionURLResponse{StatusCode: r.Status, Body: string(body),
		Headers: map[string]string{"Content-Type": "application/json", "Cache-Control": "no-store"}}, nil
}

// refusalOf is what a caller is told. Of AWS's trouble only that there was some: the line has the rest.
func refusalOf(err error, request string) *refusal {
	var no *refusal
	switch {
	case errors.As(err, &no):
		return no
	case errors.Is(err, ErrNotConnected):
		return refuse(http.StatusConflict, entry.NotConnected, ErrNotConnected.Error())
	}
	return refuse(http.StatusBadGateway, entry.Failed, "AWS refused the broker, or failed; its log says why, at request "+request)
}

// answer is the way from a request to a session.
func (b *Broker) answer(ctx context.Context, e events.LambdaFunctionURLRequest, r *record) (entry.Answer, error) {
	var none entry.Answer
	by := e.RequestContext.Authorizer
	if by != nil && by.IAM != nil {
		r.Caller, r.UserID, r.AccessKey = by.IAM.UserARN, by.IAM.UserID, by.IAM.AccessKey
	}
	caller, err := callerOf(by, b.Config.Partition, b.Config.Account)
	if err != nil {
		return none, refuse(http.StatusForbidden, entry.Denied, err.Error())
	}
	if err := b.limits.admit(caller.ARN, b.Now()); err != nil {
		return none, err
	}
	body, err := bodyOf(e)
	if err != nil {
		return none, err
	}
	ask, made, err := parse(body)
	r.Cluster, r.Task, r.Container, r.Runbook, r.Reason = ask.Cluster, ask.Task, ask.Container, ask.Runbook, ask.Reason
	if err != nil {
		return none, refuse(http.StatusBadRequest, entry.Malformed, err.Error())
	}
	if err := b.once.admit(ask.Nonce, made, b.Now()); err != nil {
		return none, err
	}
	command, err := entry.Order{Runbook: ask.Runbook, Reason: ask.Reason}.Command()
	if err != nil {
		return none, refuse(http.StatusBadRequest, entry.Malformed, err.Error())
	}
	task, err := b.permit(ctx, caller, ask, r)
	if err != nil {
		return none, err
	}
	r.As = caller.Name()
	session, err := b.Cloud.Start(ctx, Start{As: r.As, ClusterARN: task.ClusterARN, TaskARN: task.ARN, Container: ask.Container, Command: command})
	if err != nil {
		return none, err
	}
	if session.SessionID == "" || session.StreamURL == "" || session.Token == "" {
		return none, errors.New("ExecuteCommand: the service opened no session and said nothing")
	}
	r.SessionID = session.SessionID
	return session, nil
}

// permit is the task, if the caller may enter the container there. Who may not enter the container in any task of the cluster doesn't
// learn which tasks there are.
func (b *Broker) permit(ctx context.Context, c Caller, ask entry.Request, r *record) (Task, error) {
	no := refuse(http.StatusForbidden, entry.Denied, fmt.Sprintf("%s may not enter container %s of cluster %s", c.ARN, ask.Container, ask.Cluster))
	rules := at(b.Config.Rules, ask.Cluster, ask.Container)
	var who Identity
	if asks(rules) {
		var err error
		if who, err = b.Cloud.Identity(ctx, c); err != nil {
			return Task{}, err
		}
	}
	if rules = meant(rules, c, who); len(rules) == 0 {
		return Task{}, no
	}
	task, err := b.Cloud.Task(ctx, ask.Cluster, ask.Task)
	if errors.Is(err, ErrNoTask) {
		return Task{}, refuse(http.StatusForbidden, entry.Denied, fmt.Sprintf("there is no task %s in cluster %s", ask.Task, ask.Cluster))
	} else if err != nil {
		return Task{}, err
	}
	r.Service = b.serviceOf(task, ask.Cluster, ask.Task)
	if !slices.ContainsFunc(rules, func(one config.Rule) bool { return one.Service == r.Service }) {
		return Task{}, refuse(http.StatusForbidden, entry.Denied, fmt.Sprintf("%s may not enter task %s: it is not of a service that they may enter", c.ARN, ask.Task))
	}
	if !slices.Contains(task.Containers, ask.Container) {
		return Task{}, refuse(http.StatusForbidden, entry.Denied, fmt.Sprintf("task %s has no container %s", ask.Task, ask.Container))
	}
	return task, nil
}
