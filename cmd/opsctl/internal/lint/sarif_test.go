package lint

import (
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"github.com/owenrumney/go-sarif/v3/pkg/report/v210/sarif"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"opsh/shell/answer"
)

// published is the schema that OASIS publishes for SARIF 2.1.0, as go-sarif has it: in a constant that it doesn't export.
func published(t *testing.T) *jsonschema.Schema {
	t.Helper()
	dir, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/owenrumney/go-sarif/v3").Output()
	if err != nil {
		t.Fatal(err)
	}
	file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(strings.TrimSpace(string(dir)), "pkg/report/v210/sarif/schema.go"), nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	text := ""
	ast.Inspect(file, func(n ast.Node) bool {
		if lit, ok := n.(*ast.BasicLit); ok && len(lit.Value) > len(text) {
			text, err = strconv.Unquote(lit.Value)
		}
		return err == nil
	})
	doc, failed := jsonschema.UnmarshalJSON(strings.NewReader(text))
	if err := errors.Join(err, failed); err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("sarif-schema-2.1.0.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("sarif-schema-2.1.0.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestSARIF: what every policy of the golden files comes to is SARIF as the standard's schema has it, and another library reads it.
func TestSARIF(t *testing.T) {
	schema := published(t)
	valid := func(log SARIF) error {
		text, err := json.Marshal(log)
		if err != nil {
			return err
		}
		doc, err := jsonschema.UnmarshalJSON(strings.NewReader(string(text)))
		if err != nil {
			return err
		}
		if _, err := sarif.FromBytes(text); err != nil {
			return err
		}
		return schema.Validate(doc)
	}
	files, err := filepath.Glob("testdata/check/*.toml")
	if err != nil {
		t.Fatal(err)
	}
	var reports []*Report
	for _, name := range files {
		src, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		reports = append(reports, Check(name, src, answer.Split))
	}
	reports = append(reports, Check("日本 語#.toml", []byte("version = 2"), answer.Split), Check("empty.toml", nil, answer.Split))
	log := LogOf("1.0", reports, []error{errors.New("cannot read the policy x: no such file")})
	if err := valid(log); err != nil {
		t.Fatal(err)
	}
	if err := valid(LogOf("development", nil, nil)); err != nil {
		t.Error(err)
	}
	results, rules, suppressed := log.Runs[0].Results, log.Runs[0].Tool.Driver.Rules, 0
	if len(results) < 100 {
		t.Errorf("only %d results", len(results))
	}
	for _, r := range results {
		if rules[r.RuleIndex].ID != r.RuleID {
			t.Errorf("%s has the index of %s", r.RuleID, rules[r.RuleIndex].ID)
		}
		suppressed += len(r.Suppressions)
	}
	if suppressed != 3 || log.Runs[0].Invocations[0].Successful {
		t.Errorf("%d results are suppressed, %+v", suppressed, log.Runs[0].Invocations)
	}

	// The check can fail.
	log.Runs[0].Results[0].Locations[0].Physical.Region.StartLine = 0
	if valid(log) == nil {
		t.Error("line 0 is valid")
	}
}

// TestSARIFColumns: columns are counted in UTF-16 code units, lines and columns from 1, whatever stands in front.
func TestSARIFColumns(t *testing.T) {
	for _, c := range []struct {
		line string
		col  int
		want int
	}{{"abc", 1, 1}, {"abc", 3, 3}, {"日本x", 3, 3}, {"😀x", 2, 3}, {"\tx", 2, 2}, {"e\u0301x", 3, 3}, {"ab", 9, 3}, {"", 1, 1}, {"x", 0, 1}} {
		if got := units(c.line, c.col); got != c.want {
			t.Errorf("%q, column %d: %d, want %d", c.line, c.col, got, c.want)
		}
	}
	src := "version = 1\naudit.when_down = \"spool\"\n[tool.t]\npath = \"/bin/t\"\nuser = \"ops\"\nabout = \"😀日本\" ; x\nallow = [\"t\"]\n"
	log := LogOf("", []*Report{Check("dir with blank/p#1.toml", []byte(src), answer.Split)}, nil)
	got := log.Runs[0].Results[0].Locations[0].Physical
	if want := (sarifPhysical{sarifArtifact{"dir%20with%20blank/p%231.toml"}, sarifRegion{6, 16}}); !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, want %+v", got, want)
	}
	if abs := uri("/etc/opsh/policy.toml"); abs != "file:///etc/opsh/policy.toml" {
		t.Error(abs)
	}
	if colon := uri("a:b.toml"); colon != "./a:b.toml" {
		t.Error(colon)
	}
}

// BenchmarkCheck: a policy of 2,000 tools; a second is too long.
func BenchmarkCheck(b *testing.B) {
	var text strings.Builder
	text.WriteString("version = 1\naudit.when_down = \"spool\"\n")
	for i := range 2000 {
		fmt.Fprintf(&text, "[tool.mysql%d]\npath = \"/usr/bin/mysql\"\nuser = \"ops\"\nallow = [\"mysql%d [-t] -e SQL [DATABASE]\", \"mysql%d [DATABASE] < SCRIPT\", \"mysql%d --pager=PAGER [DATABASE]\"]\n"+
			"where.SQL = \"any\"\nwhere.PAGER = { match = '[a-z]+' }\nwhere.DATABASE = [\"app\", \"replica%d\"]\nwhere.SCRIPT = { path = \"/app/sql\", ext = \".sql\" }\nenv = { A = \"1\" }\n", i, i, i, i, i)
		fmt.Fprintf(&text, "[[test]]\nrun = \"mysql%d -e 'SELECT 1'\"\nwant = \"allow\"\n", i)
	}
	src := []byte(text.String())
	for b.Loop() {
		if r := Check("p", src, answer.Split); r.Errors() > 0 || r.Warnings() < 8000 {
			b.Fatal(r.Summary())
		}
	}
}
