// Package approval reads what people sign to approve a runbook: a statement of five facts in plain text, and signatures that
// ssh-keygen made over it. Whose signatures count is the policy's word, and whether the facts are true here the session's.
package approval

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/hiddeco/sshsig"
	"golang.org/x/crypto/ssh"

	"opsh/shell/late"
)

// Namespace is what ssh-keygen -Y sign -n must be given: a signature that was made for anything else approves nothing.
const Namespace = "approval@opsh"

// Longest is how far ahead a statement may expire: an approval is for a piece of work, not for a year.
const Longest = 7 * 24 * time.Hour

// MaxBytes bounds a statement with its signatures.
const MaxBytes = 64 << 10

// Statement is what is approved: one runbook, in one service, until some time, once.
type Statement struct {
	Runbook string    // SHA-256 of the runbook's bytes, hex
	Cluster string    // ARN of the ECS cluster: names repeat from account to account
	Service string    // the ECS service's name
	Expires time.Time // UTC, whole seconds
	Number  string    // 32 hex digits, made by chance: it is good for one run
}

// Text is the statement as it is signed.
func (s Statement) Text() string {
	return fmt.Sprintf("opsh-approval 1\nrunbook %s\ncluster %s\nservice %s\nexpires %s\nnumber %s\n",
		s.Runbook, s.Cluster, s.Service, s.Expires.UTC().Format(time.RFC3339), s.Number)
}

// New is a statement with a number of its own.
func New(runbook, cluster, service string, expires time.Time) (Statement, error) {
	number := make([]byte, 16)
	if _, err := rand.Read(number); err != nil {
		return Statement{}, fmt.Errorf("cannot make a number: %w", err)
	}
	s := Statement{Runbook: runbook, Cluster: cluster, Service: service, Expires: expires.UTC().Truncate(time.Second), Number: hex.EncodeToString(number)}
	_, err := Parse(s.Text())
	return s, err
}

// IsCluster says whether a text is the ARN of a cluster.
func IsCluster(arn string) bool { return clusterARN().MatchString(arn) }

// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Cluster.html and API_CreateService.html
var (
	clusterARN = late.Regexp(`\Aarn:aws[a-z-]*:ecs:[a-z0-9-]{1,40}:[0-9]{12}:cluster/[A-Za-z0-9_-]{1,255}\z`)
	statement  = late.Regexp(`\Aopsh-approval 1\n` +
		`runbook ([0-9a-f]{64})\n` +
		`cluster (arn:[!-~]{1,400})\n` +
		`service ([A-Za-z0-9_-]{1,255})\n` +
		`expires ([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z)\n` +
		`number ([0-9a-f]{32})\n\z`)
)

// Parse reads a statement: exactly what Text writes, and nothing else.
func Parse(text string) (Statement, error) {
	m := statement().FindStringSubmatch(text)
	if m == nil {
		return Statement{}, fmt.Errorf("cannot read the approval: it isn't the six lines that opsctl approve writes")
	}
	expires, err := time.Parse(time.RFC3339, m[4])
	if err != nil {
		return Statement{}, fmt.Errorf("cannot read the approval: %s is no time", m[4])
	}
	if !IsCluster(m[2]) {
		return Statement{}, fmt.Errorf("cannot read the approval: %s is not the ARN of a cluster", m[2])
	}
	return Statement{Runbook: m[1], Cluster: m[2], Service: m[3], Expires: expires, Number: m[5]}, nil
}

// Signed is a statement and who signed it.
type Signed struct {
	Statement
	Keys []string // the keys' wire encodings, as policy.ApprovalKey has them; each once
}

const armorBegin = "-----BEGIN SSH SIGNATURE-----\n"

// Join is a statement with its signatures, as opsctl sends them.
func Join(statement []byte, signatures ...[]byte) []byte {
	return bytes.Join(append([][]byte{statement}, signatures...), nil)
}

