package approval

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"
)

const (
	cluster = "arn:aws:ecs:ap-northeast-1:111122223333:cluster/prod-main"
	service = "ops"
)

var (
	runbook = strings.Repeat("ab", 32)
	noon    = time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)
)

func stated(t *testing.T) Statement {
	t.Helper()
	s, err := New(runbook, cluster, service, noon.Add(2*time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// signer is a key that ssh-keygen made.
type signer struct{ file, blob string }

func newSigner(t *testing.T, kind string) signer {
	t.Helper()
	file := filepath.Join(t.TempDir(), "id")
	keygen(t, "", "-q", "-t", kind, "-N", "", "-f", file)
	pub, err := os.ReadFile(file + ".pub")
	if err != nil {
		t.Fatal(err)
	}
	key, _, _, _, err := ssh.ParseAuthorizedKey(pub)
	if err != nil {
		t.Fatal(err)
	}
	return signer{file, string(key.Marshal())}
}

// sign is the real ssh-keygen's signature.
func (s signer) sign(t *testing.T, namespace, text string) []byte {
	t.Helper()
	return keygen(t, text, "-q", "-Y", "sign", "-n", namespace, "-f", s.file)
}

func keygen(t *testing.T, in string, words ...string) []byte {
	t.Helper()
	c := exec.Command("ssh-keygen", words...)
	c.Stdin = strings.NewReader(in)
	out, err := c.Output()
	if err != nil {
		t.Fatalf("ssh-keygen %q: %v", words, err)
	}
	return out
}

func TestRead(t *testing.T) {
	alice, bob, rsa := newSigner(t, "ed25519"), newSigner(t, "ed25519"), newSigner(t, "rsa")
	s := stated(t)
	text := s.Text()
	other := strings.Replace(text, "service ops", "service web", 1)
	a, b := alice.sign(t, Namespace, text), bob.sign(t, Namespace, text)
	for _, c := range []struct {
		name   string
		joined []byte
		keys   []string
		why    string
	}{
		{"nobody signed", Join([]byte(text)), nil, ""},
		{"one signed", Join([]byte(text), a), []string{alice.blob}, ""},
		{"two signed", Join([]byte(text), b, a), []string{bob.blob, alice.blob}, ""},
		{"one signed twice", Join([]byte(text), a, alice.sign(t, Namespace, text), a), []string{alice.blob}, ""},
		{"over another statement", Join([]byte(other), a), nil, "it is not over this approval"},
		{"the second over another", Join([]byte(text), a, bob.sign(t, Namespace, other)), nil, "signature 2 of the approval: it is not over"},
		{"for git", Join([]byte(text), alice.sign(t, "git", text)), nil, `in the namespace "git"`},
		{"a namespace that begins alike", Join([]byte(text), alice.sign(t, Namespace+"2", text)), nil, "in the namespace"},
		{"rsa", Join([]byte(text), rsa.sign(t, Namespace, text)), nil, "not ssh-ed25519"},
		{"text between", Join([]byte(text), a, []byte("x\n"), b), nil, "signature 2"},
		{"text behind", Join([]byte(text), a, []byte("x\n")), nil, "signature 2"},
		{"cut", Join([]byte(text), a[:len(a)-40]), nil, "isn't what ssh-keygen"},
		{"another block", Join([]byte(text), []byte("-----BEGIN SSH SIGNATURE-----\nAAAA\n-----END SSH SIGNATURE-----\n")), nil, "can't be read"},
		{"a blank line more", Join([]byte(text+"\n"), a), nil, "the six lines"},
		{"CR LF", Join([]byte(strings.ReplaceAll(text, "\n", "\r\n")), a), nil, "the six lines"},
		{"empty", nil, nil, "the six lines"},
		{"too long", Join([]byte(text), make([]byte, MaxBytes)), nil, "over 64 KiB"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := Read(c.joined)
			if c.why != "" {
				if err == nil || !strings.Contains(err.Error(), c.why) {
					t.Fatalf("got %v, want %q", err, c.why)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got.Statement != s || strings.Join(got.Keys, "\x00") != strings.Join(c.keys, "\x00") {
				t.Errorf("got %+v", got)
			}
		})
	}
}

// TestFlippedBit: no bit of what is signed, or of a signature, can be changed unseen.
func TestFlippedBit(t *testing.T) {
	alice := newSigner(t, "ed25519")
	text := stated(t).Text()
	joined := Join([]byte(text), alice.sign(t, Namespace, text))
	for i := range joined {
		changed := append([]byte(nil), joined...)
		changed[i] ^= 1
		got, err := Read(changed)
		if err == nil && (len(got.Keys) > 0 && got.Statement.Text() != text || len(got.Keys) > 1 || len(got.Keys) == 1 && got.Keys[0] != alice.blob) {
			t.Errorf("byte %d: taken as %+v", i, got)
		}
	}
}

func TestParse(t *testing.T) {
	text := stated(t).Text()
	for _, c := range []struct{ old, new string }{
		{"opsh-approval 1", "opsh-approval 2"},
		{runbook, strings.ToUpper(runbook)},
		{cluster, "prod-main"},
		{cluster, cluster + "/x"},
		{"service ops", "service "},
		{"service ops", "service o ps"},
		{"T14:00:00Z", "T14:00:00+09:00"},
		{"2026-11-25", "2026-13-25"},
		{"number ", "number x"},
		{"expires", "Expires"},
		{"service ops\n", "service ops\nservice ops\n"},
	} {
		changed := strings.Replace(text, c.old, c.new, 1)
		if changed == text {
			t.Fatalf("%q isn't in the text", c.old)
		}
		if s, err := Parse(changed); err == nil {
			t.Errorf("%s -> %s is taken as %+v", c.old, c.new, s)
		}
	}
	for _, bad := range []struct{ runbook, cluster, service string }{{"x", cluster, service}, {runbook, "prod", service}, {runbook, cluster, ""}, {runbook, cluster, "a\nb"}} {
		if _, err := New(bad.runbook, bad.cluster, bad.service, noon); err == nil {
			t.Errorf("%+v makes a statement", bad)
		}
	}
	first, second := stated(t), stated(t)
	if first.Number == second.Number {
		t.Error("two statements have one number")
	}
}

func TestFits(t *testing.T) {
	s := stated(t)
	for _, c := range []struct {
		runbook, cluster, service string
		now                       time.Time
		why                       string
	}{
		{runbook, cluster, service, noon, ""},
		{runbook, cluster, service, noon.Add(2*time.Hour - time.Second), ""},
		{runbook, cluster, service, noon.Add(2 * time.Hour), "it expired at 2026-11-25T14:00:00Z"},
		{runbook, cluster, service, noon.Add(24 * time.Hour), "it expired"},
		{runbook, cluster, service, noon.Add(-8 * 24 * time.Hour), "7 days are the most"},
		{strings.Repeat("cd", 32), cluster, service, noon, "it is for the runbook abababababab"},
		{runbook, strings.Replace(cluster, "1111", "9999", 1), service, noon, "it is for the cluster"},
		{runbook, strings.Replace(cluster, "prod", "staging", 1), service, noon, "it is for the cluster"},
		{runbook, cluster, "web", noon, "it is for the service ops"},
		{runbook, cluster, "", noon, "it is for the service ops"},
	} {
		err := s.Fits(c.runbook, c.cluster, c.service, c.now)
		if (err == nil) != (c.why == "") || err != nil && !strings.Contains(err.Error(), c.why) {
			t.Errorf("%+v: got %v", c, err)
		}
	}
}

func TestBy(t *testing.T) {
	s := Signed{Keys: []string{"a", "b"}}
	for _, c := range []struct {
		keys string
		want int
	}{{"", 0}, {"a", 1}, {"c", 0}, {"a b", 2}, {"c b a", 2}} {
		if got := s.By(strings.Fields(c.keys)); got != c.want {
			t.Errorf("%s: %d", c.keys, got)
		}
	}
}
