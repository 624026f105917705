package secret

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"opsh/test/fault"
)

// mistakes: what is wrong with a secret is said, by opsh -T beforehand and by the command that needs it.
func (w *world) mistakes(t *testing.T) {
	said := func(kind, message string) fault.Fault {
		return fault.Status(http.StatusBadRequest, fmt.Sprintf(`{"__type":%q,"Message":%q,"message":%q}`, kind, message, message))
	}
	const arn = "arn:aws:secretsmanager:ap-northeast-1:"
	for _, c := range []struct {
		name, from string
		plan       fault.Plan
		text, hint string
	}{
		{"no permission", "secretsmanager:prod/db#password", fault.Always(said("AccessDeniedException", "User: X is not authorized to perform: secretsmanager:GetSecretValue on resource: prod/db"), "GetSecretValue"),
			"GetSecretValue: AccessDeniedException: User: X is not authorized", "allow the task role secretsmanager:GetSecretValue on " + arn + "*:secret:prod/db-??????; and kms:Decrypt on its key"},
		{"no key", "secretsmanager:prod/db#password", fault.Always(said("AccessDeniedException", "Access to KMS is not allowed"), "GetSecretValue"),
			"Access to KMS is not allowed", "allow the task role kms:Decrypt on the key that encrypts it"},
		{"no permission for a parameter", "ssm:/prod/db/password", fault.Always(said("AccessDeniedException", "User: X is not authorized to perform: ssm:GetParameter"), "GetParameter"),
			"GetParameter: AccessDeniedException", "allow the task role ssm:GetParameter on arn:aws:ssm:ap-northeast-1:*:parameter/prod/db/password"},
		{"no such secret", "secretsmanager:prod/none", nil, "GetSecretValue: ResourceNotFoundException", "correct from or region in the policy, or create it in ap-northeast-1"},
		{"no such parameter", "ssm:/prod/none", nil, "GetParameter: ParameterNotFound", "correct from or region in the policy, or create it in ap-northeast-1"},
		{"no such member", "secretsmanager:prod/db#pasword", nil, "it has no key pasword", "correct what stands behind # in the policy, or the secret"},
		{"a member that is no text", "secretsmanager:prod/db#port", nil, "its port isn't a text", "correct what stands behind #"},
		{"no JSON", "secretsmanager:prod/whole#password", nil, "it isn't a JSON object", "correct what stands behind #"},
		{"too short", "secretsmanager:prod/short", nil, "has fewer than 8 characters", ""},
		{"not set", "env:NOT_THERE", nil, "the variable NOT_THERE is not set", ""},
		{"unreachable", "secretsmanager:prod/db#password", fault.Always(fault.ResetBefore(), "GetSecretValue"), "connection reset", "the task must reach secretsmanager.ap-northeast-1.amazonaws.com"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w.policy(t, fmt.Sprintf("[tool.try]\npath = \"/usr/bin/true\"\nuser = \"nobody\"\nallow = [\"try\"]\nenv.P = \"{secret.bad}\"\n[secret.bad]\nfrom = %q\n%s", c.from,
				map[bool]string{false: "region = \"" + fault.Region + "\"\n"}[strings.HasPrefix(c.from, "env:")]))
			w.proxy.Set(c.plan)
			defer w.proxy.Set(nil)
			defer w.policy(t, "")
			out, status := w.run(t, "-T")
			for _, text := range []string{c.text, c.hint} {
				if !strings.Contains(out, text) || status != 125 {
					t.Errorf("-T, status %d: no %q in\n%s", status, text, out)
				}
			}
			if c.plan == nil && strings.Count(out, ": fetched (") != len(w.sources) {
				t.Errorf("-T says nothing of the others:\n%s", out)
			}
			out, status = w.run(t, "-c", "try")
			// Without a terminal a line is folded too: compare without the folds.
			flat := strings.Join(strings.Fields(out), " ")
			if !strings.Contains(flat, c.text) || !strings.Contains(flat, c.hint) || status != 125 || !strings.Contains(flat, "cannot run try: cannot fetch the secret bad") && c.name != "too short" {
				t.Errorf("-c, status %d:\n%s", status, out)
			}
			if names := w.holds([]byte(out)); names != nil || strings.Contains(out, "hunter2") {
				t.Errorf("it shows %v\n%s", names, out)
			}
		})
	}
	t.Run("late", func(t *testing.T) {
		w.proxy.Set(fault.Always(fault.Slow(3*time.Second), "GetSecretValue"))
		defer w.proxy.Set(nil)
		out, status := w.run(t, "-c", "maria-key -e 'SELECT 1'")
		if status != 0 || !strings.Contains(out, "opsh: warning: waiting until AWS gives the secret key\n") {
			t.Errorf("%d\n%s", status, out)
		}
	})
	w.searchDir(t, w.place.State)
	if out, status := w.run(t, "-t"); status != 0 {
		t.Errorf("-t asks for more than a policy: %d\n%s", status, out)
	}
}
