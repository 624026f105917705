package transcript

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"testing"

	"opsh/shell/audit"
)

func code(n int) *int { return &n }

func TestLine(t *testing.T) {
	const at = "2026-11-23T18:03:00.123Z"
	hash, policy := strings.Repeat("5f3a91c2", 8), strings.Repeat("1f0c77aa", 8)
	for _, test := range []struct {
		r    audit.Record
		want string
	}{
		{audit.Record{Event: audit.Begin, Session: "ecs-execute-command-0a1b2c3d4e5f", Policy: policy}, "opsh: begin " + at + " 0a1b2c3d4e5f policy 1f0c77aa [5f3a91c2]"},
		{audit.Record{Event: audit.Runbook, Runbook: policy, Length: 77}, "opsh: #0 " + at + " runbook 77 bytes sha256 " + policy + " [5f3a91c2]"},
		{audit.Record{Event: audit.Run, Command: 1, Line: "mysql -t -e 'SELECT 1' app_production"}, "opsh: #1 " + at + " run mysql -t -e 'SELECT 1' app_production [5f3a91c2]"},
		{audit.Record{Event: audit.Running, Command: 1, Millis: 300_000}, "opsh: #1 " + at + " running 5m0s [5f3a91c2]"},
		{audit.Record{Event: audit.Exit, Command: 1, Status: code(0), Category: audit.CategoryExit, Millis: 1333}, "opsh: #1 " + at + " exit 0 1.333s [5f3a91c2]"},
		{audit.Record{Event: audit.Exit, Command: 1, Status: code(130), Category: audit.CategorySignal, Signal: "INT", Millis: 1333}, "opsh: #1 " + at + " exit 130 signal INT 1.333s [5f3a91c2]"},
		{audit.Record{Event: audit.Exit, Command: 1, Status: code(124), Category: audit.CategoryTimeout, Millis: 600_000}, "opsh: #1 " + at + " exit 124 timeout 10m0s [5f3a91c2]"},
		{audit.Record{Event: audit.Denied, Command: 1, Call: "exec", Path: "/bin/a sh", Tool: "mysql"}, "opsh: #1 " + at + " denied exec '/bin/a sh' by mysql [5f3a91c2]"},
		{audit.Record{Event: audit.Exec, Command: 1, Call: "exec", Path: "/usr/bin/ruby3.1", Tool: "mysql"}, "opsh: #1 " + at + " exec /usr/bin/ruby3.1 by mysql [5f3a91c2]"},
		{audit.Record{Event: audit.Denied, Command: 1, Call: "ptrace", Tool: "mysql"}, "opsh: #1 " + at + " denied ptrace by mysql [5f3a91c2]"},
		{audit.Record{Event: audit.Refused, Command: 2, Line: "rm"}, "opsh: #2 " + at + " refused rm [5f3a91c2]"},
		{audit.Record{Event: audit.End, Status: code(0), Category: audit.CategoryExit, Runs: 1, Refusals: 2, Millis: 2_281_000}, "opsh: end 0 exit " + at + " 1 run, 2 refused, 38m1s [5f3a91c2]"},
		{audit.Record{Event: audit.End, Status: code(125), Why: Killed + "; and more"}, ""},
		{audit.Record{Event: audit.End, Status: code(125), Closer: "opsh-other"}, ""},
		{audit.Record{Event: audit.Exit, Category: audit.CategoryExit}, "opsh: #0 " + at + " exit -1 0s [5f3a91c2]"},
	} {
		test.r.Time, test.r.Hash = at, hash
		if got := Line(test.r); got != test.want {
			t.Errorf("got  %s\nwant %s", got, test.want)
		}
	}
}

// TestMAC fixes what opsctl must compute.
func TestMAC(t *testing.T) {
	nonce := strings.Repeat("0f", 16)
	m := hmac.New(sha256.New, []byte(nonce))
	m.Write([]byte("3 exit 77ab01c9"))
	r := audit.Record{Status: code(3), Category: audit.CategoryExit, Time: "2026-11-23T18:40:12.900Z", Runs: 1, Refusals: 1,
		Millis: 2281000, Hash: "77ab01c9" + strings.Repeat("0", 56)}
	want := "opsh: end 3 exit 2026-11-23T18:40:12.900Z 1 run, 1 refused, 38m1s [77ab01c9] mac=" + hex.EncodeToString(m.Sum(nil))
	if got := End(r, nonce); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if got := End(r, ""); strings.Contains(got, "mac=") {
		t.Errorf("a mac without a nonce: %s", got)
	}
}
