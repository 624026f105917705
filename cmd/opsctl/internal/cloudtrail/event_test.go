package cloudtrail

import (
	"strings"
	"testing"
)

const one = `{"eventVersion":"1.08","userIdentity":{"type":"AssumedRole","principalId":"AROA:taro","arn":"arn:aws:sts::123456789012:assumed-role/ops/taro@example.jp",
"sessionContext":{"sessionIssuer":{"type":"Role","userName":"ops","arn":"arn:aws:iam::123456789012:role/path/ops"},"sourceIdentity":"operator=taro","attributes":{"mfaAuthenticated":"true"}}},
"eventTime":"2026-11-23T18:02:09Z","eventSource":"ecs.amazonaws.com","eventName":"ExecuteCommand","sourceIPAddress":"203.0.113.7","userAgent":"aws-cli/2",
"requestParameters":{"cluster":"arn:aws:ecs:x:1:cluster/prod","task":"arn:aws:ecs:x:1:task/prod/0123","container":"ops","command":"opsh","interactive":true},
"responseElements":{"session":{"sessionId":"ecs-execute-command-0a1b2c3d4e5f","streamUrl":"HIDDEN","tokenValue":"HIDDEN"}},"eventID":"e-1"}`

func TestRead(t *testing.T) {
	other := strings.ReplaceAll(one, "ExecuteCommand", "DescribeTasks")
	foreign := strings.Replace(one, "ecs.amazonaws.com", "other.amazonaws.com", 1)
	quoted := strings.NewReplacer(`"`, `\"`, "\n", " ").Replace(one)
	lookup := `{"Events":[{"EventId":"e-1","EventName":"ExecuteCommand","EventTime":1795600000.0,"Username":"taro","CloudTrailEvent":"` + quoted + `"}]}`
	for name, text := range map[string]string{
		"delivered":    `{"Records":[` + other + "," + one + "," + foreign + `]}`,
		"looked up":    lookup,
		"one a line":   strings.ReplaceAll(other, "\n", "") + "\n" + strings.ReplaceAll(one, "\n", "") + "\n",
		"a null in it": `{"Records":[{"eventName":"X","requestParameters":null,"responseElements":null,"userIdentity":{}},` + one + `]}`,
	} {
		got, err := Read(strings.NewReader(text))
		if err != nil || len(got) != 1 {
			t.Fatalf("%s: %+v, %v", name, got, err)
		}
		e := got[0]
		if e.Session != "ecs-execute-command-0a1b2c3d4e5f" || e.Person != "taro@example.jp" || e.Role != "ops" || e.Issuer != "arn:aws:iam::123456789012:role/path/ops" || e.Source != "operator=taro" || e.Address != "203.0.113.7" || e.MFA != "true" ||
			e.Cluster != "prod" || e.Task != "0123" || e.Container != "ops" || e.Command != "opsh" || e.Error != "" || e.ID != "e-1" || e.Time.Unix() != 1795456929 {
			t.Errorf("%s: %+v", name, e)
		}
	}
	for name, change := range map[string][3]string{
		"a user":  {`"type":"AssumedRole"`, `"type":"IAMUser","userName":"hanako"`, "hanako"},
		"root":    {`"type":"AssumedRole"`, `"type":"Root"`, "root"},
		"another": {`"type":"AssumedRole"`, `"type":"FederatedUser"`, "taro@example.jp"},
	} {
		if got, err := Read(strings.NewReader(strings.Replace(one, change[0], change[1], 1))); err != nil || len(got) != 1 || got[0].Person != change[2] {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
	refused := strings.Replace(one, `"eventID"`, `"errorCode":"AccessDenied","errorMessage":"no","eventID"`, 1)
	if got, err := Read(strings.NewReader(refused)); err != nil || got[0].Error != "AccessDenied: no" {
		t.Errorf("%+v, %v", got, err)
	}
	for _, bad := range []string{"x", `{"Records":[1]}`, `{"Records":`, strings.Replace(one, "2026-11-23T18:02:09Z", "yesterday", 1), `{"Events":[{"CloudTrailEvent":"x"}]}`} {
		if got, err := Read(strings.NewReader(bad)); err == nil {
			t.Errorf("%.40q: %+v", bad, got)
		}
	}
	if got, err := Read(strings.NewReader("")); err != nil || len(got) != 0 {
		t.Errorf("%+v, %v", got, err)
	}
}
