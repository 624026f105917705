package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"opsh/cmd/opsctl/internal/ecs"
	"opsh/cmd/opsctl/internal/session"
	"opsh/shell/approval"
	"opsh/shell/transcript"
)

func approveVerb() verb {
	v := verb{
		name: "approve", usage: targetUsage + " [--expires DURATION] RUNBOOK | --check RUNBOOK",
		about: "Writes what the signers of a runbook sign, and says who has signed",
		more: `
A tool whose policy has an approval runs only from a runbook that was signed. RUNBOOK.approval says what is approved: this runbook, in one
cluster and service, until it expires (--expires, 24h when left out, 168h at most), for one run. Each signer reads the runbook and then runs

  ssh-keygen -Y sign -n ` + approval.Namespace + ` -f ~/.ssh/id_ed25519 <RUNBOOK.approval >RUNBOOK.approval.NAME.sig

and opsctl run -f RUNBOOK --approval RUNBOOK.approval sends both with it. With the cluster as an ARN and --service, AWS isn't asked.

--check  says what RUNBOOK.approval is for and which keys have signed it. Whose signatures are needed, the container's policy says.

Exit status: 0 done, 1 --check: nobody has signed it, or it holds no longer, or not for this runbook, 2 wrong use, 125 it can't be done.`,
	}
	v.run = func(p *person, args []string) int { return p.approve(v, args) }
	return v
}

// approvalName is the file that approves a runbook.
func approvalName(runbook string) string { return runbook + ".approval" }

func (p *person) approve(v verb, args []string) int {
	f := options()
	check := f.Bool("check", false, "")
	expires := f.Duration("expires", 24*time.Hour, "")
	var t target
	targetOptions(f, &t)
	words, err := parse(f, args)
	switch {
	case err != nil:
	case len(words) != 1:
		err = errors.New("cannot approve: name one runbook")
	case *expires <= 0 || *expires > approval.Longest:
		err = fmt.Errorf("cannot use --expires %s: it is from 1s to %s", *expires, approval.Longest)
	}
	if err != nil {
		return p.misused(v, err)
	}
	book, err := p.readRunbook(words[0])
	if err == nil {
		err = book.Check()
	}
	if err != nil {
		p.fail(err)
		return statusBroken
	}
	if *check {
		return p.checkApproval(words[0], book)
	}
	cluster, service, status := p.whereApproved(t)
	if status != 0 {
		return status
	}
	s, err := approval.New(book.SHA256(), cluster, service, p.now().Add(*expires))
	if err == nil {
		err = writeNew(approvalName(words[0]), s.Text())
	}
	if err != nil {
		p.fail(err)
		return statusBroken
	}
	name := quote(approvalName(words[0]))
	p.say(fmt.Sprintf("wrote %s\n%s\neach signer reads the runbook, and runs:\n  ssh-keygen -Y sign -n %s -f ~/.ssh/id_ed25519 <%s >%s\nthen:\n  opsctl run %s -f %s --approval %s",
		name, facts(s), approval.Namespace, name, quote(approvalName(words[0])+".NAME.sig"), t.options(), quote(words[0]), name))
	return 0
}

// facts is a statement for people.
func facts(s approval.Statement) string {
	return fmt.Sprintf("  runbook  %s\n  cluster  %s\n  service  %s\n  expires  %s\n  number   %s", s.Runbook, s.Cluster, s.Service, s.Expires.Format(time.RFC3339), s.Number)
}

// writeNew writes a file that isn't there yet: one that is there may have been signed.
func writeNew(name, text string) error {
	out, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if errors.Is(err, os.ErrExist) {
		return fmt.Errorf("cannot write %s: it is there already; remove it and its signatures to begin anew", quote(name))
	}
	if err != nil {
		return fmt.Errorf("cannot write the approval: %w", err)
	}
	_, err = out.WriteString(text)
	return errors.Join(err, out.Close())
}

// whereApproved is the cluster's ARN and the service that are meant.
func (p *person) whereApproved(t target) (cluster, service string, status int) {
	if approval.IsCluster(t.wanted.Cluster) && t.wanted.Service != "" {
		return t.wanted.Cluster, t.wanted.Service, 0
	}
	t, err := p.settled(t)
	if err != nil {
		p.fail(err)
		return "", "", statusBroken
	}
	ctx := context.Background()
	all, err := func() ([]ecs.Candidate, error) {
		cfg, err := t.config(ctx)
		if err != nil {
			return nil, err
		}
		return ecs.New(cfg, p.now).Find(ctx, t.wanted)
	}()
	if err != nil {
		p.failAWS("find the service", err, t)
		return "", "", statusBroken
	}
	var places [][2]string
	for _, c := range all {
		if at := [2]string{c.ClusterARN, c.Service}; c.Service != "" && !slices.Contains(places, at) {
			places = append(places, at)
		}
	}
	if len(places) != 1 {
		p.fail(fmt.Errorf("cannot tell which service is meant: %s of services would do", transcript.Count(len(places), "task")), "name it: --cluster and --service")
		return "", "", statusUsage
	}
	return places[0][0], places[0][1], 0
}

// readApproval is an approval and its signatures, FILE.sig and FILE.NAME.sig.
func readApproval(name string) ([]byte, error) {
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("cannot read the approval: %w", err)
	}
	beside, err := os.ReadDir(filepath.Dir(name))
	if err != nil {
		return nil, fmt.Errorf("cannot look for signatures: %w", err)
	}
	var all [][]byte
	for _, e := range beside {
		if !isSignature(e.Name(), filepath.Base(name)) {
			continue
		}
		sig, err := os.ReadFile(filepath.Join(filepath.Dir(name), e.Name()))
		if err != nil {
			return nil, fmt.Errorf("cannot read a signature: %w", err)
		}
		if len(sig) == 0 {
			return nil, fmt.Errorf("cannot read a signature: %s is empty: ssh-keygen has made none", quote(e.Name()))
		}
		all = append(all, sig)
	}
	return approval.Join(text, all...), nil
}

// isSignature says whether a file is named like a signature of another.
func isSignature(name, of string) bool {
	rest, ok := strings.CutPrefix(name, of+".")
	return ok && (rest == "sig" || strings.HasSuffix(rest, ".sig"))
}

// approvalOf is what goes with the runbook, where the file fits it. opsh checks all of it again.
func (p *person) approvalOf(name string, book session.Runbook) ([]byte, error) {
	joined, err := readApproval(name)
	if err != nil {
		return nil, err
	}
	signed, err := approval.Read(joined)
	if err != nil {
		return nil, err
	}
	if len(signed.Keys) == 0 {
		return nil, fmt.Errorf("cannot use the approval: nobody has signed it: there is no %s.NAME.sig", quote(name))
	}
	return joined, signed.Fits(book.SHA256(), signed.Cluster, signed.Service, p.now())
}

// checkApproval says what is approved and by whom.
func (p *person) checkApproval(runbook string, book session.Runbook) int {
	joined, err := readApproval(approvalName(runbook))
	if err != nil {
		p.fail(err, "opsctl approve RUNBOOK writes it")
		return statusBroken
	}
	signed, err := approval.Read(joined)
	if err != nil {
		p.fail(err)
		return statusFound
	}
	p.say(facts(signed.Statement))
	for _, k := range signed.Fingerprints() {
		p.say("  signed   " + k)
	}
	if len(signed.Keys) == 0 {
		p.say("  nobody has signed")
		return statusFound
	}
	if err := signed.Fits(book.SHA256(), signed.Cluster, signed.Service, p.now()); err != nil {
		p.fail(err)
		return statusFound
	}
	return 0
}
