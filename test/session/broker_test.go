package session

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"opsh/test/lambda"
	"opsh/test/standin"
)

const (
	brokerAccount = "123456789012"
	hanako        = "arn:aws:sts::" + brokerAccount + ":assumed-role/opsh-operator/hanako"
)

// build builds one of our programs as it is released.
func build(t *testing.T, name string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	cmd := exec.Command("go", "build", "-buildvcs=false", "-o", path, "opsh/cmd/"+name)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return path
}

// broker starts the built broker as a function, for the stand-in's operators.
func broker(t *testing.T, program string, s *standin.Service, container string) *lambda.Function {
	t.Helper()
	configuration := `version = 1
session_role = "arn:aws:iam::` + brokerAccount + `:role/opsh-session"
[[allow]]
roles = ["opsh-operator"]
cluster = "` + standin.Cluster + `"
service = "ops"
container = "` + container + `"
`
	// Its own credentials are those that the stand-in believes; the caller's are the same pair, which opsctl has from its environment.
	f, err := lambda.Start(program, append(s.Environ(os.Environ()), "OPSH_BROKER="+configuration), "eu-west-1",
		lambda.Caller{AccessKey: "AKIDEXAMPLE", Secret: "for tests", ARN: hanako, Account: brokerAccount})
	must(t, err)
	t.Cleanup(f.Stop)
	return f
}

// line is the broker's nth line.
func line(t *testing.T, f *lambda.Function, n int) (l map[string]any) {
	t.Helper()
	lines := strings.Split(strings.TrimSpace(f.Log()), "\n")
	if len(lines) < n {
		t.Fatalf("only %d lines: %s", len(lines), f.Log())
	}
	must(t, json.Unmarshal([]byte(lines[n-1]), &l))
	return l
}

// TestBroker: a session that the broker opens is like any other, and ECS was asked by the broker, as the caller.
func TestBroker(t *testing.T) {
	program := build(t, "opsh-broker")
	s := service(t, nil)
	f := broker(t, program, s, standin.Container)

	p := connect(t, s, "--broker", f.URL, "--reason", "INC-7 it's 調査")
	p.sees("> ")
	p.types("perl -e 'print \"山田\\n\"'\r")
	p.sees("\n山田\r\n")
	p.types("exit\r")
	p.left(0)
	p.sees("opsctl: asking the broker " + f.URL)
	one, l := s.Last(1), line(t, f, 1)
	if one.Command != `opsh --reason "INC-7 it's 調査"` || !strings.Contains(one.Signature, "Credential="+standin.AssumedKey+"/") {
		t.Errorf("the command is %q, signed %s", one.Command, one.Signature)
	}
	if l["decision"] != "allowed" || l["session"] != one.ID || l["caller"] != hanako || l["as"] != "opsh-operator=hanako" || l["reason"] != "INC-7 it's 調査" || strings.Contains(f.Log(), one.Token()) {
		t.Errorf("the line is %s", f.Log())
	}
	if a := s.Assumed(); len(a) != 1 || a[0].Get("SourceIdentity") != "opsh-operator=hanako" || a[0].Get("RoleSessionName") != "opsh-operator=hanako" {
		t.Errorf("%v", a)
	}

	// A runbook, while Lambda has no room at first.
	f.HasNoRoom(2)
	c := opsctl(t, s, nil, "--broker", f.URL, "--reason", "INC-8", "--", "perl", "-e", `print "二\n"; exit 3`)
	c.ended(3)
	c.prints("二\n")
	if got := s.Last(2).Command; got != "opsh -s --reason 'INC-8'" || f.Heard() != 2 {
		t.Errorf("the command is %q, after %d requests", got, f.Heard())
	}

	// The file may name the broker, and the command line say otherwise.
	dir := t.TempDir()
	must(t, os.WriteFile(filepath.Join(dir, "opsctl.toml"), []byte("cluster = '"+standin.Cluster+"'\nbroker = '"+f.URL+"'\n"), 0o600))
	in := func(cmd *exec.Cmd) { cmd.Env = append(cmd.Env, "OPSCTL_CONFIG="+filepath.Join(dir, "opsctl.toml")) }
	c = opsctl(t, s, in, "--reason", "INC-9", "--", "perl", "-e", "1")
	c.ended(0)
	if n := f.Heard(); n != 3 {
		t.Errorf("the broker was asked %d times", n)
	}
	c = opsctl(t, s, in, "--broker", "none", "--", "perl", "-e", "1")
	c.ended(0)
	if n := f.Heard(); n != 3 || !strings.Contains(s.Last(4).Signature, "Credential=AKIDEXAMPLE/") {
		t.Errorf("the broker was asked %d times, and ECS by %s", n, s.Last(4).Signature)
	}
}

// TestBrokerRefuses: what the broker, or AWS before it, says against it is one line and a hint.
func TestBrokerRefuses(t *testing.T) {
	program := build(t, "opsh-broker")
	s := service(t, nil)
	f := broker(t, program, s, "another")
	for _, test := range []struct {
		name  string
		set   func(*exec.Cmd)
		args  []string
		says  []string
		heard int
	}{
		{"denied", nil, []string{"--reason", "INC-7"}, []string{"opsctl: error: cannot open a session: the broker refused: " + hanako + " may not enter container ops of cluster prod\n", "opsctl: hint: who may enter what"}, 1},
		{"a wrong secret", func(cmd *exec.Cmd) { cmd.Env = append(cmd.Env, "AWS_SECRET_ACCESS_KEY=wrong") }, []string{"--reason", "INC-7"},
			[]string{"opsctl: error: cannot open a session: AWS lets these credentials not call the broker", "lambda:InvokeFunctionUrl"}, 0},
		{"no reason", nil, nil, []string{"opsctl: error: cannot open a session: the broker wants a reason\n", "opsctl: hint: give --reason\n"}, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			before := f.Heard()
			c := opsctl(t, s, test.set, append([]string{"--broker", f.URL}, append(test.args, "--", "perl", "-e", "1")...)...)
			c.ended(125)
			c.says(test.says...)
			if n := f.Heard() - before; n != test.heard {
				t.Errorf("the broker was asked %d times", n)
			}
		})
	}
	if n := s.Opened(); n != 0 {
		t.Errorf("%d sessions were opened", n)
	}

	// What is released asks nobody without TLS.
	released := build(t, "opsctl")
	c := opsctl(t, s, func(cmd *exec.Cmd) { cmd.Path = released }, "--broker", f.URL, "--reason", "INC-7", "--", "perl", "-e", "1")
	c.ended(125)
	c.says("opsctl: error: cannot open a session: the broker "+f.URL+" is no function URL\n", "https://ID.lambda-url.REGION.on.aws/")
}
