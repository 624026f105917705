// Package broker asks the broker for a session. The broker is a Lambda function behind a function URL that checks who asks by AWS's
// signature; it is the only one that may start something in the container, and it starts opsh.
//
// Whoever answers in its place could lead a person into a container of theirs, to see what is typed there. So only a function URL of
// AWS's is asked, by TLS, and only a channel of the Session Manager's own, in the container's region, is taken for an answer. Which function it is
// says the URL alone: take it from whom you would take the cluster's name.
package broker

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"opsh/cmd/internal/entry"
	"opsh/cmd/opsctl/internal/ecs"
)

// Client asks one broker.
type Client struct {
	HTTP  *http.Client
	Now   func() time.Time
	Pause time.Duration // before the second try where Lambda has no room; then twice as long, and so on

	address  string
	signs    string // the region that requests are signed for
	loopback bool
	config   aws.Config
}

// How a function URL is written, also in China, and what the region of a signature is.
// https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html
var (
	functionURL = regexp.MustCompile(`\Ahttps://[a-z0-9]+\.lambda-url\.([a-z]+(?:-[a-z0-9]+)+)\.on\.aws/?\z`)
	loopbackURL = regexp.MustCompile(`\Ahttp://127\.0\.0\.1:[0-9]+/\z`)
)

