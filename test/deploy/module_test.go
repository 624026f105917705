// Package deploy checks what lies under deploy/: the Terraform module without its provider, and the workflow without GitHub.
package deploy

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/hcl/v2/hclwrite"
)

const (
	moduleDir  = "../../deploy/terraform"
	exampleDir = moduleDir + "/examples/complete"
)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// module is a directory of .tf files, read.
type module struct {
	blocks []*hclsyntax.Block
	text   string
}

func readModule(t *testing.T, dir string) module {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.tf"))
	must(t, err)
	if len(files) == 0 {
		t.Fatalf("no .tf in %s", dir)
	}
	var m module
	for _, name := range files {
		text, err := os.ReadFile(name)
		must(t, err)
		if string(hclwrite.Format(text)) != string(text) {
			t.Errorf("%s isn't as terraform fmt writes it", name)
		}
		f, diags := hclsyntax.ParseConfig(text, name, hcl.InitialPos)
		if diags.HasErrors() {
			t.Fatal(diags)
		}
		body := f.Body.(*hclsyntax.Body)
		if len(body.Attributes) > 0 {
			t.Errorf("%s has an argument outside of every block", name)
		}
		m.blocks = append(m.blocks, body.Blocks...)
		m.text += string(text)
	}
	return m
}

// of are the module's blocks of one type, by their labels joined with a dot.
func (m module) of(kind string) map[string]*hclsyntax.Body {
	found := map[string]*hclsyntax.Body{}
	for _, b := range m.blocks {
		if b.Type == kind {
			found[strings.Join(b.Labels, ".")] = b.Body
		}
	}
	return found
}

// locals are the module's local values.
func (m module) locals() map[string]hcl.Expression {
	found := map[string]hcl.Expression{}
	for _, b := range m.blocks {
		if b.Type == "locals" {
			for name, a := range b.Body.Attributes {
				found[name] = a.Expr
			}
		}
	}
	return found
}

// references are all that a block's expressions name outside of themselves. A dynamic block's own iterator isn't, nor is a type's name.
func references(b *hclsyntax.Block) []hcl.Traversal {
	var found []hcl.Traversal
	for _, name := range slices.Sorted(maps.Keys(b.Body.Attributes)) {
		if b.Type != "variable" || name != "type" {
			found = append(found, hclsyntax.Variables(b.Body.Attributes[name].Expr)...)
		}
	}
	for _, inner := range b.Body.Blocks {
		found = append(found, references(inner)...)
	}
	return slices.DeleteFunc(found, func(v hcl.Traversal) bool { return b.Type == "dynamic" && v.RootName() == b.Labels[0] })
}

// reference is what a traversal names, as "var.name" or "data.aws_region.current".
func reference(v hcl.Traversal) string {
	words := []string{v.RootName()}
	for _, step := range v[1:] {
		if a, ok := step.(hcl.TraverseAttr); ok {
			words = append(words, a.Name)
			continue
		}
		break
	}
	length := 2
	if words[0] == "data" {
		length = 3
	}
	return strings.Join(words[:min(length, len(words))], ".")
}

func TestReferencesResolve(t *testing.T) {
	for _, dir := range []string{moduleDir, exampleDir} {
		m := readModule(t, dir)
		known := map[string]bool{"each.key": true, "each.value": true}
		for kind, prefix := range map[string]string{"variable": "var.", "resource": "", "data": "data.", "module": "module."} {
			for name := range m.of(kind) {
				known[prefix+name] = true
			}
		}
		for name := range m.locals() {
			known["local."+name] = true
		}
		used := map[string]bool{}
		for _, b := range m.blocks {
			for _, v := range references(b) {
				r := reference(v)
				if !known[r] {
					t.Errorf("%s: %s %s names %s, which there isn't", dir, b.Type, strings.Join(b.Labels, "."), r)
				}
				used[r] = used[r] || b.Type != "variable" // a variable that only its own validation reads does nothing
			}
		}
		for name := range known {
			if (strings.HasPrefix(name, "var.") || strings.HasPrefix(name, "local.") || strings.HasPrefix(name, "data.")) && !used[name] {
				t.Errorf("%s: nothing uses %s", dir, name)
			}
		}
	}
}

func TestVariablesAndOutputs(t *testing.T) {
	m := readModule(t, moduleDir)
	readme, err := os.ReadFile(moduleDir + "/README.md")
	must(t, err)
	for kind, wanted := range map[string][]string{"variable": {"description", "type"}, "output": {"description", "value"}} {
		for name, b := range m.of(kind) {
			for _, a := range wanted {
				if b.Attributes[a] == nil {
					t.Errorf("%s %s has no %s", kind, name, a)
				}
			}
			if !strings.Contains(string(readme), "| `"+name+"` |") {
				t.Errorf("README.md doesn't list %s %s", kind, name)
			}
		}
	}
	// Partition-safe: no ARN or service name is written out.
	for _, bad := range []string{"arn:aws:", "arn:aws-", "us-east-1"} {
		if strings.Contains(m.text, bad) {
			t.Errorf("the module has %s in it", bad)
		}
	}
}

// TestExampleFits: the example gives the module variables that it has, among them all that have no default, and reads outputs that it has.
func TestExampleFits(t *testing.T) {
	m, example := readModule(t, moduleDir), readModule(t, exampleDir)
	call := example.of("module")["opsh"]
	if call == nil {
		t.Fatal("the example has no module opsh")
	}
	variables := m.of("variable")
	for name := range call.Attributes {
		if name != "source" && variables[name] == nil {
			t.Errorf("the example sets %s, which the module doesn't have", name)
		}
	}
	for name, b := range variables {
		if b.Attributes["default"] == nil && call.Attributes[name] == nil {
			t.Errorf("the example doesn't set %s", name)
		}
	}
	outputs := m.of("output")
	for _, b := range example.blocks {
		for _, v := range references(b) {
			if v.RootName() != "module" || len(v) < 3 {
				continue
			}
			if name := v[2].(hcl.TraverseAttr).Name; outputs[name] == nil {
				t.Errorf("the example reads module.opsh.%s, which there isn't", name)
			}
		}
	}
}
