package evidence

import (
	"testing"

	"opsh/shell/audit"
)

func TestDuty(t *testing.T) {
	const keyA = "AAAAC3NzaC1lZDI1NTE5AAAAIJ7R2iFYtlmQPlmAUOPFzBnbgiBJQwv7B5R4H3hXtyOn"
	const keyB = "AAAAC3NzaC1lZDI1NTE5AAAAIK0wmN/Cr3JXqmLW7u+g9pTh+wyqDHpSQEIQczXkVx9q"
	signers, err := ParseSigners([]byte("# ours\n\nhanako@example.com,arn:aws:iam::1:user/hanako namespaces=\"approval@opsh\" ssh-ed25519 " + keyA + " laptop\nssh-ed25519 " + keyB + " taro@example.com\n"))
	if err != nil || len(signers) != 2 {
		t.Fatal(signers, err)
	}
	var a, b string
	for key, names := range signers {
		if names[0] == "taro@example.com" {
			b = key
		} else {
			a = key
		}
	}
	book := func(keys ...string) *Session {
		return &Session{Runbook: &audit.Record{Approval: &audit.Approval{Keys: keys}}}
	}
	by := func(s *Session, person, arn string) *Session {
		s.Start = &Start{Person: person, ARN: arn}
		return s
	}
	const arn = "arn:aws:sts::1:assumed-role/ops/"
	for _, test := range []struct {
		name string
		s    *Session
		want Duty
	}{
		{"no runbook", &Session{}, NotApproved},
		{"no approval", &Session{Runbook: &audit.Record{}}, NotApproved},
		{"nobody signed", book(), NotApproved},
		{"no event", book(a, b), RunnerUnknown},
		{"an event that names nobody", by(book(a, b), "", ""), RunnerUnknown},
		{"another", by(book(a, b), "jiro@example.com", arn+"jiro@example.com"), RunnerUnproven},
		{"another, an IAM user", by(book(a, b), "jiro", "arn:aws:iam::1:user/ops/jiro"), Separate},
		{"another, an IAM user, and a key that nobody knows", by(book(a, "SHA256:x"), "jiro", "arn:aws:iam::1:user/jiro"), SignerUnknown},
		{"a key that opsh doesn't know, of the runner", by(&Session{Runbook: &audit.Record{Approval: &audit.Approval{Keys: []string{a}, Unknown: []string{b}}}}, "taro@example.com", arn+"taro@example.com"), RunnerUnproven},
		{"only keys that opsh doesn't know", &Session{Runbook: &audit.Record{Approval: &audit.Approval{Keys: []string{a}, Unknown: []string{a, b}}}}, NotApproved},
		{"a signer", by(book(a, b), "taro@example.com", arn+"taro@example.com"), Same},
		{"a signer, spelled otherwise", by(book(a), "Hanako@Example.com", arn+"Hanako@Example.com"), Same},
		{"a signer, by the ARN", by(book(a), "hanako", "arn:aws:iam::1:user/hanako"), Same},
		{"a key that nobody knows", by(book(a, "SHA256:x"), "jiro@example.com", arn+"jiro@example.com"), SignerUnknown},
		{"a key that nobody knows, and a signer", by(book("SHA256:x", a), "hanako@example.com", arn+"hanako@example.com"), Same},
	} {
		if got := test.s.Duty(signers); got != test.want {
			t.Errorf("%s: %s, want %s", test.name, got, test.want)
		}
	}
	if got := by(book(a), "jiro", arn+"jiro").Duty(nil); got != SignerUnknown {
		t.Errorf("without a list: %s", got)
	}
	many, err := ParseSigners([]byte("*@example.com,?aro ssh-ed25519 " + keyB + "\n"))
	if got := by(book(b), "taro", "arn:aws:iam::1:user/taro").Duty(many); err != nil || got != SignerUnknown {
		t.Errorf("a pattern for a name: %s, %v", got, err)
	}
	for _, text := range []string{"hanako", "hanako ssh-ed25519", "hanako ssh-ed25519 !!"} {
		if _, err := ParseSigners([]byte(text)); err == nil {
			t.Errorf("%q says whose a key is", text)
		}
	}
}

