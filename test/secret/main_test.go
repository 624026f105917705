// Package secret logs in to real servers with passwords from every source that a policy may name, and then looks for the passwords in all that a
// session leaves.
package secret

import (
	"bytes"
	"context"
	"crypto/sha1"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"opsh/test/fault"
	"opsh/test/fixture"
)

// patience is how long anything may take on a busy machine.
const patience = 60 * time.Second

// source is a place that a secret comes from, and the secret that is there: its own, so that what is found tells whose it is.
type source struct{ name, from, password string }

// world is servers, a cloud, and an opsh that was built for them.
type world struct {
	place       fixture.Place
	db          *fixture.MariaDB
	pg          *fixture.Postgres
	proxy       *fault.Proxy
	credentials *fault.CredentialsServer
	sources     []source
	file        string // of the source file
}

// password is one that whoever forgets to quote gets wrong.
func password(name string) string { return "p#" + name + `:s's"w\o r;d %2F日本語` }

func TestMain(m *testing.M) {
	if os.Geteuid() != 0 {
		fmt.Fprintln(os.Stderr, "cannot test opsh: ECS Exec starts it as root, and so must its tests")
		os.Exit(1)
	}
	os.Exit(m.Run())
}

func build(t *testing.T) *world {
	t.Helper()
	dir, remove, err := fixture.Dir("secret")
	must(t, err)
	t.Cleanup(remove)
	moto := fault.Shared(t)
	w := &world{credentials: fault.Credentials(t), proxy: fault.NewProxy(t, moto.URL), file: filepath.Join(dir, "password")}
	w.proxy.Require(w.credentials.Valid)
	arn := w.fill(t, moto.URL)
	w.sources = []source{
		{"env", "env:DB_PASSWORD", password("env")},
		{"file", "file:" + w.file, password("file")},
		{"key", "secretsmanager:prod/db#password", password("key")},
		{"arn", "secretsmanager:" + arn, password("arn")},
		{"ssm", "ssm:/prod/db/password", password("ssm")},
	}
	must(t, os.WriteFile(w.file, []byte(password("file")+"\n"), 0o400))
	w.db, err = fixture.StartMariaDB(filepath.Join(dir, "db"))
	must(t, err)
	t.Cleanup(w.db.Stop)
	w.pg, err = fixture.StartPostgres(filepath.Join(dir, "pg"), "root's own")
	must(t, err)
	t.Cleanup(w.pg.Stop)
	w.users(t)
	w.place, err = fixture.Install(dir, "awsEndpoint="+w.proxy.URL, "credentialsHost="+w.credentials.URL, "agentLogs="+filepath.Join(dir, "agent"))
	must(t, err)
	return w
}

// fill puts passwords where AWS keeps them. It returns the ARN of the one that is no JSON.
func (w *world) fill(t *testing.T, url string) (arn string) {
	t.Helper()
	// Without AWS's own packages for these two services: opsh has none of them either. moto checks no signature.
	call := func(service, target string, in map[string]string) (out struct{ ARN string }) {
		t.Helper()
		body, err := json.Marshal(in)
		must(t, err)
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, bytes.NewReader(body))
		must(t, err)
		r.Header.Set("Content-Type", "application/x-amz-json-1.1")
		r.Header.Set("X-Amz-Target", target)
		r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=ASIATEST/20261125/"+fault.Region+"/"+service+"/aws4_request, SignedHeaders=host, Signature=0")
		answer, err := http.DefaultClient.Do(r)
		must(t, err)
		defer answer.Body.Close()
		if err := json.NewDecoder(answer.Body).Decode(&out); err != nil || answer.StatusCode != http.StatusOK {
			t.Fatalf("%s: %s, %v", target, answer.Status, err)
		}
		return out
	}
	put := func(name, text string) string {
		t.Helper()
		return call("secretsmanager", "secretsmanager.CreateSecret", map[string]string{"Name": name, "SecretString": text, "ClientRequestToken": "0a1b2c3d-0a1b-0a1b-0a1b-0a1b2c3d4e5f"}).ARN
	}
	quoted := strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(password("key"))
	put("prod/db", `{"username":"ops","password":"`+quoted+`","port":3306}`)
	put("prod/short", "hunter2")
	arn = put("prod/whole", password("arn"))
	call("ssm", "AmazonSSM.PutParameter", map[string]string{"Name": "/prod/db/password", "Value": password("ssm"), "Type": "SecureString"})
	return arn
}

