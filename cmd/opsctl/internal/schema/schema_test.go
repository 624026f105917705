package schema

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/BurntSushi/toml"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"opsh/policy"
	"opsh/shell/answer"
)

// beyond is the mistakes that only the loader finds: its message, and why a schema can't say that. One that no case needs any more is a mistake here.
var beyond = []struct{ message, why string }{
	// What a schema sees was read already: it knows no places and no spelling.
	{`cannot read the (file|table|string): (U\+[0-9A-F]+ isn't visible|it begins with a byte order mark|\{ and \} must|no comma may|there is no such escape)`, "TOML's text, where opsh is stricter than the library"},
	{`cannot set \S+ twice: line`, "TOML's text, where the library is laxer than TOML"},
	{`^version as a float: .* this opsh reads version 1$`, "JSON has one kind of number: 1.0 is 1"},
	{`it holds U\+`, "characters that don't show: JSON Schema's patterns have no portable classes of Unicode, so they exclude ASCII's controls only"},
	{`it takes \d+ columns`, "a schema counts characters, not columns"},
	// Arithmetic.
	{`= "[0-9a-z]+": it is longer than 24h`, "the value of a duration"},
	{`uids = "[0-9-]+": it (must hold two uids|holds more than)|uids = .*: the highest uid`, "the values of a range"},
	{`= "[0-9]+[A-Za-z]+": (no tool runs with so little|that limits nothing)`, "the value of a size"},
	{`ends the session before`, "one duration compared with another"},
	{`no number is from|there are no more than \d+$`, "one number compared with another"},
	{`cannot use this key twice`, "one key with two comments"},
	// One part of the file held against another.
	{`where\.\w+ is missing$|no usage line has`, "usage lines and where"},
	{`where\.\w+ is not a path$|cannot put \w+ next to options`, "usage lines and where"},
	{`the policy has no such secret|this tool has no such file|nothing refers to it`, "references"},
	{`its region isn't known|cannot use region = .*: from says`, "a secret's region, audit.cloudwatch's and the one in an ARN"},
	{`it is the secret|env sets it`, "pass, env and secrets"},
	{`files\.write lists it`, "files.read and files.write"},
	{`cannot pass this test`, "what the tests say"},
	// Grammars of their own.
	{`cannot read what \{ begins|a secret never stands in a command line`, "templates"},
	{`cannot begin the usage line with|it is never closed`, "usage lines"},
	{`cannot use match: (missing|unexpected|invalid|trailing|it can't be anchored)`, "regular expressions"},
	{`cannot connect to "[^"]*:[^"]*"`, "hosts, addresses and the bounds of a port"},
	{`does what any program does|the dynamic loader runs`, "shells and loaders: a list that grows with opsh"},
	{`its value can make the tool run other code`, "variables that name code: a list that grows with opsh"},
}

