package fetch

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/smithy-go"

	"opsh/shell/secret"
)

// client asks AWS's services that speak JSON 1.1. It takes AWS's signer and none of its service packages: that for Parameter Store makes
// tables of all its operations when a program starts, and opsh starts for every command; 2 ms of the 8 that it takes.
type client struct {
	http        *http.Client
	credentials aws.CredentialsProvider
	endpoint    string // "": AWS's own
	region      string
}

// operation is what is asked, and how the service is called in a host's name and signature, and in X-Amz-Target.
type operation struct{ service, target, name string }

const (
	attempts = 3
	// firstPause is before the second attempt; each is followed by a longer one.
	firstPause = 500 * time.Millisecond
)

// call asks, and again where that may help. An error is a *smithy.OperationError.
func (c client) call(ctx context.Context, o operation, in, out any) error {
	body, err := json.Marshal(in)
	for attempt := 1; err == nil; attempt++ {
		var again bool
		if again, err = c.once(ctx, o, body, out); err == nil {
			return nil
		}
		if !again || attempt == attempts {
			break
		}
		select {
		case <-time.After(time.Duration(attempt) * firstPause):
			err = nil
		case <-ctx.Done():
			err = ctx.Err()
		}
	}
	return &smithy.OperationError{ServiceID: o.service, OperationName: o.name, Err: err}
}

// once is one request. again: the error may pass by itself.
func (c client) once(ctx context.Context, o operation, body []byte, out any) (again bool, err error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, c.url(o), bytes.NewReader(body))
	if err != nil {
		return false, err
	}
	r.Header.Set("Content-Type", "application/x-amz-json-1.1")
	r.Header.Set("X-Amz-Target", o.target+"."+o.name)
	keys, err := c.credentials.Retrieve(ctx)
	if err != nil {
		return false, err
	}
	sum := sha256.Sum256(body)
	if err := v4.NewSigner().SignHTTP(ctx, keys, r, hex.EncodeToString(sum[:]), o.service, c.region, time.Now()); err != nil {
		return false, err
	}
	answer, err := c.http.Do(r)
	if err != nil {
		return true, err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(io.LimitReader(answer.Body, secret.MostAnswer))
	if err != nil {
		return true, err
	}
	if answer.StatusCode == http.StatusOK {
		if json.Unmarshal(text, out) != nil {
			return false, errors.New("the answer isn't what the service documents") // a decoder's error would quote it
		}
		return false, nil
	}
	said := refusal(answer, text)
	return answer.StatusCode >= 500 || strings.Contains(said.Code, "Throttl"), said
}

// url is a service's in a region. https://docs.aws.amazon.com/general/latest/gr/rande.html
func (c client) url(o operation) string {
	if c.endpoint != "" {
		return c.endpoint + "/"
	}
	domain := "amazonaws.com"
	if strings.HasPrefix(c.region, "cn-") {
		domain = "amazonaws.com.cn"
	}
	return fmt.Sprintf("https://%s.%s.%s/", o.service, c.region, domain)
}

// refusal is what a service says when it doesn't answer. https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html#operation-error-serialization
func refusal(answer *http.Response, text []byte) *smithy.GenericAPIError {
	var said struct {
		Type    string `json:"__type"`
		Message string // some write it small
	}
	json.Unmarshal(text, &said) //nolint:errcheck // what stands before the service says something else, or nothing
	code := answer.Header.Get("X-Amzn-Errortype")
	if code == "" {
		code = said.Type
	}
	code, _, _ = strings.Cut(code, ":")
	if _, name, ok := strings.Cut(code, "#"); ok {
		code = name
	}
	if code == "" {
		code = answer.Status
	}
	return &smithy.GenericAPIError{Code: code, Message: said.Message}
}
