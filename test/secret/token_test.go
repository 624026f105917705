package secret

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"opsh/test/fixture"
)

// token: what psql gets as a password is a token for this database, user and region, which the task's credentials have signed. No server of
// ours can check one; so one that speaks as much of PostgreSQL's protocol as is needed takes the password in clear, and the test checks it.
func (w *world) token(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	defer l.Close()
	passwords := make(chan string, 10)
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			passwords <- ask(c)
			c.Close()
		}
	}()
	address := l.Addr().String()
	_, port, err := net.SplitHostPort(address)
	must(t, err)
	w.policy(t, fmt.Sprintf(`[tool.rds]
path   = %q
user   = %q
insert = ["--no-psqlrc", "--no-password"]
allow  = ["rds"]
env    = { PGHOST = "127.0.0.1", PGPORT = "%s", PGUSER = "ops_iam", PGDATABASE = "app", PGPASSFILE = "{file.pgpass}" }
file.pgpass = "*:*:*:*:{secret.token:pgpass}\n"
[secret.token]
from = "rds-iam:ops_iam@%s"
region = "ap-northeast-1"
`, w.pg.Psql, fixture.User, port, address))
	defer w.policy(t, "")
	script := t.TempDir() + "/runbook"
	must(t, os.WriteFile(script, []byte("rds\n"), 0o600))
	out, status := w.runbook(t, script)
	var got string
	select {
	case got = <-passwords:
	case <-time.After(patience):
		t.Fatalf("nobody logged in: %d\n%s", status, out)
	}
	if !strings.Contains(out, "goodbye") || strings.Contains(out, got) || !strings.Contains(out, "[secret token]") {
		t.Errorf("the token isn't redacted in what psql prints:\n%s", out)
	}
	w.signed(t, got, address)
	w.searchFor(t, got)
	if out, status := w.run(t, "-T"); status != 0 || !strings.Contains(out, "opsh: secret token: a token was made (rds-iam:ops_iam@"+address) {
		t.Errorf("-T: %d\n%s", status, out)
	}
}

// ask is a server's part of a login that fails: it asks for the password in clear, and repeats it in the error.
func ask(c net.Conn) string {
	c.SetDeadline(time.Now().Add(patience)) //nolint:errcheck // the reads report it
	read := func(head int) []byte {
		b := make([]byte, head)
		if _, err := io.ReadFull(c, b); err != nil {
			return nil
		}
		rest := make([]byte, binary.BigEndian.Uint32(b[head-4:])-4)
		if _, err := io.ReadFull(c, rest); err != nil {
			return nil
		}
		return rest
	}
	for {
		first := read(4)
		if len(first) == 4 { // SSLRequest or GSSENCRequest
			c.Write([]byte("N")) //nolint:errcheck // the next read reports it
			continue
		}
		break
	}
	c.Write([]byte{'R', 0, 0, 0, 8, 0, 0, 0, 3}) //nolint:errcheck // the next read reports it
	password := string(bytes.TrimRight(read(5), "\x00"))
	said := "SFATAL\x00VFATAL\x00C28P01\x00Mgoodbye, " + password + "\x00\x00"
	c.Write(append(binary.BigEndian.AppendUint32([]byte{'E'}, uint32(len(said)+4)), said...)) //nolint:errcheck // the client may have gone
	return password
}

// signed checks a token as RDS would: by signing the same request once more.
func (w *world) signed(t *testing.T, token, address string) {
	t.Helper()
	u, err := url.Parse("https://" + strings.Replace(token, "?", "/?", 1))
	must(t, err)
	q := u.Query()
	if u.Host != address || q.Get("Action") != "connect" || q.Get("DBUser") != "ops_iam" || q.Get("X-Amz-Expires") != "900" ||
		!strings.HasPrefix(q.Get("X-Amz-Credential"), w.credentials.AccessKeyID()+"/") || !strings.HasSuffix(q.Get("X-Amz-Credential"), "/ap-northeast-1/rds-db/aws4_request") {
		t.Errorf("the token is %s", token)
	}
	at, err := time.Parse("20060102T150405Z", q.Get("X-Amz-Date"))
	must(t, err)
	r, err := http.NewRequest(http.MethodGet, "https://"+address+"/?Action=connect&DBUser=ops_iam&X-Amz-Expires=900", nil)
	must(t, err)
	const empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" // SHA-256 of nothing
	again, _, err := v4.NewSigner().PresignHTTP(t.Context(), w.credentials.Keys(), r, empty, "rds-db", "ap-northeast-1", at)
	must(t, err)
	if token != strings.TrimPrefix(strings.Replace(again, "/?", "?", 1), "https://") {
		t.Errorf("the token is\n%s, signed again\n%s", token, strings.TrimPrefix(again, "https://"))
	}
}

// searchFor looks for a text in what sessions leave.
func (w *world) searchFor(t *testing.T, secret string) {
	t.Helper()
	plain := *w
	plain.sources = []source{{"token", "", secret}}
	if names := plain.holds([]byte(base64.StdEncoding.EncodeToString([]byte(secret)))); len(names) != 1 {
		t.Error("the search doesn't find the token")
	}
	plain.searchDir(t, w.place.State)
}

// runbook is opsh -s with a file as its standard input.
func (w *world) runbook(t *testing.T, file string) (out string, status int) {
	t.Helper()
	in, err := os.Open(file)
	must(t, err)
	defer in.Close()
	cmd := exec.CommandContext(t.Context(), w.place.Opsh, "-s")
	cmd.Env, cmd.Stdin = w.environ(), in
	b, err := cmd.CombinedOutput()
	if _, exited := err.(*exec.ExitError); err != nil && !exited {
		t.Fatal(err)
	}
	return string(b), cmd.ProcessState.ExitCode()
}
