package policy

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"regexp"
	"strings"
)

// Approval says that a tool runs only in a runbook that this many of the keys' holders have signed.
type Approval struct {
	Keys       []ApprovalKey // each once
	Signatures int           // from 1 to the number of keys
}

// ApprovalKey is a public key as OpenSSH writes it.
type ApprovalKey struct {
	Blob    string // the key's wire encoding, RFC 8709: what "ssh-ed25519" stands before, decoded
	Comment string // whose it is, "" when left out
}

// String is what the tool needs: "2 signatures by alice, bob or carol". Whose a key is, is the policy's word.
func (a *Approval) String() string {
	var names []string
	for _, k := range a.Keys {
		if k.Comment == "" {
			sum := sha256.Sum256([]byte(k.Blob))
			k.Comment = "SHA256:" + base64.RawStdEncoding.EncodeToString(sum[:])
		}
		names = append(names, k.Comment)
	}
	last := len(names) - 1
	by := names[last]
	if last > 0 {
		by = strings.Join(names[:last], ", ") + " or " + by
	}
	if a.Signatures == 1 {
		return "a signature by " + by
	}
	return fmt.Sprintf("%d signatures by %s", a.Signatures, by)
}

// publicKey is a line of an OpenSSH *.pub file. The first 25 characters say "ssh-ed25519" and the length, 32 bytes; what follows is the key.
var publicKey = late(`^ssh-ed25519 (AAAAC3NzaC1lZDI1NTE5AAAAI[A-Za-z0-9+/]{43})( [!-~][ -~]{0,99})?$`)

const approvalHint = `write approval = { keys = ["ssh-ed25519 AAAA… name"], signatures = 1 }`

// approval reads a tool's approval; nil where it is left out.
func (l *loader) approval(n *tomlNode) *Approval {
	m := n.table["approval"]
	if m == nil || !l.is(m, kindTable, "approval") {
		return nil
	}
	l.checkKeys(m, "approval", approvalKeys)
	a := &Approval{}
	keys := m.table["keys"]
	if keys == nil {
		l.missing(m, "keys", m.pos, approvalHint, "cannot use approval: keys is missing")
	} else {
		l.approvers(a, keys)
	}
	count := m.table["signatures"]
	switch {
	case count == nil:
		l.missing(m, "signatures", m.pos, approvalHint, "cannot use approval: signatures is missing")
	case !l.is(count, kindInt, "signatures"):
	case count.num < 1:
		l.fail(count.pos, "write 1 or more, or remove approval", "cannot use signatures = %d: nobody would have to approve", count.num)
	case keys != nil && keys.kind == kindList && len(keys.items) > 0 && count.num > int64(len(keys.items)):
		l.fail(count.pos, fmt.Sprintf("write %d, or add a key", len(keys.items)), "cannot use signatures = %d: each key counts once, and there are no more than %d", count.num, len(keys.items))
	default:
		a.Signatures = int(count.num)
	}
	return a
}

func (l *loader) approvers(a *Approval, keys *tomlNode) {
	seen := map[string]Pos{}
	l.texts(keys, "approval.keys", maxHeld, func(item *tomlNode) {
		m := publicKey.FindStringSubmatch(item.str)
		if m == nil {
			l.fail(item.pos, hintForKey(item.str), "cannot use this key: it must be the line of an ssh-ed25519 public key")
			return
		}
		blob, err := base64.StdEncoding.DecodeString(m[1])
		if err != nil {
			l.fail(item.pos, "", "cannot use this key: %v", err)
			return
		}
		if first, ok := seen[m[1]]; ok {
			l.fail(item.pos, "remove one of them", "cannot use this key twice: line %d has it already, and each counts once", first.Line)
			return
		}
		seen[m[1]] = item.pos
		a.Keys = append(a.Keys, ApprovalKey{Blob: string(blob), Comment: strings.TrimPrefix(m[2], " ")})
	})
}

// hintForKey is the hint for a text that is no public key.
func hintForKey(s string) string {
	switch {
	case strings.Contains(s, "PRIVATE KEY"):
		return "this is a private key: whoever has read it can approve. Make a new one, and write the line of its .pub file"
	case strings.HasPrefix(s, "SHA256:"):
		return "a fingerprint doesn't hold the key: write the line of the .pub file"
	case regexp.MustCompile(`^(ssh-rsa|ssh-dss|ecdsa-|sk-)`).MatchString(s):
		return "make one with ssh-keygen -t ed25519"
	case strings.TrimSpace(s) != s:
		return fmt.Sprintf("write %s, without blanks around it", quoted(strings.TrimSpace(s)))
	}
	return "write the line of the .pub file, a comment included if you like"
}