// New is a client of the broker at address. With loopback, which only a program linked for tests sets, address may also be a server of this
// machine's, without TLS.
func New(c aws.Config, address string, loopback bool, now func() time.Time) (*Client, error) {
	b := &Client{Now: now, Pause: 300 * time.Millisecond, address: address, signs: c.Region, loopback: loopback, config: c}
	if m := functionURL.FindStringSubmatch(address); m != nil {
		b.signs = m[1]
	} else if !loopback || !loopbackURL.MatchString(address) {
		return nil, &Error{"the broker " + address + " is no function URL", "it reads https://ID.lambda-url.REGION.on.aws/"}
	}
	// A redirection would take the request to somebody who wasn't named.
	b.HTTP = &http.Client{Timeout: 30 * time.Second, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	return b, nil
}

// Error is what the broker, or Lambda before it, says against a session.
type Error struct{ Text, Hint string }

func (e *Error) Error() string { return e.Text }

// tries bounds how often the broker is asked where it did nothing: Lambda had no room, or it wants a request by its own clock.
const tries = 5

// Start asks for a session, as ecs.Start.
func (b *Client) Start(o entry.Order) ecs.Start {
	return func(ctx context.Context, one ecs.Candidate) (entry.Answer, error) {
		at, pause := b.Now(), b.Pause
		for n := 1; ; n++ {
			status, body, err := b.post(ctx, one, o, at)
			if err != nil {
				return entry.Answer{}, err
			}
			var no entry.Refusal
			json.Unmarshal(body, &no) //nolint:errcheck // what is no refusal stays an empty one
			switch {
			case status == http.StatusOK:
				return b.read(body, one)
			case no.Code == entry.Stale && n < tries:
				if at, err = time.Parse(entry.TimeForm, no.Now); err != nil {
					return entry.Answer{}, errors.New("cannot understand the broker: it says no time")
				}
			case status == http.StatusTooManyRequests && no.Code == "" && n < tries:
				select {
				case <-time.After(pause):
				case <-ctx.Done():
					return entry.Answer{}, ctx.Err()
				}
				at, pause = b.Now(), 2*pause
			default:
				return entry.Answer{}, explain(status, no)
			}
		}
	}
}

// post makes one request, signed, at that time by the broker's clock.
func (b *Client) post(ctx context.Context, one ecs.Candidate, o entry.Order, at time.Time) (status int, body []byte, err error) {
	nonce := make([]byte, 16)
	rand.Read(nonce) //nolint:errcheck // it never fails
	text, err := json.Marshal(entry.Request{Version: entry.Version, Cluster: one.Cluster, Task: one.Task, Container: one.Container,
		Runbook: o.Runbook, Reason: o.Reason, Time: at.UTC().Format(entry.TimeForm), Nonce: hex.EncodeToString(nonce)})
	if err != nil {
		return 0, nil, fmt.Errorf("cannot ask the broker: %w", err)
	}
	q, err := http.NewRequestWithContext(ctx, http.MethodPost, b.address, bytes.NewReader(text))
	if err != nil {
		return 0, nil, fmt.Errorf("cannot ask the broker: %w", err)
	}
	if q.URL.Path == "" {
		q.URL.Path = "/"
	}
	sum := sha256.Sum256(text)
	hash := hex.EncodeToString(sum[:])
	q.Header.Set("Content-Type", "application/json")
	q.Header.Set("X-Amz-Content-Sha256", hash)
	who, err := b.config.Credentials.Retrieve(ctx)
	if err != nil {
		return 0, nil, err
	}
	if err := v4.NewSigner().SignHTTP(ctx, who, q, hash, "lambda", b.signs, b.Now()); err != nil {
		return 0, nil, fmt.Errorf("cannot sign the request to the broker: %w", err)
	}
	got, err := b.HTTP.Do(q)
	if err != nil {
		return 0, nil, err
	}
	defer got.Body.Close() //nolint:errcheck // it was only read
	if body, err = io.ReadAll(io.LimitReader(got.Body, 64<<10)); err != nil {
		return 0, nil, fmt.Errorf("cannot read the broker's answer: %w", err)
	}
	return got.StatusCode, body, nil
}

// What an answer may name. https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_StartSession.html
var (
	sessionForm = regexp.MustCompile(`\Aecs-execute-command-[a-z0-9]{8,64}\z`)
	tokenForm   = regexp.MustCompile(`\A[\x21-\x7e]+\z`)
)

// read is a session that was opened, if it can be what was asked for.
func (b *Client) read(body []byte, one ecs.Candidate) (entry.Answer, error) {
	var a entry.Answer
	if err := json.Unmarshal(body, &a); err != nil {
		return a, errors.New("cannot understand the broker: its answer is no JSON")
	}
	if !sessionForm.MatchString(a.SessionID) || !tokenForm.MatchString(a.Token) {
		return entry.Answer{}, errors.New("cannot trust the broker's answer: it names no session of ECS Exec")
	}
	u, err := url.Parse(a.StreamURL)
	if err != nil || u.Path != "/v1/data-channel/"+a.SessionID || u.User != nil || u.Fragment != "" || !b.isChannel(u, one.Region) {
		return entry.Answer{}, fmt.Errorf("cannot trust the broker's answer: the session's channel is not the Session Manager's in %s", one.Region)
	}
	return a, nil
}

// isChannel says that the Session Manager of the region is meant.
func (b *Client) isChannel(u *url.URL, region string) bool {
	if b.loopback && u.Scheme == "ws" && u.Hostname() == "127.0.0.1" {
		return true
	}
	host := "ssmmessages." + region + ".amazonaws.com"
	return u.Scheme == "wss" && (u.Host == host || u.Host == host+".cn")
}

// explain is a refusal for people, or as the exception that ECS itself would throw.
func explain(status int, no entry.Refusal) error {
	const log = "the broker's log group has a line about it"
	switch no.Code {
	case entry.NotConnected:
		return &types.TargetNotConnectedException{Message: &no.Error}
	case entry.Denied:
		return &Error{"the broker refused: " + no.Error, "who may enter what stands in the broker's configuration; name another profile with --profile"}
	case entry.Stale:
		return &Error{"the broker refused: " + no.Error, "set this machine's clock"}
	case entry.Limited, entry.Malformed, entry.Replayed:
		return &Error{"the broker refused: " + no.Error, ""}
	case entry.Failed:
		return &Error{"the broker failed: " + no.Error, log}
	}
	switch {
	case status == http.StatusForbidden:
		return &Error{"AWS lets these credentials not call the broker, or doesn't know them",
			"they need lambda:InvokeFunctionUrl and lambda:InvokeFunction on it: name the operators' role with --profile, or sign in again"}
	case status == http.StatusTooManyRequests:
		return &Error{"the broker has no room for another request", "try again in a minute"}
	case status == http.StatusNotFound:
		return &Error{"there is no such broker", "look at its URL"}
	}
	return &Error{fmt.Sprintf("the broker answered with status %d", status), log}
}