func compiled(t *testing.T) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(Text()))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("policy.schema.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("policy.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// held is the two judges and what was needed of beyond.
type held struct {
	schema *jsonschema.Schema
	used   map[int]bool
	agreed int
}

var errNotTOML = errors.New("it isn't TOML")

// validate is the schema's verdict.
func (h *held) validate(src []byte) error {
	var all map[string]any
	if err := toml.Unmarshal(src, &all); err != nil {
		return errNotTOML
	}
	text, err := json.Marshal(all)
	if err != nil {
		return err
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		return err
	}
	return h.schema.Validate(doc)
}

// compare holds the schema's verdict against the loader's.
func (h *held) compare(t *testing.T, name string, src []byte) {
	t.Helper()
	_, loads := policy.Parse("policy.toml", src, answer.Split)
	valid := h.validate(src)
	switch {
	case loads == nil && valid != nil:
		t.Errorf("%s: it loads, and the schema refuses it: %v\n%s", name, valid, src)
	case errors.Is(valid, errNotTOML): // nothing to hold the schema against
	case (loads == nil) == (valid == nil):
		h.agreed++
	default:
		for _, e := range loads.(*policy.Errors).List {
			if !h.excused(name + ": " + e.Msg) {
				t.Errorf("%s: the schema accepts what the loader refuses: %s\n%s", name, e.Msg, src)
			}
		}
	}
}

// excused says that a mistake is beyond the schema.
func (h *held) excused(message string) bool {
	for i, b := range beyond {
		if regexp.MustCompile(b.message).MatchString(message) {
			h.used[i] = true
			return true
		}
	}
	return false
}

// TestAgainstTheLoader: what one accepts the other does, as far as a schema can, over the policies of package policy's tests and over mutations of
// two full ones.
func TestAgainstTheLoader(t *testing.T) {
	h := &held{schema: compiled(t), used: map[int]bool{}}
	name := filepath.Join(t.TempDir(), "corpus.json")
	cmd := exec.Command("go", "test", "-count=1", "-run", "^TestCorpus$", "opsh/policy")
	cmd.Env = append(os.Environ(), "OPSH_CORPUS="+name)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	var corpus []struct {
		Name  string
		Src   []byte
		Loads bool
	}
	if err := json.Unmarshal(text, &corpus); err != nil {
		t.Fatal(err)
	}
	for _, c := range corpus {
		h.compare(t, c.Name, c.Src)
	}
	byCorpus := h.agreed
	for _, name := range []string{"testdata/load/full.toml", "../policy.example.toml"} {
		src, err := os.ReadFile(filepath.Join("../../../../policy", name))
		if err != nil {
			t.Fatal(err)
		}
		mutations(t, src, func(how string, mutated []byte) { h.compare(t, name+": "+how, mutated) })
	}
	for i, b := range beyond {
		if !h.used[i] {
			t.Errorf("nothing needs %q any more", b.message)
		}
	}
	t.Logf("%d policies, %d verdicts agree; of the mutations %d", len(corpus), byCorpus, h.agreed-byCorpus)
	if byCorpus < 100 || h.agreed-byCorpus < 500 {
		t.Errorf("they agree about %d and %d policies only", byCorpus, h.agreed-byCorpus)
	}
}

// mutations hands over each policy that differs from src in one key: renamed, written in capitals, removed, and with a value of each other type, and for
// a text, another text.
func mutations(t *testing.T, src []byte, each func(how string, mutated []byte)) {
	t.Helper()
	others := []any{"nonsense", "", int64(7), true, []any{}, []any{"x"}, []any{int64(1)}, map[string]any{}, map[string]any{"x": "y"}, 1.5}
	var all map[string]any
	if err := toml.Unmarshal(src, &all); err != nil {
		t.Fatal(err)
	}
	hand := func(how string) {
		var b bytes.Buffer
		if err := toml.NewEncoder(&b).Encode(all); err != nil {
			return // a list of tables and texts, which that library doesn't write
		}
		each(how, b.Bytes())
	}
	hand("as it is")
	var walk func(at string, v any)
	walk = func(at string, v any) {
		switch v := v.(type) {
		case map[string]any:
			for key, old := range clone(v) {
				where := at + "." + key
				delete(v, key)
				hand("without " + where)
				for _, name := range []string{key + "x", strings.ToUpper(key), "x-" + key} {
					if _, there := v[name]; !there && name != key {
						v[name] = old
						hand(where + " as " + name)
						delete(v, name)
					}
				}
				for _, other := range others {
					v[key] = other
					hand(fmt.Sprintf("%s = %#v", where, other))
				}
				v[key] = old
				walk(where, old)
			}
		case []map[string]any:
			for i := range min(len(v), 2) {
				walk(fmt.Sprintf("%s[%d]", at, i), v[i])
			}
		case []any:
			for i, old := range v {
				for _, other := range others {
					v[i] = other
					hand(fmt.Sprintf("%s[%d] = %#v", at, i, other))
				}
				v[i] = old
				walk(fmt.Sprintf("%s[%d]", at, i), old)
			}
		}
	}
	walk("", all)
}

func clone(m map[string]any) map[string]any {
	out := map[string]any{}
	for k, v := range m {
		out[k] = v
	}
	return out
}

// TestEveryKeyIsExplained: an editor shows the description of the key under the cursor.
func TestEveryKeyIsExplained(t *testing.T) {
	var root map[string]any
	if err := json.Unmarshal([]byte(Text()), &root); err != nil {
		t.Fatal(err)
	}
	keys := 0
	var walk func(at string, v any)
	walk = func(at string, v any) {
		switch v := v.(type) {
		case map[string]any:
			for name, below := range v {
				if name == "if" || name == "then" || name == "else" || name == "dependencies" {
					continue // they say which keys go together
				}
				properties, ok := below.(map[string]any)
				if name != "properties" || !ok {
					walk(at+"."+name, below)
					continue
				}
				for key, one := range properties {
					keys++
					p := one.(map[string]any)
					if ref, ok := p["$ref"].(string); ok {
						p = root["definitions"].(map[string]any)[strings.TrimPrefix(ref, "#/definitions/")].(map[string]any)
					}
					if text, _ := p["description"].(string); len(text) < 8 || !strings.HasSuffix(text, ".") && !strings.HasSuffix(text, ">") {
						t.Errorf("%s.%s says %q", at, key, text)
					}
					walk(at+"."+key, one)
				}
			}
		case []any:
			for _, one := range v {
				walk(at, one)
			}
		}
	}
	walk("", root)
	if keys < 50 {
		t.Errorf("only %d keys", keys)
	}
}
