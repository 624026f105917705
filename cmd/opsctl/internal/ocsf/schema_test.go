package ocsf

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	// Its module ships what the schema's server exports of 1.2.0; the import keeps it in go.mod.
	_ "github.com/valllabh/ocsf-schema-golang/ocsfjson"
)

// schema is the published one, as its server exports it.
type schema struct {
	Version string
	Classes map[string]object
	Objects map[string]object
}

type object struct {
	Attributes  map[string]attribute
	Constraints map[string][]string
}

type attribute struct {
	Type        string
	ObjectType  string `json:"object_type"`
	Requirement string
	IsArray     bool `json:"is_array"`
	Profile     string
	Sibling     string
	Enum        map[string]struct{ Caption string }
	Deprecated  json.RawMessage `json:"@deprecated"`
}

func published(t testing.TB) *schema {
	t.Helper()
	dir, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/valllabh/ocsf-schema-golang").Output()
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(dir)), "schema", "v1.2-schema.json"))
	if err != nil {
		t.Fatal(err)
	}
	var s schema
	if err := json.Unmarshal(text, &s); err != nil {
		t.Fatal(err)
	}
	if s.Version != Version || len(s.Classes) < 40 || len(s.Objects) < 80 {
		t.Fatalf("version %s with %d classes", s.Version, len(s.Classes))
	}
	return &s
}

// check returns what is wrong with an event of class Process Activity.
func (s *schema) check(event []byte) (wrong []string) {
	d := json.NewDecoder(bytes.NewReader(event))
	d.UseNumber()
	var e map[string]any
	if err := d.Decode(&e); err != nil {
		return []string{err.Error()}
	}
	var profiles []string
	if m, ok := e["metadata"].(map[string]any); ok {
		for _, p := range list(m["profiles"]) {
			profiles = append(profiles, fmt.Sprint(p))
		}
	}
	c := &checker{s, profiles, nil}
	c.object("", "process_activity", s.Classes["process_activity"], e)
	number := func(name string) int { n, _ := strconv.Atoi(fmt.Sprint(e[name])); return n }
	if number("type_uid") != number("class_uid")*100+number("activity_id") {
		c.add("type_uid is not class_uid*100 + activity_id")
	}
	return c.wrong
}

// unsaid is what the schema requires and the export doesn't say, in the class and all objects below it: where one overrides what it extends, the export has
// the extended one's requirement. The server's JSON Schema of the class (ocsfvalidate/1.2/jsonschema of the same module) has them.
var unsaid = map[string][]string{
	"process_activity": {"activity_id", "actor"},
	"device":           {"type_id"},
	"extension":        {"name", "uid"},
	"file":             {"name"},
	"image":            {"uid"},
}

func list(v any) []any { l, _ := v.([]any); return l }

type checker struct {
	schema   *schema
	profiles []string
	wrong    []string
}

func (c *checker) add(format string, args ...any) {
	c.wrong = append(c.wrong, fmt.Sprintf(format, args...))
}

func (c *checker) object(at, kind string, o object, have map[string]any) {
	for _, name := range unsaid[kind] {
		if have[name] == nil {
			c.add("%s.%s is required", at, name)
		}
	}
	for name, a := range o.Attributes {
		if a.Requirement == "required" && (a.Profile == "" || slices.Contains(c.profiles, a.Profile)) && have[name] == nil {
			c.add("%s.%s is required", at, name)
		}
	}
	if l := o.Constraints["at_least_one"]; len(l) > 0 && !slices.ContainsFunc(l, func(n string) bool { return have[n] != nil }) {
		c.add("%s has none of %v", at, l)
	}
	if l := o.Constraints["just_one"]; len(l) > 0 {
		n := 0
		for _, name := range l {
			if have[name] != nil {
				n++
			}
		}
		if n != 1 {
			c.add("%s has %d of %v", at, n, l)
		}
	}
	for name, v := range have {
		at := at + "." + name
		a, ok := o.Attributes[name]
		switch {
		case !ok:
			c.add("%s is none of the schema's", at)
			continue
		case a.Profile != "" && !slices.Contains(c.profiles, a.Profile):
			c.add("%s is of profile %s", at, a.Profile)
		case len(a.Deprecated) > 0:
			c.add("%s is deprecated", at)
		case a.IsArray != (list(v) != nil):
			c.add("%s: array %v", at, a.IsArray)
			continue
		}
		values := []any{v}
		if a.IsArray {
			values = list(v)
		}
		for _, v := range values {
			c.value(at, a, v)
		}
		if a.Enum != nil && a.Sibling != "" {
			c.sibling(at, a, v, have[a.Sibling])
		}
	}
}

