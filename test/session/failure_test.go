package session

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"opsh/test/standin"
)

// without is an environment without some variables, and with others.
func without(environ []string, names []string, more ...string) []string {
	left := slices.DeleteFunc(slices.Clone(environ), func(kv string) bool {
		name, _, _ := strings.Cut(kv, "=")
		return slices.Contains(names, name)
	})
	return append(left, more...)
}

// container is the task's, as the stand-in describes it.
func container(task map[string]any) map[string]any {
	return task["containers"].([]any)[0].(map[string]any)
}

var keys = []string{"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"}

// TestFailures: all that AWS answers, and all that goes wrong before it is asked, is one line that says why and one that says what to do.
func TestFailures(t *testing.T) {
	const target = "--cluster prod --task " + standin.Task + " --container ops"
	const name = "container ops of task " + standin.Task + " in cluster prod, service ops"
	home := t.TempDir()
	profiles := filepath.Join(home, "config")
	must(t, os.WriteFile(profiles, []byte("[profile base]\naws_access_key_id = AKIDEXAMPLE\naws_secret_access_key = for tests\n"+
		"[profile mfa]\nrole_arn = arn:aws:iam::123456789012:role/operator\nmfa_serial = arn:aws:iam::123456789012:mfa/hanako\nsource_profile = base\n"), 0o600))
	execute := func(code, message string) func(*standin.Service) {
		return func(s *standin.Service) { s.Fail("ExecuteCommand", code, message) }
	}
	agent := func(status, reason string) func(*standin.Service) {
		return func(s *standin.Service) {
			s.Edit(func(task map[string]any) {
				container(task)["managedAgents"] = []any{map[string]any{"name": "ExecuteCommandAgent", "lastStatus": status, "reason": reason}}
			})
		}
	}
	for what, test := range map[string]struct {
		set       func(*standin.Service)
		env       func([]string) []string
		words     []string
		why, hint string
	}{
		"agent not connected": {set: execute("TargetNotConnectedException", "The execute command failed due to an internal error. Try again later."),
			why:  "cannot open a session: the container's ECS Exec agent isn't connected to the Session Manager",
			hint: "try again in some seconds if the task has just started; otherwise its task role lacks ssmmessages, or it has no way there: opsctl doctor " + target + " says which"},
		"agent stopped": {set: agent("STOPPED", "Received Container Exit"),
			why:  "cannot open a session: " + name + ": the container's ECS Exec agent is STOPPED: Received Container Exit",
			hint: "its task role needs ssmmessages, and it a way there and a file system that it may write; mend that, then start the task again"},
		"no agent": {set: func(s *standin.Service) {
			s.Edit(func(task map[string]any) { delete(container(task), "managedAgents") })
		}, why: "cannot open a session: " + name + ": the container has no ECS Exec agent", hint: "start the task again: it was not started with one"},
		"exec disabled": {set: func(s *standin.Service) { s.Edit(func(task map[string]any) { task["enableExecuteCommand"] = false }) },
			why:  "cannot open a session: " + name + ": the task was started without ECS Exec",
			hint: "aws ecs update-service --cluster prod --service ops --enable-execute-command --force-new-deployment"},
		"exec disabled, AWS says": {set: execute("InvalidParameterException", "The execute command failed because execute command was not enabled when the task was run or the execute command agent isn\u2019t running. Wait and try again or run a new task with execute command enabled and try again."),
			why:  "cannot open a session: ECS Exec is not enabled for the task, or its agent doesn't run",
			hint: "opsctl doctor " + target + " says which; what is enabled counts for tasks that start afterwards"},
		"denied": {set: execute("AccessDeniedException", "User: arn:aws:sts::123456789012:assumed-role/dev/hanako is not authorized to perform: ecs:ExecuteCommand on resource: arn:aws:ecs:eu-west-1:123456789012:cluster/prod because no identity-based policy allows the ecs:ExecuteCommand action"),
			why:  "cannot open a session: arn:aws:sts::123456789012:assumed-role/dev/hanako may not ecs:ExecuteCommand on arn:aws:ecs:eu-west-1:123456789012:cluster/prod",
			hint: "have it allowed for this cluster, or name another profile with --profile"},
		"denied explicitly": {set: execute("AccessDeniedException", "User: arn:aws:iam::123456789012:user/hanako is not authorized to perform: ecs:ExecuteCommand on resource: * with an explicit deny in an identity-based policy"),
			why:  "cannot open a session: arn:aws:iam::123456789012:user/hanako may not ecs:ExecuteCommand on *: a policy denies it explicitly",
			hint: "deny statements often ask for MFA: sign in with it; or name another profile with --profile"},
		"expired": {set: func(s *standin.Service) {
			s.Fail("DescribeTasks", "ExpiredTokenException", "The security token included in the request is expired")
		}, why: "cannot find the container: the AWS credentials have expired", hint: "sign in again: aws sso login, a new aws-vault exec, or whatever gave them"},
		"unknown key": {set: func(s *standin.Service) {
			s.Fail("DescribeTasks", "UnrecognizedClientException", "The security token included in the request is invalid.")
		}, why: "cannot find the container: AWS doesn't know these credentials", hint: "are they of this account, and complete? Sign in again: aws sso login"},
		"no such cluster": {words: []string{"--cluster", "prdo"},
			why: "cannot find the container: there is no cluster prdo in eu-west-1", hint: "opsctl tasks lists what there is; look at the region and the profile too"},
		"wrong region": {env: func(e []string) []string { return without(e, nil, "AWS_REGION=us-east-1") },
			why: "cannot find the container: there is no cluster prod in us-east-1", hint: "opsctl tasks lists what there is; look at the region and the profile too"},
		"no such region": {env: func(e []string) []string {
			return without(e, nil, "AWS_REGION=eu-west-9", "AWS_ENDPOINT_URL=http://ecs.eu-west-9.invalid")
		}, why: "cannot find the container: ecs.eu-west-9.invalid can't be reached: ", hint: "look at the network, the VPN and HTTPS_PROXY; a region that doesn't exist has no such host either (it is eu-west-9)"},
		"throttled": {set: execute("ThrottlingException", "Rate exceeded"),
			why: "cannot open a session: ExecuteCommand: AWS asks to slow down, also after several tries", hint: "wait a minute; somebody or something in this account asks very often"},
		"AWS's own fault": {set: execute("ServerException", "Service Unavailable."),
			why: "cannot open a session: ExecuteCommand: AWS has a fault of its own: Service Unavailable", hint: "try again; https://health.aws.amazon.com says whether it is known"},
		"clock": {set: func(s *standin.Service) {
			s.Fail("DescribeTasks", "InvalidSignatureException", "Signature expired: 20261125T090000Z is now earlier than 20261125T101500Z (20261125T102000Z - 5 min.)")
		}, why: "cannot find the container: AWS doesn't accept the request's signature", hint: "set this machine's clock; if it is right, the secret key is wrong"},
		"no credentials": {env: func(e []string) []string { return without(e, append(keys, "HOME"), "HOME="+home) },
			why: "cannot find the container: there are no AWS credentials", hint: "sign in (aws sso login), name a profile with --profile, or run under aws-vault exec PROFILE -- opsctl ..."},
		"no region": {env: func(e []string) []string { return without(e, []string{"AWS_REGION", "HOME"}, "HOME="+home) },
			why: "cannot find the container: no region is set", hint: "give --region, or set AWS_REGION, region in opsctl.toml, or the AWS profile's region"},
		"no profile": {words: []string{"--profile", "prdo"}, env: func(e []string) []string { return without(e, nil, "AWS_CONFIG_FILE="+profiles) },
			why: "cannot find the container: the AWS configuration has no profile prdo", hint: "aws configure list-profiles lists those there are"},
		"MFA, no terminal": {words: []string{"--profile", "mfa"}, env: func(e []string) []string { return without(e, keys, "AWS_CONFIG_FILE="+profiles) },
			why:  "cannot find the container: the profile's role wants an MFA code, and there is no terminal to ask for it",
			hint: "start it in a terminal, or under credentials that have MFA already (aws-vault exec PROFILE -- opsctl ...); in CI assume a role by OIDC"},
		"task replaced": {set: execute("InvalidParameterException", "The referenced task was not found."),
			why: "cannot open a session: there is no such task in cluster prod", hint: "it may just have been replaced: opsctl tasks --cluster prod lists those that run"},
	} {
		t.Run(what, func(t *testing.T) {
			s := service(t, nil)
			if test.set != nil {
				test.set(s)
			}
			c := opsctl(t, s, func(cmd *exec.Cmd) {
				if test.env != nil {
					cmd.Env = test.env(cmd.Env)
				}
			}, append(test.words, "--", "perl", "-e", "1")...)
			c.ended(125)
			c.prints("")
			lines := strings.Split(strings.TrimSuffix(c.err.String(), "\n"), "\n")
			if len(lines) != 2 || !strings.HasPrefix(lines[0], "opsctl: error: "+test.why) || len(lines[0]) != len("opsctl: error: "+test.why) && !strings.HasSuffix(test.why, ": ") ||
				lines[1] != "opsctl: hint: "+test.hint {
				t.Errorf("%s", c.err.String())
			}
			if n := s.Opened(); n != 0 {
				t.Errorf("%d sessions were opened", n)
			}
		})
	}

	t.Run("MFA wrong", func(t *testing.T) {
		s := service(t, nil)
		s.Fail("AssumeRole", "AccessDenied", "MultiFactorAuthentication failed with invalid MFA one time pass code.")
		p := connectAs(t, s, func(cmd *exec.Cmd) {
			cmd.Env = without(cmd.Env, keys, "AWS_CONFIG_FILE="+profiles, "AWS_PROFILE=mfa", "AWS_ENDPOINT_URL_STS="+s.URL)
		})
		p.sees("MFA code: ")
		p.types("123456\r")
		p.ended(125)
		for _, text := range []string{"opsctl: error: cannot find the container: AWS refused the MFA code\r\n", "opsctl: hint: each code counts once: wait for the next one, and look at the device's clock\r\n"} {
			p.sees(text) // what it printed arrives after its end
		}
	})
}

