package secret

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/feature/rds/auth"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/ssm"

	"opsh/policy"
	"opsh/shell/taskrole"
)

// Serve is the process's whole life. It returns its exit status.
func Serve() int {
	socket := os.NewFile(socketFD, "opsh")
	in := json.NewDecoder(socket)
	var r Request
	if in.Decode(&r) != nil {
		return 1 // somebody else started this
	}
	ctx, cancel := context.WithTimeout(context.Background(), fetchTime)
	defer cancel()
	go func() {
		io.Copy(io.Discard, socket) //nolint:errcheck // its end is what counts
		cancel()                    // opsh is gone
	}()
	var got answer
	value, err := fetch(ctx, r)
	if err != nil {
		got.Error = explain(r.Source, err)
	} else {
		got.Value = value
	}
	if json.NewEncoder(socket).Encode(got) != nil {
		return 1
	}
	return 0
}

// fetch asks AWS.
func fetch(ctx context.Context, r Request) (string, error) {
	if err := r.Role.Check(); err != nil {
		return "", &Error{Text: err.Error(), Hint: needsRole}
	}
	h := taskrole.HTTPClient()
	credentials := r.Role.Credentials(h)
	switch s := r.Source; s.Kind {
	case policy.SourceSecretsManager:
		client := secretsmanager.New(secretsmanager.Options{
			Region: s.Region, BaseEndpoint: r.Role.Base(), Credentials: credentials, HTTPClient: h, Retryer: retryer()})
		out, err := client.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: &s.Name})
		if err != nil {
			return "", err
		}
		return member(out.SecretString, s.Key)
	case policy.SourceSSM:
		client := ssm.New(ssm.Options{Region: s.Region, BaseEndpoint: r.Role.Base(), Credentials: credentials, HTTPClient: h, Retryer: retryer()})
		out, err := client.GetParameter(ctx, &ssm.GetParameterInput{Name: &s.Name, WithDecryption: aws.Bool(true)})
		if err != nil {
			return "", err
		}
		if out.Parameter == nil {
			return "", errors.New("GetParameter: the answer holds no parameter")
		}
		return aws.ToString(out.Parameter.Value), nil
	case policy.SourceRDS:
		return auth.BuildAuthToken(ctx, s.Name, s.Region, s.User, credentials)
	}
	return "", errors.New("this build fetches no secret from there")
}

// retryer tries again what may pass: a throttled request, a lost connection.
func retryer() aws.Retryer {
	return retry.NewStandard(func(o *retry.StandardOptions) { o.MaxAttempts, o.MaxBackoff = 3, 2*time.Second })
}

// member is a secret's text, or of a JSON object the text under key. No error holds any of it, its keys neither.
func member(text *string, key string) (string, error) {
	const mend = "correct what stands behind # in the policy, or the secret"
	if text == nil {
		return "", &Error{Text: "it is binary: opsh hands over text only"}
	}
	if key == "" {
		return *text, nil
	}
	var all map[string]json.RawMessage
	if json.Unmarshal([]byte(*text), &all) != nil {
		return "", &Error{Text: "it isn't a JSON object, so nothing in it has the key " + key, Hint: mend}
	}
	raw, ok := all[key]
	if !ok {
		return "", &Error{Text: "it has no key " + key, Hint: mend}
	}
	var value *string
	if json.Unmarshal(raw, &value) != nil || value == nil {
		return "", &Error{Text: "its " + key + " isn't a text", Hint: mend}
	}
	return *value, nil
}
