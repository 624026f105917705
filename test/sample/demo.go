//go:build linux

package sample

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/crypto/ssh"

	"opsh/shell/audit"
)

// Runbook is the demo's.
const Runbook = `# INC-4711: 滞留した注文の解消
mysql -t -e 'SELECT id, state, note FROM orders WHERE id = 4711' app_production
rails runner unlock_order.rb 4711 notify=false

mysql -t -e 'SELECT id, state, note FROM orders WHERE id = 4711' app_production
rails runner report.rb
rails runner notify.rb 4711
`

// table is what mysql prints.
const table = "+------+----------+--------------------+\n| id   | state    | note               |\n+------+----------+--------------------+\n" +
	"| 4711 | %s | 決済完了・出荷待ち |\n+------+----------+--------------------+\n1 row in set (0.00 sec)\n"

// Demo makes a session that ran the runbook, and files beside it: runbook, signers and events.json. What its tools print is out to get markup into a page.
func Demo(dir string) (Made, error) {
	keys, signers := demoKeys()
	sum := sha256.Sum256([]byte(Runbook))
	began := time.Date(2026, 11, 23, 18, 2, 11, 0, time.UTC)
	s := Session{
		ID: "ecs-execute-command-0a1b2c3d4e5f60718", Began: began, Mode: "runbook", Reason: "example/ops#123 commit 0a1b2c3 INC-4711 注文の滞留",
		Runbook: hex.EncodeToString(sum[:]), Length: len(Runbook),
		Approval: &audit.Approval{Number: strings.Repeat("9a4410d2", 4), Cluster: "arn:aws:ecs:ap-northeast-1:123456789012:cluster/prod", Service: "ops", Expires: "2026-11-24T09:00:00Z", Keys: keys},
		Commands: []Command{
			{Words: []string{"mysql", "-t", "-e", "SELECT id, state, note FROM orders WHERE id = 4711", "app_production"}, Output: fmt.Sprintf(table, "\x1b[31mwaiting \x1b[0m"), Took: 1333 * time.Millisecond},
			{Words: []string{"rails", "runner", "unlock_order.rb", "4711", "notify=false"}, Took: 4200 * time.Millisecond, Denied: []string{"/bin/sh"},
				Output: "unlocking 0%\r\x1b[32munlocking 50%\x1b[0m\r\x1b[1;32munlocking 100%\x1b[0m\nhidden: \x1b[8mpassword-free\x1b[0m \x1b[30;40mblack on black\x1b[0m\n</script><script>pwned = 1</script><img src=x onerror=\"pwned = 1\">\u2028\n"},
			{Words: []string{"mysql", "-t", "-e", "SELECT id, state, note FROM orders WHERE id = 4711", "app_production"}, Output: fmt.Sprintf(table, "\x1b[32mreleased\x1b[0m"), Took: 900 * time.Millisecond},
			{Words: []string{"rails", "runner", "report.rb"}, Refused: "word 3, report.rb: there is no such file below /app/script/ops\nusage: rails runner SCRIPT [ARG...]"},
		},
	}
	made, err := Make(dir, s)
	if err != nil {
		return made, err
	}
	for name, text := range map[string]string{
		"runbook": Runbook, "signers": signers,
		"events.json": `{"Records": [` + Event(s.ID, began.Add(-3*time.Second), "hanako.suzuki@example.com", "true") + `]}`,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			return made, err
		}
	}
	return made, nil
}

// demoKeys are two keys' fingerprints, and the file that says whose they are.
func demoKeys() (fingerprints []string, signers string) {
	for i, name := range []string{"taro.yamada@example.com", "jiro.sato@example.com"} {
		seed := sha256.Sum256([]byte{byte(i)})
		key, err := ssh.NewPublicKey(ed25519.NewKeyFromSeed(seed[:]).Public())
		if err != nil {
			panic(err) // such a key is one
		}
		fingerprints = append(fingerprints, ssh.FingerprintSHA256(key))
		signers += name + " ssh-ed25519 " + base64.StdEncoding.EncodeToString(key.Marshal()) + "\n"
	}
	return fingerprints, signers
}

// Event is CloudTrail's of a session.
func Event(session string, at time.Time, person, mfa string) string {
	return fmt.Sprintf(`{"eventSource": "ecs.amazonaws.com", "eventName": "ExecuteCommand", "eventTime": %q, "eventID": "e-%s", "sourceIPAddress": "203.0.113.7",
  "userAgent": "aws-cli/2.31.0", "userIdentity": {"type": "AssumedRole", "arn": "arn:aws:sts::123456789012:assumed-role/ops-operator/%s",
  "sessionContext": {"attributes": {"mfaAuthenticated": %q}, "sessionIssuer": {"userName": "ops-operator"}}},
  "requestParameters": {"cluster": "prod", "task": "0a1b2c3d4e5f60718293a4b5c6d7e8f9", "container": "ops", "command": "opsh"},
  "responseElements": {"session": {"sessionId": %q}}}`, at.Format(time.RFC3339), session[max(0, len(session)-8):], person, mfa, session)
}

// Large makes an interactive session of so many commands, each with a table as its output.
func Large(dir string, commands int) (Made, error) {
	s := Session{ID: "ecs-execute-command-large", Began: time.Date(2026, 11, 24, 1, 0, 0, 0, time.UTC), Mode: "interactive", Reason: "INC-4712 調査"}
	for n := range commands {
		var out strings.Builder
		for row := range 16 {
			fmt.Fprintf(&out, "| %6d | \x1b[3%dm%-10s\x1b[0m | %s | %.16x |\n", n*1000+row, 1+(n+row)%6, []string{"waiting", "released", "cancelled"}[(n+row)%3], "東京都千代田区"[:3*(1+row%7)], sha256.Sum256(fmt.Append(nil, n, row)))
		}
		s.Commands = append(s.Commands, Command{Words: []string{"mysql", "-t", "-e", fmt.Sprintf("SELECT * FROM orders LIMIT 16 OFFSET %d", n*16), "app_production"}, Typed: true, Output: out.String(), Took: time.Duration(200+n) * time.Millisecond})
	}
	return Make(dir, s)
}
