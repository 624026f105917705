// Package fetch is the process that fetches one secret from AWS: the other end of package secret.
package fetch

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"

	"github.com/aws/aws-sdk-go-v2/feature/rds/auth"

	"opsh/policy"
	"opsh/shell/secret"
	"opsh/shell/taskrole"
	"opsh/shell/taskrole/sdk"
)

// Serve is that process's whole life. It returns its exit status.
func Serve() int {
	socket := os.NewFile(secret.Socket, "opsh")
	in := json.NewDecoder(socket)
	var r secret.Request
	if in.Decode(&r) != nil {
		return 1 // somebody else started this
	}
	ctx, cancel := context.WithTimeout(context.Background(), secret.FetchTime)
	defer cancel()
	go func() {
		io.Copy(io.Discard, socket) //nolint:errcheck // its end is what counts
		cancel()                    // opsh is gone
	}()
	var got secret.Answer
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
func fetch(ctx context.Context, r secret.Request) (string, error) {
	if err := r.Role.Check(); err != nil {
		return "", &secret.Error{Text: err.Error(), Hint: needsRole}
	}
	c := client{http: taskrole.HTTPClient(), endpoint: r.Role.Endpoint, region: r.Source.Region}
	c.credentials = sdk.Credentials(r.Role, c.http)
	switch s := r.Source; s.Kind {
	case policy.SourceSecretsManager:
		// https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html
		var out struct{ SecretString *string }
		if err := c.call(ctx, operation{"secretsmanager", "secretsmanager", "GetSecretValue"}, map[string]any{"SecretId": s.Name}, &out); err != nil {
			return "", err
		}
		return member(out.SecretString, s.Key)
	case policy.SourceSSM:
		// https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameter.html
		var out struct{ Parameter struct{ Value *string } }
		if err := c.call(ctx, operation{"ssm", "AmazonSSM", "GetParameter"}, map[string]any{"Name": s.Name, "WithDecryption": true}, &out); err != nil {
			return "", err
		}
		return member(out.Parameter.Value, "")
	case policy.SourceRDS:
		return auth.BuildAuthToken(ctx, s.Name, s.Region, s.User, c.credentials)
	}
	return "", errors.New("this build fetches no secret from there")
}

// member is a secret's text, or of a JSON object the text under key. No error holds any of it, its keys neither.
func member(text *string, key string) (string, error) {
	const mend = "correct what stands behind # in the policy, or the secret"
	if text == nil {
		return "", &secret.Error{Text: "there is no text in it: opsh hands over no other"}
	}
	if key == "" {
		return *text, nil
	}
	var all map[string]json.RawMessage
	if json.Unmarshal([]byte(*text), &all) != nil {
		return "", &secret.Error{Text: "it isn't a JSON object, so nothing in it has the key " + key, Hint: mend}
	}
	raw, ok := all[key]
	if !ok {
		return "", &secret.Error{Text: "it has no key " + key, Hint: mend}
	}
	var value *string
	if json.Unmarshal(raw, &value) != nil || value == nil {
		return "", &secret.Error{Text: "its " + key + " isn't a text", Hint: mend}
	}
	return *value, nil
}
