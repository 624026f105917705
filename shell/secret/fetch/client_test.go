package fetch

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/smithy-go"

	"opsh/policy"
	"opsh/shell/secret"
	"opsh/shell/taskrole"
)

// ask has a service answer in turn; the last answer stays.
func ask(t *testing.T, answers ...func(http.ResponseWriter, *http.Request)) (value string, asked int, err error) {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked++
		answers[min(asked, len(answers))-1](w, r)
	}))
	defer s.Close()
	c := client{http: taskrole.HTTPClient(), credentials: credentials.NewStaticCredentialsProvider("AKIA", "key", "token"), endpoint: s.URL, region: "ap-northeast-1"}
	var out struct{ SecretString *string }
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	err = c.call(ctx, operation{"secretsmanager", "secretsmanager", "GetSecretValue"}, map[string]any{"SecretId": "prod/db"}, &out)
	return aws.ToString(out.SecretString), asked, err
}

func says(status int, header, text string) func(http.ResponseWriter, *http.Request) {
	return func(w http.ResponseWriter, _ *http.Request) {
		if header != "" {
			w.Header().Set("X-Amzn-Errortype", header)
		}
		w.WriteHeader(status)
		w.Write([]byte(text)) //nolint:errcheck // the client is in this process
	}
}

func gone(w http.ResponseWriter, _ *http.Request) { panic(http.ErrAbortHandler) }

func TestCall(t *testing.T) {
	good := says(200, "", `{"Name":"prod/db","SecretString":"hunter22"}`)
	for _, c := range []struct {
		name    string
		answers []func(http.ResponseWriter, *http.Request)
		asked   int
		code    string // of the error; "": none
		text    string
	}{
		{"at once", list(good), 1, "", ""},
		{"after a throttle", list(says(400, "ThrottlingException", `{"message":"Rate exceeded"}`), good), 2, "", ""},
		{"after a gateway", list(says(502, "", "<html>Bad Gateway</html>"), good), 2, "", ""},
		{"after a lost connection", list(gone, good), 2, "", ""},
		{"a gateway that stays", list(says(503, "", "")), 3, "503 Service Unavailable", ""},
		{"refused", list(says(400, "AccessDeniedException:http://internal.amazon.com/", `{"Message":"no"}`), good), 1, "AccessDeniedException", "no"},
		{"refused in the body", list(says(400, "", `{"__type":"com.amazonaws.secretsmanager#ResourceNotFoundException","message":"none"}`), good), 1, "ResourceNotFoundException", "none"},
		{"a redirect", list(func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://127.0.0.1:1/", http.StatusFound)
		}), 1, "302 Found", ""},
	} {
		value, asked, err := ask(t, c.answers...)
		var said smithy.APIError
		if is := errors.As(err, &said); is != (c.code != "") || is && (said.ErrorCode() != c.code || said.ErrorMessage() != c.text) || !is && err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		if asked != c.asked || (err == nil) != (value == "hunter22") {
			t.Errorf("%s: asked %d times, %q", c.name, asked, value)
		}
	}
	if _, _, err := ask(t, says(200, "", `{"SecretString":{"x":"hunter22"}}`)); err == nil || strings.Contains(err.Error(), "hunter22") {
		t.Errorf("an answer of another shape: %v", err)
	}
	// What is asked, and that it is signed for this service and region.
	ask(t, func(w http.ResponseWriter, r *http.Request) { //nolint:errcheck // looked at inside
		if r.Header.Get("X-Amz-Target") != "secretsmanager.GetSecretValue" || !strings.Contains(r.Header.Get("Authorization"), "/ap-northeast-1/secretsmanager/aws4_request") ||
			r.Header.Get("X-Amz-Security-Token") != "token" || r.URL.Path != "/" {
			t.Errorf("%s %v", r.URL, r.Header)
		}
		good(w, r)
	})
}

func list(all ...func(http.ResponseWriter, *http.Request)) []func(http.ResponseWriter, *http.Request) {
	return all
}

func TestURL(t *testing.T) {
	for region, want := range map[string]string{"ap-northeast-1": "https://ssm.ap-northeast-1.amazonaws.com/", "cn-north-1": "https://ssm.cn-north-1.amazonaws.com.cn/"} {
		if got := (client{region: region}).url(operation{service: "ssm"}); got != want {
			t.Errorf("%s", got)
		}
	}
}

func TestMember(t *testing.T) {
	text := `{"user":"ops","password":"日本 \"x\"","port":3306,"empty":"","none":null}`
	for _, c := range []struct {
		text      *string
		key, want string
		err       string
	}{
		{&text, "", text, ""},
		{&text, "password", `日本 "x"`, ""},
		{&text, "empty", "", ""},
		{&text, "Password", "", "it has no key Password"},
		{&text, "port", "", "its port isn't a text"},
		{&text, "none", "", "its none isn't a text"},
		{aws.String("hunter22"), "password", "", "it isn't a JSON object"},
		{aws.String(`["hunter22"]`), "password", "", "it isn't a JSON object"},
		{nil, "", "", "there is no text in it"},
	} {
		got, err := member(c.text, c.key)
		if got != c.want || (err == nil) != (c.err == "") || err != nil && (!strings.Contains(err.Error(), c.err) || strings.Contains(err.Error(), "hunter22")) {
			t.Errorf("%s: %q, %v", c.key, got, err)
		}
	}
}

func TestFetchRefuses(t *testing.T) {
	for _, c := range []struct {
		uri, text string
	}{
		{"", "the task has no role"},
		{".example.org/", "is not a path"},
	} {
		_, err := fetch(t.Context(), secret.Request{Role: taskrole.Role{CredentialsHost: "http://169.254.170.2", CredentialsURI: c.uri}, Source: policy.Source{Kind: policy.SourceSSM, Name: "/x", Region: "eu-west-1"}})
		if e := explain(policy.Source{}, err); !strings.Contains(e.Text, c.text) || e.Hint != needsRole {
			t.Errorf("%q: %+v", c.uri, e)
		}
	}
	if _, err := secret.Fetch("/bin/true", secret.Request{}); err == nil || err.Error() != "what fetches it ended without an answer" {
		t.Errorf("%v", err)
	}
	if _, err := secret.Fetch("/nowhere", secret.Request{}); err == nil || !strings.Contains(err.Error(), "cannot start what fetches it") {
		t.Errorf("%v", err)
	}
}