// users makes a user of each server for each source, and a table of MariaDB's that holds the passwords, to be printed.
func (w *world) users(t *testing.T) {
	t.Helper()
	var maria, pg strings.Builder
	maria.WriteString("CREATE TABLE app_production.leak (name VARCHAR(20), v VARCHAR(200) CHARACTER SET utf8mb4);")
	for _, s := range w.sources {
		// The hash, so that no character set has a say: https://dev.mysql.com/doc/refman/8.0/en/encryption-functions.html#function_password
		once := sha1.Sum([]byte(s.password))
		fmt.Fprintf(&maria, "CREATE USER '%[1]s'@'127.0.0.1' IDENTIFIED BY PASSWORD '*%[2]X'; GRANT SELECT ON *.* TO '%[1]s'@'127.0.0.1';", s.name, sha1.Sum(once[:]))
		fmt.Fprintf(&maria, "INSERT INTO app_production.leak VALUES ('%s', CONVERT(UNHEX('%X') USING utf8mb4));", s.name, s.password)
		fmt.Fprintf(&pg, "CREATE USER %q PASSWORD '%s';", "u_"+s.name, strings.ReplaceAll(s.password, "'", "''"))
	}
	maria.WriteString("SELECT COUNT(*) FROM app_production.leak")
	if got := w.db.Query(t.Context(), maria.String()); got != fmt.Sprint(len(w.sources)) {
		t.Fatalf("the users of MariaDB could not be made: %q", got)
	}
	cmd := exec.Command(w.pg.Psql, "--no-psqlrc", "--host=127.0.0.1", fmt.Sprintf("--port=%d", w.pg.Port), "--username=root", "--dbname=postgres", "--set=ON_ERROR_STOP=1")
	cmd.Env, cmd.Stdin = []string{"PGPASSWORD=root's own"}, strings.NewReader(pg.String())
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
}

// policy has two tools for each source: maria-NAME and pg-NAME.
func (w *world) policy(t *testing.T, more string) {
	t.Helper()
	var b strings.Builder
	fmt.Fprintf(&b, `version = 1
[session]
uids = "%s"
origin = "any"
[audit]
when_down = "spool"
`, fixture.SecretUIDs)
	for _, s := range w.sources {
		fmt.Fprintf(&b, `
[tool.maria-%[1]s]
path   = "/usr/bin/mariadb"
user   = "%[2]s"
insert = ["--defaults-extra-file={file.client}", "-N"]
allow  = ["maria-%[1]s -e SQL"]
where.SQL = "any"
env    = { MYSQL_HISTFILE = "/dev/null" }
file.client = "[client]\nhost=127.0.0.1\nport=%[3]d\nprotocol=tcp\nuser=%[1]s\ndefault-character-set=utf8mb4\npassword={secret.%[1]s:quoted}\n"

[tool.pg-%[1]s]
path   = "%[4]s"
user   = "%[2]s"
insert = ["--no-psqlrc", "--no-password", "-At"]
allow  = ["pg-%[1]s -c SQL"]
where.SQL = "any"
env    = { PGHOST = "127.0.0.1", PGPORT = "%[5]d", PGUSER = "u_%[1]s", PGDATABASE = "postgres", PGPASSFILE = "{file.pgpass}" }
file.pgpass = "*:*:*:*:{secret.%[1]s:pgpass}\n"

[tool.env-%[1]s]
path   = "%[4]s"
user   = "%[2]s"
insert = ["--no-psqlrc", "--no-password", "-At"]
allow  = ["env-%[1]s -c SQL"]
where.SQL = "any"
env    = { PGHOST = "127.0.0.1", PGPORT = "%[5]d", PGUSER = "u_%[1]s", PGDATABASE = "postgres", PGPASSWORD = "{secret.%[1]s}" }

[secret.%[1]s]
from = %[6]q
`, s.name, fixture.User, w.db.Port, w.pg.Psql, w.pg.Port, s.from)
		if strings.HasPrefix(s.from, "secretsmanager:prod") || strings.HasPrefix(s.from, "ssm:") {
			fmt.Fprintf(&b, "region = %q\n", fault.Region)
		}
	}
	must(t, w.place.WritePolicy(b.String()+more))
}

// environ is the container's: the task's own, what may not have a say, and one secret.
func (w *world) environ() []string {
	return []string{"PATH=/usr/bin:/bin", "HOME=/root", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI=" + w.credentials.RelativeURI, "DB_PASSWORD=" + password("env"),
		"HTTP_PROXY=http://127.0.0.1:1", "HTTPS_PROXY=http://127.0.0.1:1", "AWS_ENDPOINT_URL=http://127.0.0.1:1", "AWS_REGION=us-east-1", "AWS_ACCESS_KEY_ID=AKIAOTHER",
		"AWS_SECRET_ACCESS_KEY=other"}
}

// run is an opsh without a terminal, from start to end.
func (w *world) run(t *testing.T, args ...string) (out string, status int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, w.place.Opsh, args...)
	cmd.Env = w.environ()
	var b bytes.Buffer
	cmd.Stdout, cmd.Stderr, cmd.WaitDelay = &b, &b, time.Second
	var exited *exec.ExitError
	if err := cmd.Run(); err != nil && !errors.As(err, &exited) {
		t.Fatal(err)
	}
	return b.String(), cmd.ProcessState.ExitCode()
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
