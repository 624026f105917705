package shell

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"opsh/policy"
	"opsh/shell/approval"
	"opsh/shell/audit"
	"opsh/shell/transcript"
)

// approve reads the approval that came behind a runbook and takes it, once. What it says is recorded with the runbook.
func (s *session) approve(joined []byte, runbook string) (*audit.Approval, error) {
	signed, err := approval.Read(joined)
	if err != nil {
		return nil, err
	}
	here := s.here
	if here == (place{}) {
		if here, err = s.findPlace(placeLate); err != nil {
			return nil, err
		}
	}
	if err := signed.Fits(runbook, here.cluster, here.service, s.Now()); err != nil {
		return nil, err
	}
	a := &audit.Approval{Number: signed.Number, Cluster: signed.Cluster, Service: signed.Service, Expires: signed.Expires.Format(time.RFC3339), Keys: []string{}}
	named, enough := s.approvers(signed)
	for _, k := range signed.Keys {
		if named[k] {
			a.Keys = append(a.Keys, approval.Fingerprint(k))
		} else {
			a.Unknown = append(a.Unknown, approval.Fingerprint(k))
		}
	}
	// Before anything is used up: else whoever has seen the statement could do that.
	if !enough {
		return nil, fmt.Errorf("cannot take the approval: %s of the policy's keys signed it, which is enough for no tool", transcript.Count(len(a.Keys), "holder"))
	}
	if err := spend(s.StateDir, signed.Once()); err != nil {
		return nil, err
	}
	if err := s.claimOnce(signed.Once()); err != nil {
		return nil, fmt.Errorf("cannot take the approval: its number can't be had in the log group: %w", err)
	}
	s.approved = signed
	return a, nil
}

// approvers are the keys that some tool of the policy names, and whether those who signed are enough for one.
func (s *session) approvers(signed *approval.Signed) (named map[string]bool, enough bool) {
	named = map[string]bool{}
	for _, t := range s.policy.Tools {
		if t.Approval == nil {
			continue
		}
		for _, k := range t.Approval.Keys {
			named[k.Blob] = true
		}
		enough = enough || signed.By(blobs(t.Approval)) >= t.Approval.Signatures
	}
	return named, enough
}

func blobs(a *policy.Approval) (keys []string) {
	for _, k := range a.Keys {
		keys = append(keys, k.Blob)
	}
	return keys
}

// spend uses an approval up. The file is there for good before anything runs.
func spend(stateDir, once string) error {
	dir := filepath.Join(stateDir, "approvals")
	if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("cannot note that the approval is used: %w", err)
	}
	f, err := os.OpenFile(filepath.Join(dir, once), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return errors.New("cannot take the approval: it was used already, and is good for one run")
	}
	if err == nil {
		err = errors.Join(f.Sync(), f.Close())
	}
	for _, d := range []string{dir, stateDir} {
		if err == nil {
			err = syncDir(d)
		}
	}
	if err != nil {
		return fmt.Errorf("cannot note that the approval is used: %w", err)
	}
	return nil
}

func syncDir(name string) error {
	d, err := os.Open(name)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// unapproved refuses a tool that needs an approved runbook, where this is none; nil where it may run.
func (s *session) unapproved(t *policy.Tool) *policy.Refusal {
	if t.Approval == nil {
		return nil
	}
	need := fmt.Sprintf("%s runs only from an approved runbook, with %s", t.Name, transcript.Count(t.Approval.Signatures, "signature"))
	if s.approved == nil {
		return &policy.Refusal{Reason: need + "; opsctl approve makes one, and opsctl run -f RUNBOOK --approval FILE sends it"}
	}
	if n := s.approved.By(blobs(t.Approval)); n < t.Approval.Signatures {
		return &policy.Refusal{Reason: fmt.Sprintf("%s of its keys; this one has %d", need, n)}
	}
	return nil
}
