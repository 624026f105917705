package evidence

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
)

// Signers says whose the keys are that approve: names by a key's fingerprint, as ssh-keygen -l shows it.
type Signers map[string][]string

// ParseSigners reads lines as ssh-keygen -Y verify takes them (man ssh-keygen, ALLOWED SIGNERS): NAME[,NAME...] [OPTIONS] TYPE KEY [COMMENT]. A line that begins
// with the type has its comment for a name, as a public key's file has.
func ParseSigners(text []byte) (Signers, error) {
	all := Signers{}
	in := bufio.NewScanner(bytes.NewReader(text))
	for n := 1; in.Scan(); n++ {
		l := strings.TrimSpace(in.Text())
		if l == "" || l[0] == '#' {
			continue
		}
		fields := strings.Fields(l)
		i := slices.IndexFunc(fields, func(f string) bool {
			return strings.HasPrefix(f, "ssh-") || strings.HasPrefix(f, "sk-") || strings.HasPrefix(f, "ecdsa-")
		})
		if i < 0 || i+1 == len(fields) {
			return nil, fmt.Errorf("cannot read the signers: line %d is not NAME ssh-ed25519 KEY", n)
		}
		blob, err := base64.StdEncoding.DecodeString(fields[i+1])
		if err != nil {
			return nil, fmt.Errorf("cannot read the signers: the key in line %d isn't base64", n)
		}
		names := strings.Split(fields[0], ",")
		if i == 0 {
			names = []string{strings.Join(fields[2:], " ")}
		}
		sum := sha256.Sum256(blob)
		key := "SHA256:" + base64.RawStdEncoding.EncodeToString(sum[:])
		for _, name := range names {
			pattern := strings.ContainsAny(name, "*?!") // ssh-keygen takes it for many people: nobody knows which of them has the key
			if name != "" && !pattern && !slices.Contains(all[key], name) {
				all[key] = append(all[key], name)
			}
		}
	}
	if err := in.Err(); err != nil {
		return nil, fmt.Errorf("cannot read the signers: %w", err)
	}
	return all, nil
}