// TestDryRun: the container is looked up, each line is explained, and nothing is opened.
func TestDryRun(t *testing.T) {
	s := service(t, nil)
	rules := file(t, "dry.toml", []byte(policyText("")))
	book := file(t, "dry", []byte("# a comment\nperl -e 'print 1'\nperl -v\n"))
	for name, test := range map[string]struct {
		set    func()
		words  []string
		status int
		out    []string
		err    []string
	}{
		"without a policy": {nil, []string{"--", "perl", "-e", "1"}, 0, []string{
			"target   container ops of task " + standin.Task + " in cluster prod, service ops, eu-west-1, account 123456789012\n         a session can be opened there\n",
			"command  opsh -s\n", "line 1   perl -e 1\n  would be sent\n", "not known here"}, nil},
		"under a policy": {nil, []string{"--policy", rules, "-f", book}, 1, []string{
			"line 2   perl -e 'print 1'\n  allowed by ", "would run", "line 3   perl -v\n  refused: word 2, -v: ", "1 line would be refused\n"}, nil},
		"no session there": {func() { s.Edit(func(task map[string]any) { task["enableExecuteCommand"] = false }) }, []string{"--policy", rules, "--", "perl", "-e", "1"}, 1,
			[]string{"allowed by "}, []string{"the task was started without ECS Exec", "hint: aws ecs update-service"}},
		"still starting": {func() { s.Edit(func(task map[string]any) { task["lastStatus"] = "PENDING" }) }, []string{"--", "perl", "-e", "1"}, 0,
			[]string{"the task is still PENDING: it would be waited for"}, nil},
		"AWS says no": {func() { s.Fail("DescribeTasks", "ExpiredTokenException", "expired") }, []string{"--policy", rules, "--", "perl", "-v"}, 125,
			[]string{"refused: word 2"}, []string{"the AWS credentials have expired", "hint: sign in again"}},
		"a broken policy": {nil, []string{"--policy", book, "--", "perl"}, 125, nil, []string{"cannot use ", "mistake"}},
	} {
		t.Run(name, func(t *testing.T) {
			if test.set != nil {
				test.set()
			}
			defer s.Edit(func(map[string]any) {})
			defer s.Fail("DescribeTasks", "", "")
			c := opsctl(t, s, nil, append([]string{"--dry-run"}, test.words...)...)
			c.ended(test.status)
			for _, text := range test.out {
				if !strings.Contains(c.out.String(), text) {
					t.Errorf("no %q in\n%s", text, c.out.String())
				}
			}
			c.says(test.err...)
			if len(test.err) == 0 && c.err.String() != "" {
				t.Errorf("%s", c.err.String())
			}
			if s.Opened() != 0 {
				t.Error("a session was opened")
			}
		})
	}
}
