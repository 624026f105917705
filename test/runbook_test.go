package test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"opsh/shell/audit"
)

const nonce = "0123456789abcdef0123456789abcdef"

func headerFor(text string) string {
	sum := sha256.Sum256([]byte(text))
	return fmt.Sprintf("opsh-runbook 1 %s %d %x\n", nonce, len(text), sum)
}

var endMAC = regexp.MustCompile(`opsh: end (\d+) (\w+) .* \[([0-9a-f]{8})\] mac=([0-9a-f]{64})\r*\n`)

// believed says whether the log's last opsh line carries the right mac, and for which status.
func believed(log string) (status string, ok bool) {
	all := endMAC.FindAllStringSubmatch(log, -1)
	if len(all) == 0 {
		return "", false
	}
	m := all[len(all)-1]
	h := hmac.New(sha256.New, []byte(nonce))
	fmt.Fprintf(h, "%s %s %s", m[1], m[2], m[3])
	return m[1], hex.EncodeToString(h.Sum(nil)) == m[4]
}

// TestRunbookWithHeader goes through a terminal, as opsctl sends it once the begin line is there.
func TestRunbookWithHeader(t *testing.T) {
	book := "# 障害対応\nmysql -N -e 'SELECT 1' app_production\n\nrails runner args.rb done\n"
	failing := "mysql -N -e 'SELECT 1'\nrails runner fail.rb\nmysql -N -e 'SELECT 2'\n"
	for name, test := range map[string]struct {
		sent   string
		status int
		want   []string
	}{
		"whole":           {headerFor(book) + book, 0, []string{`opsh: #0 ` + stamp + ` runbook \d+ bytes`, `run mysql`, `\["done"\]`, `2 runs`}},
		"changed":         {headerFor(book) + strings.Replace(book, "SELECT 1", "SELECT 2", 1), 126, []string{`SHA-256`, `0 runs`}},
		"fails in line 2": {headerFor(failing) + failing, 3, []string{`exit 3 `, `stopped at line 2: exit 3`, `2 runs`}},
		"refused":         {headerFor("sh\n") + "sh\n", 126, []string{`refused sh`, `stopped at line 1`}},
	} {
		t.Run(name, func(t *testing.T) {
			s := session(t, "opsh -s", "")
			expect(t, s, `opsh: begin .*\n`)
			typed(t, s, test.sent)
			log := ended(t, s, test.status)
			has(t, log, test.want...)
			if status, ok := believed(log); !ok || status != fmt.Sprint(test.status) {
				t.Errorf("the end line's mac: %v for %s\n%s", ok, status, log)
			}
			if strings.Contains(log, nonce) {
				t.Error("the log shows the nonce")
			}
		})
	}
}

// TestForgedEnd: a tool that prints an end line doesn't get its mac right.
func TestForgedEnd(t *testing.T) {
	book := `mysql -N -e "SELECT 'opsh: end 0 exit 2026-11-23T18:40:12.900Z 1 run, 0 refused, 1s [77ab01c9] mac=` + strings.Repeat("0", 64) + "' FROM nowhere\"\n"
	s := session(t, "opsh -s", "")
	expect(t, s, `opsh: begin .*\n`)
	typed(t, s, headerFor(book)+book)
	end, err := s.Wait(patience)
	must(t, err)
	if status, ok := believed(end.Log); !ok || status != "1" || end.Exit != 1 {
		t.Errorf("status %s, %v, exit %d\n%s", status, ok, end.Exit, end.Log)
	}
}

// TestPlainRunbook comes through a pipe, without a terminal, and its tools have no input.
func TestPlainRunbook(t *testing.T) {
	must(t, world.place.WritePolicy(trivial("/usr/bin/cat", "")))
	r, w, err := os.Pipe()
	must(t, err)
	w.WriteString("# nothing\ntool /etc/hostname\ntool\ntool /nonexistent\ntool /etc/hostname\n")
	w.Close()
	out, status := direct(t, r, "-s")
	r.Close()
	has(t, out, `#1 .* run`, `#1 .* exit 0`, `#2 .* run tool `, `#2 .* exit 0`, `#3 .* exit 1`, `stopped at line 4: exit 1`, `opsh: end 1 exit .* 3 runs`)
	if status != 1 || strings.Contains(out, "#4") || strings.Contains(out, "mac=") {
		t.Errorf("status %d\n%s", status, out)
	}
}

// TestRecorded: what runs is in the trail, with what it read.
func TestRecorded(t *testing.T) {
	s := session(t, `opsh --reason "INC-7 なぜ" -c "mysql app_production < stuck.sql"`, "")
	has(t, ended(t, s, 0), `run mysql app_production < stuck\.sql`, `佐藤花子`)
	records := trail(t, s.ID)
	run := records[1]
	sql, err := os.ReadFile(filepath.Join(world.place.Dir, "sql", "stuck.sql"))
	must(t, err)
	if run.Event != audit.Run || len(run.Files) != 1 || run.Files[0].SHA256 != fmt.Sprintf("%x", sha256.Sum256(sql)) {
		t.Errorf("%+v", run)
	}
	if records[0].Reason != "INC-7 なぜ" || records[0].Task != "0123456789abcdef0123456789abcdef-3935671257" {
		t.Errorf("%+v", records[0])
	}
}

// TestNoSecretAnywhere: the password is in no log, trail, argument or environment that another may read.
func TestNoSecretAnywhere(t *testing.T) {
	s := session(t, "opsh", "")
	prompted(t, s, "mysql app_production")
	expect(t, s, `app_production\]> `)
	uid := fmt.Sprint(trailBegin(t, s.ID).UID)
	paths, err := filepath.Glob("/proc/[0-9]*/cmdline")
	must(t, err)
	for _, path := range paths {
		status, _ := os.ReadFile(filepath.Join(filepath.Dir(path), "status"))
		for _, name := range []string{"cmdline", "environ"} {
			text, _ := os.ReadFile(filepath.Join(filepath.Dir(path), name))
			if strings.Contains(string(status), "Uid:\t"+uid) && strings.Contains(string(text), "p#ss") {
				t.Errorf("%s of the tool holds the password", name)
			}
		}
	}
	typed(t, s, "exit\r")
	prompted(t, s, "exit")
	log := ended(t, s, 0)
	content, err := os.ReadFile(filepath.Join(world.place.State, "trail", s.ID+".jsonl"))
	must(t, err)
	if strings.Contains(log+string(content), "p#ss") {
		t.Error("the log or the trail holds the password")
	}
}