// Read reads what Join wrote, and verifies each signature. One that doesn't fit spoils all: it shows that somebody's approval was
// for something else.
func Read(joined []byte) (*Signed, error) {
	if len(joined) > MaxBytes {
		return nil, fmt.Errorf("cannot read the approval: it is over %d KiB", MaxBytes>>10)
	}
	text, armored := joined, []byte(nil)
	if i := bytes.Index(joined, []byte(armorBegin)); i >= 0 {
		text, armored = joined[:i], joined[i:]
	}
	s, err := Parse(string(text))
	if err != nil {
		return nil, err
	}
	signed := &Signed{Statement: s}
	for n := 1; len(armored) > 0; n++ {
		var key string
		if key, armored, err = next(string(text), armored); err != nil {
			return nil, fmt.Errorf("cannot take signature %d of the approval: %w", n, err)
		}
		if !slices.Contains(signed.Keys, key) {
			signed.Keys = append(signed.Keys, key)
		}
	}
	return signed, nil
}

// next is the key that made the first signature over the text, and what stands behind it.
func next(text string, armored []byte) (key string, rest []byte, err error) {
	block, rest := pem.Decode(armored)
	if block == nil || block.Type != sshsig.PEMType || !bytes.HasPrefix(armored, []byte(armorBegin)) {
		return "", nil, errors.New("it isn't what ssh-keygen -Y sign writes")
	}
	sig, err := sshsig.ParseSignature(block.Bytes)
	if err != nil {
		return "", nil, fmt.Errorf("it can't be read: %w", err)
	}
	if sig.Namespace != Namespace {
		return "", nil, fmt.Errorf("it was made in the namespace %q, not with -n %s", sig.Namespace, Namespace)
	}
	if kind := sig.PublicKey.Type(); kind != ssh.KeyAlgoED25519 {
		return "", nil, fmt.Errorf("its key is of the kind %q, not %s", kind, ssh.KeyAlgoED25519)
	}
	if err := sshsig.Verify(strings.NewReader(text), sig, sig.PublicKey, sig.HashAlgorithm, Namespace); err != nil {
		return "", nil, fmt.Errorf("it is not over this approval: %w", err)
	}
	return string(sig.PublicKey.Marshal()), rest, nil
}

// Fits says why an approval doesn't hold for this runbook, here and now; nil where it does.
func (s *Statement) Fits(runbook, cluster, service string, now time.Time) error {
	switch {
	case s.Runbook != runbook:
		return fmt.Errorf("cannot take the approval: it is for the runbook %.12s, and this one is %.12s", s.Runbook, runbook)
	case s.Cluster != cluster:
		return fmt.Errorf("cannot take the approval: it is for the cluster %s, and this is %s", s.Cluster, cluster)
	case s.Service != service:
		return fmt.Errorf("cannot take the approval: it is for the service %s, and this is %s", s.Service, service)
	case !now.Before(s.Expires):
		return fmt.Errorf("cannot take the approval: it expired at %s", s.Expires.Format(time.RFC3339))
	case s.Expires.Sub(now) > Longest:
		return fmt.Errorf("cannot take the approval: it expires at %s only, and 7 days are the most", s.Expires.Format(time.RFC3339))
	}
	return nil
}

// Fingerprint is a key as ssh-keygen -l shows it: SHA256:…
func Fingerprint(key string) string {
	sum := sha256.Sum256([]byte(key))
	return "SHA256:" + base64.RawStdEncoding.EncodeToString(sum[:])
}

// Fingerprints is the keys' of all who signed.
func (s *Signed) Fingerprints() (all []string) {
	for _, k := range s.Keys {
		all = append(all, Fingerprint(k))
	}
	return all
}

// Once names what is good for one run: all that was signed and not the number alone, which somebody could write into a statement of their own to use it up.
func (s *Statement) Once() string {
	sum := sha256.Sum256([]byte(s.Text()))
	return hex.EncodeToString(sum[:16])
}

// By is how many of the keys, each of them another, signed.
func (s *Signed) By(keys []string) (n int) {
	for _, k := range keys {
		if slices.Contains(s.Keys, k) {
			n++
		}
	}
	return n
}
