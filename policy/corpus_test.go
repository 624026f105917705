package policy

import (
	"encoding/json"
	"os"
	"testing"
)

// TestCorpus: every policy of this package's tables, with whether it loads. Who else describes policies (the schema of opsctl) asks for them with
// OPSH_CORPUS, the name of a file to write them to as JSON.
func TestCorpus(t *testing.T) {
	type entry struct {
		Name  string
		Src   []byte // some aren't UTF-8
		Loads bool
	}
	var corpus []entry
	add := func(name, src string, want bool) {
		if _, err := Parse("policy.toml", []byte(src), splitPlainly); (err == nil) != want {
			t.Errorf("%s: %v", name, err)
		}
		corpus = append(corpus, entry{name, []byte(src), want})
	}
	for _, group := range brokenPolicies {
		for _, c := range group {
			if src, _ := marked(c.src); len(src) < maxLine {
				add(c.name, src, false)
			}
		}
	}
	for _, name := range []string{"testdata/load/full.toml", "../policy.example.toml"} {
		src, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		add(name, string(src), true)
	}
	for _, src := range []string{head + toolT, inTool(""), inSession("reason = \"required\""), inTool("files = {}"), inTool("connect = []\nlandlock = \"off\""),
		inTool("approval = { keys = [\"" + alice + "\", \"" + bob + "\"], signatures = 2 }"),
		inTool("env.A = \"{secret.a:url}\"\n[secret.a]\nfrom = \"secretsmanager:prod/a#pass word\"\nregion = \"us-east-2\"")} {
		add("in parts", src, true)
	}
	if len(corpus) < 150 {
		t.Errorf("only %d policies", len(corpus))
	}
	if to := os.Getenv("OPSH_CORPUS"); to != "" {
		text, err := json.Marshal(corpus)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(to, text, 0o666); err != nil {
			t.Fatal(err)
		}
	}
}
