package shell

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"opsh/policy"
	"opsh/shell/audit"
)

func secretFrom(name string, kind policy.SourceKind) policy.Secret {
	s := policy.Secret{Name: name, Source: policy.Source{Kind: kind}}
	if kind != policy.SourceEnv && kind != policy.SourceFile {
		s.Source.Region = "ap-northeast-1"
	}
	return s
}

// TestSecretsKept: how often each kind is fetched, and for how long it is known.
func TestSecretsKept(t *testing.T) {
	now := time.Date(2026, 11, 25, 9, 0, 0, 0, time.UTC)
	fetched := map[string]int{}
	k := &secrets{now: func() time.Time { return now }, fetch: func(s policy.Secret) (string, error) {
		fetched[s.Name]++
		if s.Name == "failing" {
			return "", errors.New("no")
		}
		if s.Name == "short" {
			return "abc", nil
		}
		return fmt.Sprintf("value-%s-%d", s.Name, fetched[s.Name]), nil
	}}
	get := func(name string, kind policy.SourceKind, want string) {
		t.Helper()
		if got, _ := k.get(secretFrom(name, kind)); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	for _, want := range []string{"value-file-1", "value-file-2"} { // a file may have changed
		get("file", policy.SourceFile, want)
	}
	get("failing", policy.SourceSSM, "")
	get("short", policy.SourceSSM, "abc")
	get("aws", policy.SourceSecretsManager, "value-aws-1")
	get("token", policy.SourceRDS, "value-token-1")
	now = now.Add(tokenUse - time.Second)
	get("aws", policy.SourceSecretsManager, "value-aws-1")
	get("token", policy.SourceRDS, "value-token-1")
	now = now.Add(2 * time.Second)
	get("aws", policy.SourceSecretsManager, "value-aws-1")
	get("token", policy.SourceRDS, "value-token-2")
	if got, want := k.text("value-file-1 value-file-2 value-aws-1 value-token-1 value-token-2 abc"),
		"[secret file] [secret file] [secret aws] [secret token] [secret token] abc"; got != want {
		t.Errorf("%q", got)
	}
	now = now.Add(tokenLife)
	get("token", policy.SourceRDS, "value-token-3")
	if got, want := k.text("value-token-1 value-token-3 value-aws-1"), "value-token-1 [secret token] [secret aws]"; got != want {
		t.Errorf("%q", got)
	}
}

// TestRecordWithoutSecrets: no text of a record gets past, whichever it is.
func TestRecordWithoutSecrets(t *testing.T) {
	k := &secrets{now: time.Now, fetch: func(policy.Secret) (string, error) { return "hunter22", nil }}
	if _, err := k.get(secretFrom("s", policy.SourceEnv)); err != nil {
		t.Fatal(err)
	}
	const v = "x hunter22 y"
	r := audit.Record{Event: audit.Run, Reason: v, Line: v, Words: []string{v}, Input: v, Path: v, Argv: []string{v}, Why: v, By: v, Left: []string{v},
		Files: []audit.FileHash{{Path: v, SHA256: "0"}}, Raw: &audit.Raw{Head: v}}
	text, err := json.Marshal(k.record(r))
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(text), "hunter22") || strings.Count(string(text), "x [secret s] y") != 11 {
		t.Errorf("%s", text)
	}
	if r.Words[0] != v || r.Raw.Head != v || r.Files[0].Path != v {
		t.Error("the record that was given has changed")
	}
	input := "hunter22"
	shown, holds := k.command(policy.Command{Words: []string{"a", "b"}, Input: &input})
	if !holds || *shown.Input != "[secret s]" {
		t.Errorf("%+v", shown)
	}
	if _, holds := k.command(policy.Command{Words: []string{"a", "b"}}); holds {
		t.Error("it holds none")
	}
}
