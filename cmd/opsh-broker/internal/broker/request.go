package broker

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/aws/aws-lambda-go/events"

	"opsh/cmd/internal/entry"
)

// maxBody and maxReason bound what is read: a request of the longest names is shorter.
const (
	maxBody   = 4 << 10
	maxReason = 512
)

// What a request's texts must look like. Ids are ECS's, of both of its formats.
var (
	nameForm  = regexp.MustCompile(`\A[A-Za-z0-9_-]{1,255}\z`)
	taskForm  = regexp.MustCompile(`\A(?:[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\z`)
	nonceForm = regexp.MustCompile(`\A[0-9a-f]{32}\z`)
	timeForm  = regexp.MustCompile(`\A[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{9}Z\z`)
)

// bodyOf is the body of an event that is a POST of JSON to the function itself.
func bodyOf(e events.LambdaFunctionURLRequest) ([]byte, error) {
	switch {
	case e.Version != "2.0":
		return nil, refuse(http.StatusBadRequest, entry.Malformed, "the event is not a function URL's")
	case e.RequestContext.HTTP.Method != http.MethodPost:
		return nil, refuse(http.StatusMethodNotAllowed, entry.Malformed, "the method is not POST")
	case e.RawPath != "/" || e.RawQueryString != "":
		return nil, refuse(http.StatusNotFound, entry.Malformed, "there is nothing but /")
	case e.Headers["content-type"] != "application/json" || e.IsBase64Encoded:
		return nil, refuse(http.StatusUnsupportedMediaType, entry.Malformed, "the content type is not application/json")
	case len(e.Body) > maxBody:
		return nil, refuse(http.StatusRequestEntityTooLarge, entry.Malformed, fmt.Sprintf("the body has more than %d bytes", maxBody))
	}
	return []byte(e.Body), nil
}

// parse reads a request. Nothing is guessed: keys in another case, twice, too many or missing are errors, as are other types.
func parse(body []byte) (r entry.Request, made time.Time, err error) {
	if !utf8.Valid(body) {
		return r, made, errors.New("the body isn't UTF-8")
	}
	texts := map[string]*string{"cluster": &r.Cluster, "task": &r.Task, "container": &r.Container, "reason": &r.Reason, "time": &r.Time, "nonce": &r.Nonce}
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return r, made, errors.New("the body is no JSON object")
	}
	var seen []string
	for d.More() {
		t, err := d.Token()
		if err != nil {
			return r, made, errors.New("the body is no JSON object")
		}
		key := t.(string) // the decoder gives nothing else where a key stands
		if slices.Contains(seen, key) {
			return r, made, fmt.Errorf("the key %q is there twice", key)
		}
		seen = append(seen, key)
		value, err := d.Token()
		if err != nil {
			return r, made, errors.New("the body is no JSON object")
		}
		ok := false
		switch {
		case key == "version":
			ok, r.Version = value == json.Number("1"), entry.Version
		case key == "runbook":
			r.Runbook, ok = value.(bool)
		case texts[key] != nil:
			*texts[key], ok = value.(string)
		default:
			return r, made, fmt.Errorf("there is no key %q", key)
		}
		if !ok {
			return r, made, fmt.Errorf("the key %q has another kind of value", key)
		}
	}
	if t, err := d.Token(); err != nil || t != json.Delim('}') {
		return r, made, errors.New("the body is no JSON object")
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return r, made, errors.New("something follows the JSON object")
	}
	if len(seen) != len(texts)+2 {
		return r, made, errors.New("a key is missing: there are version, cluster, task, container, runbook, reason, time, nonce")
	}
	return r, made, check(r, &made)
}

// check holds the texts to their forms.
func check(r entry.Request, made *time.Time) (err error) {
	switch {
	case !nameForm.MatchString(r.Cluster):
		return errors.New("cluster is no cluster's name")
	case !taskForm.MatchString(r.Task):
		return errors.New("task is no task's id")
	case !nameForm.MatchString(r.Container):
		return errors.New("container is no container's name")
	case !nonceForm.MatchString(r.Nonce):
		return errors.New("nonce is not 32 hex digits")
	case !timeForm.MatchString(r.Time):
		return errors.New("time is not in the form " + entry.TimeForm)
	case r.Reason == "":
		return errors.New("there is no reason")
	case len(r.Reason) > maxReason:
		return fmt.Errorf("the reason has more than %d bytes", maxReason)
	}
	if *made, err = time.Parse(entry.TimeForm, r.Time); err != nil {
		return errors.New("there is no such time")
	}
	return nil
}