// TestRunnerIsProven: mallory signed. A name that she chose herself must never say that it was somebody else who ran it.
func TestRunnerIsProven(t *testing.T) {
	const sts, reserved = "arn:aws:sts::123456789012:assumed-role/", "arn:aws:iam::123456789012:role/aws-reserved/sso.amazonaws.com/"
	for _, test := range []struct {
		arn, issuer, source string
		want                Duty
	}{
		{sts + "ops/mallory@example.com", "", "", Same},
		{sts + "prod-session/prod-operator=mallory@example.com", "", "prod-operator=mallory@example.com", Same},
		{sts + "prod-session/prod-operator=Mallory@example.com", "", "", Same},
		{sts + "prod-session/nobody", "", "mallory@example.com", Same},
		{sts + "prod-session/nobody", "", "AWSReservedSSO_Ops_1/mallory@example.com", Same},
		{sts + "prod-ci/github-1234", "", "", RunnerUnproven},
		{sts + "prod-ci/pull-request-7-run-3", "", "", RunnerUnproven},
		{sts + "ops/alice@example.com", "", "", RunnerUnproven},
		{sts + "prod-session/prod-operator=alice@example.com", "", "", RunnerUnproven},
		{sts + "prod-session/prod-operator=alice@example.com", "", "prod-operator=alice@example.com", RunnerUnproven},
		{sts + "prod-session/prod-ci=github-1234", "", "prod-ci=github-1234", RunnerUnproven},
		{sts + "prod-session/AWSReservedSSO_Ops_1=alice@example.com", "", "", RunnerUnproven},
		{sts + "prod-session/AWSReservedSSO_Ops_1=alice@example.com", "", "AWSReservedSSO_Ops_1=alice@example.com", Separate},
		{sts + "prod-session/prod-operator-mallory@example.co==0123456789abcdef", "", "prod-operator-mallory@example.co==0123456789abcdef", RunnerUnproven},
		{sts + "prod-session/alice", "", "alice", Separate},
		{sts + "AWSReservedSSO_Ops_0123456789abcdef/alice@example.com", reserved + "ap-northeast-1/AWSReservedSSO_Ops_0123456789abcdef", "", Separate},
		{sts + "AWSReservedSSO_Ops_0123456789abcdef/alice@example.com", reserved + "AWSReservedSSO_Ops_0123456789abcdef", "", Separate},
		{sts + "AWSReservedSSO_Ops_0123456789abcdef/alice@example.com", "", "", Separate},
		{sts + "AWSReservedSSO_Ops/alice@example.com", "arn:aws:iam::123456789012:role/AWSReservedSSO_Ops", "", RunnerUnproven},
		{sts + "AWSReservedSSO_Ops_0123456789abcdef/mallory", reserved + "AWSReservedSSO_Ops_0123456789abcdef", "", RunnerAlike},
		{sts + "ops/AWSReservedSSO_Ops_1=alice", "", "", RunnerUnproven},
		{"arn:aws:iam::123456789012:user/alice", "", "", Separate},
		{"arn:aws-cn:iam::123456789012:user/ops/alice", "", "", Separate},
		{"arn:aws:iam::123456789012:user/mallory", "", "", RunnerAlike},
		{"arn:aws:iam::123456789012:user/ops/Mallory@Example.com", "", "", Same},
		{"arn:aws:iam::123456789012:root", "", "", RunnerUnproven},
		{"arn:aws:sts::123456789012:federated-user/alice", "", "", RunnerUnproven},
	} {
		s := &Session{Runbook: &audit.Record{Approval: &audit.Approval{Keys: []string{"k"}}}, Start: &Start{ARN: test.arn, Person: behind(test.arn, "/"), Issuer: test.issuer, Source: test.source}}
		if got := s.Duty(Signers{"k": {"mallory@example.com"}}); got != test.want {
			t.Errorf("%s of %q, source identity %q: %s, want %s", test.arn, test.issuer, test.source, got, test.want)
		}
	}
}