// sibling checks the caption beside a number: what isn't Other must be the schema's own.
func (c *checker) sibling(at string, a attribute, number, caption any) {
	want, known := a.Enum[fmt.Sprint(number)]
	if known && caption != nil && fmt.Sprint(number) != "99" && caption != want.Caption {
		c.add("%s is %v, and beside it stands %q", at, number, caption)
	}
	if fmt.Sprint(number) == "99" && (caption == nil || caption == "Other") {
		c.add("%s is Other without a name", at)
	}
}

// value checks one value. What the types beside the plain ones are made of isn't in the export; it is as
// https://schema.ocsf.io/1.2.0/data_types says.
func (c *checker) value(at string, a attribute, v any) {
	if a.Enum != nil {
		if _, ok := a.Enum[fmt.Sprint(v)]; !ok {
			c.add("%s: %v is none of its numbers", at, v)
		}
	}
	if a.Type == "object_t" {
		o, ok := v.(map[string]any)
		if !ok {
			c.add("%s is no object", at)
		} else if a.ObjectType != "object" { // that takes anything
			c.object(at, a.ObjectType, c.schema.Objects[a.ObjectType], o)
		}
		return
	}
	kind := a.Type
	text, isText := v.(string)
	switch kind {
	case "timestamp_t":
		kind = "long_t"
	case "hostname_t":
		kind = "string_t"
		if !hostPattern.MatchString(text) {
			c.add("%s: %.80q is no %s", at, text, a.Type)
		}
	}
	number, isNumber := v.(json.Number)
	_, isBool := v.(bool)
	switch kind {
	case "string_t":
		if !isText {
			c.add("%s is no text: %v", at, v)
		}
	case "integer_t", "long_t":
		n, err := number.Int64()
		if !isNumber || err != nil || kind == "integer_t" && (n > 1<<31-1 || n < -1<<31) {
			c.add("%s is no %s: %v", at, kind, v)
		}
	case "boolean_t":
		if !isBool {
			c.add("%s is no boolean", at)
		}
	default:
		c.add("%s: the type %s isn't known here", at, kind)
	}
}

// TestChecker: it refuses what the schema does.
func TestChecker(t *testing.T) {
	s := published(t)
	good := string(events(t, sample())[1])
	if wrong := s.check([]byte(good)); len(wrong) > 0 {
		t.Fatal(wrong)
	}
	for change, want := range map[[2]string]string{
		{`"class_uid":1007`, `"class_uid":1006`}:             "none of its numbers",
		{`"type_uid":100701`, `"type_uid":100702`}:           "class_uid*100",
		{`"activity_id":1,`, ``}:                             "activity_id is required",
		{`"activity_name":"Launch"`, `"activity_name":"No"`}: "beside it stands",
		{`"severity_id":1`, `"severity_id":7`}:               "none of its numbers",
		{`"metadata":{`, `"metadata":{"more":1,`}:            "metadata.more is none",
		{`"vendor_name":"opsh",`, ``}:                        "vendor_name is required",
		{`["security_control"]`, `[]`}:                       "is of profile",
		{`["security_control"]`, `"security_control"`}:       "array true",
		{`"is_remote":true`, `"is_remote":"yes"`}:            "no boolean",
		{`"time":1`, `"time":"x1`}:                           "invalid character",
		{`"process":{"uid":`, `"process":{"name2":`}:         "process has none of",
		{`"hostname":"ip-10-0-0-1"`, `"hostname":"a b"`}:     "is no hostname_t",
		{`"type_id":99,`, ``}:                                "device.type_id is required",
		{`"name":"rails","type_id":1`, `"type_id":1`}:        "process.file.name is required",
		{`"actor":{`, `"unmapped2":{`}:                       "actor is required",
		{`"sequence":1`, `"sequence":1.5`}:                   "is no integer_t",
	} {
		changed := strings.Replace(good, change[0], change[1], 1)
		if changed == good {
			t.Errorf("%s isn't in %s", change[0], good)
		} else if wrong := s.check([]byte(changed)); !strings.Contains(strings.Join(wrong, "\n"), want) {
			t.Errorf("%v: %v", change, wrong)
		}
	}
}
