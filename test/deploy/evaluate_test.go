package deploy

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/ext/dynblock"
	"github.com/hashicorp/hcl/v2/ext/tryfunc"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
	"github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/function/stdlib"
)

// plan is a module evaluated with sample values in a sample account: its locals and its policy documents.
type plan struct {
	module   module
	vars     map[string]cty.Value
	locals   map[string]cty.Value
	policies map[string]policy
}

// functions are those of Terraform's that the module uses.
var functions = map[string]function.Function{
	"can": tryfunc.CanFunc, "concat": stdlib.ConcatFunc, "contains": stdlib.ContainsFunc, "flatten": stdlib.FlattenFunc, "jsonencode": stdlib.JSONEncodeFunc,
	"keys": stdlib.KeysFunc, "length": stdlib.LengthFunc, "merge": stdlib.MergeFunc, "regex": stdlib.RegexFunc, "values": stdlib.ValuesFunc,
	"toset": stdlib.MakeToFunc(cty.Set(cty.DynamicPseudoType)),
	"alltrue": function.New(&function.Spec{
		Params: []function.Parameter{{Name: "list", Type: cty.List(cty.Bool)}},
		Type:   function.StaticReturnType(cty.Bool),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			return cty.BoolVal(!slices.ContainsFunc(args[0].AsValueSlice(), cty.Value.False)), nil
		},
	}),
}

// china is where a sample account is when its partition isn't the usual one.
var china = map[string]string{"partition": "aws-cn", "suffix": "amazonaws.com.cn", "region": "cn-north-1"}

var japan = map[string]string{"partition": "aws", "suffix": "amazonaws.com", "region": "ap-northeast-1"}

const account = "111122223333"

func object(pairs ...string) cty.Value {
	found := map[string]cty.Value{}
	for i := 0; i < len(pairs); i += 2 {
		found[pairs[i]] = cty.StringVal(pairs[i+1])
	}
	return cty.ObjectVal(found)
}

// sample are values for the variables without a default.
func sample() map[string]cty.Value {
	return map[string]cty.Value{
		"cluster_name":        cty.StringVal("prod-main"),
		"container_name":      cty.StringVal("ops"),
		"operator_principals": cty.TupleVal([]cty.Value{cty.StringVal("arn:aws:iam::" + account + ":role/engineers")}),
	}
}

func with(more map[string]cty.Value) map[string]cty.Value {
	s := sample()
	maps.Copy(s, more)
	return s
}

// evaluate works out a module's locals and policy documents: again and again, until nothing more can be, because each may need another.
func evaluate(t *testing.T, where map[string]string, given map[string]cty.Value) plan {
	t.Helper()
	p := plan{module: readModule(t, moduleDir), vars: map[string]cty.Value{}, locals: map[string]cty.Value{}, policies: map[string]policy{}}
	for name, b := range p.module.of("variable") {
		v, ok := given[name]
		if !ok {
			var diags hcl.Diagnostics
			if v, diags = b.Attributes["default"].Expr.Value(nil); diags.HasErrors() {
				t.Fatal(diags)
			}
		}
		p.vars[name] = v
	}
	locals, documents := p.module.locals(), map[string]*hclsyntax.Body{}
	for name, b := range p.module.of("data") {
		if kind, short, _ := strings.Cut(name, "."); kind == "aws_iam_policy_document" {
			documents[short] = b
		}
	}
	resources := p.module.of("resource")
	done := map[string]cty.Value{}
	for {
		before := len(p.locals) + len(p.policies) + len(done)
		ctx := p.context(where, done)
		var stuck hcl.Diagnostics
		for name, e := range locals {
			v, diags := e.Value(ctx)
			if stuck = append(stuck, diags...); !diags.HasErrors() {
				p.locals[name] = v
			}
		}
		for name, b := range documents {
			made, diags := document(b, ctx)
			if stuck = append(stuck, diags...); !diags.HasErrors() {
				p.policies[name] = made
			}
		}
		for name, b := range resources {
			v, diags := stand(name, b, ctx)
			if stuck = append(stuck, diags...); !diags.HasErrors() {
				done[name] = v
			}
		}
		if len(p.locals)+len(p.policies)+len(done) == before {
			if stuck.HasErrors() {
				t.Fatal(stuck)
			}
			return p
		}
	}
}

// context is all that is known by now.
func (p plan) context(where map[string]string, resources map[string]cty.Value) *hcl.EvalContext {
	documents := map[string]cty.Value{"none": object("json", "")}
	for name, made := range p.policies {
		text, err := json.Marshal(made)
		if err != nil {
			panic(err)
		}
		documents[name] = object("json", string(text))
	}
	one := func(pairs ...string) cty.Value {
		return cty.ObjectVal(map[string]cty.Value{"current": object(pairs...)})
	}
	all := map[string]cty.Value{
		"var":   cty.ObjectVal(p.vars),
		"local": cty.ObjectVal(p.locals),
		"data": cty.ObjectVal(map[string]cty.Value{
			"aws_partition":           one("partition", where["partition"], "dns_suffix", where["suffix"]),
			"aws_region":              one("region", where["region"]),
			"aws_caller_identity":     one("account_id", account),
			"aws_iam_policy_document": cty.ObjectVal(documents),
		}),
	}
	kinds := map[string]map[string]cty.Value{}
	for name, v := range resources {
		kind, short, _ := strings.Cut(name, ".")
		if kinds[kind] == nil {
			kinds[kind] = map[string]cty.Value{}
		}
		kinds[kind][short] = v
	}
	for kind, named := range kinds {
		all[kind] = cty.ObjectVal(named)
	}
	return &hcl.EvalContext{Variables: all, Functions: functions}
}

// stand stands for a resource: what AWS would say of it is made up, its name and number are the module's.
func stand(name string, b *hclsyntax.Body, ctx *hcl.EvalContext) (cty.Value, hcl.Diagnostics) {
	made := func(ctx *hcl.EvalContext, what string) (cty.Value, hcl.Diagnostics) {
		id := what
		for _, a := range []string{"name", "bucket"} {
			if own := b.Attributes[a]; own != nil {
				v, diags := own.Expr.Value(ctx)
				if diags.HasErrors() {
					return v, diags
				}
				id = v.AsString()
			}
		}
		return object("arn", "arn-of:"+what, "id", id, "name", id, "bucket", id, "key_id", "id-of:"+what), nil
	}
	if count := b.Attributes["count"]; count != nil {
		n, diags := count.Expr.Value(ctx)
		if diags.HasErrors() {
			return n, diags
		}
		if n.Equals(cty.NumberIntVal(0)).True() {
			return cty.EmptyTupleVal, nil
		}
		v, diags := made(ctx, name)
		return cty.TupleVal([]cty.Value{v}), diags
	}
	each := b.Attributes["for_each"]
	if each == nil {
		return made(ctx, name)
	}
	set, diags := each.Expr.Value(ctx)
	if diags.HasErrors() {
		return set, diags
	}
	found := map[string]cty.Value{}
	for it := set.ElementIterator(); it.Next(); {
		key, value := it.Element()
		if set.Type().IsSetType() {
			key = value
		}
		inner := ctx.NewChild()
		inner.Variables = map[string]cty.Value{"each": cty.ObjectVal(map[string]cty.Value{"key": key, "value": value})}
		v, diags := made(inner, name+"."+key.AsString())
		if diags.HasErrors() {
			return v, diags
		}
		found[key.AsString()] = v
	}
	return cty.ObjectVal(found), nil
}

func schema(blocks []string, attributes ...string) *hcl.BodySchema {
	s := &hcl.BodySchema{}
	for _, b := range blocks {
		s.Blocks = append(s.Blocks, hcl.BlockHeaderSchema{Type: b})
	}
	for _, a := range attributes {
		s.Attributes = append(s.Attributes, hcl.AttributeSchema{Name: a})
	}
	return s
}

// document is an aws_iam_policy_document as the provider would make it. What the provider doesn't know is an error.
func document(b *hclsyntax.Body, ctx *hcl.EvalContext) (made policy, diags hcl.Diagnostics) {
	content, diags := dynblock.Expand(b, ctx).Content(schema([]string{"statement"}, "source_policy_documents"))
	strings := func(attributes hcl.Attributes, name string) []string {
		a := attributes[name]
		if a == nil {
			return nil
		}
		v, d := a.Expr.Value(ctx)
		if diags = append(diags, d...); d.HasErrors() {
			return nil
		}
		if v.Type() == cty.String {
			return []string{v.AsString()}
		}
		list, err := convert.Convert(v, cty.List(cty.String))
		if err != nil {
			diags = append(diags, &hcl.Diagnostic{Severity: hcl.DiagError, Summary: err.Error(), Subject: &a.Range})
			return nil
		}
		var found []string
		for _, one := range list.AsValueSlice() {
			found = append(found, one.AsString())
		}
		return found
	}
	for _, source := range strings(content.Attributes, "source_policy_documents") {
		var from policy
		if err := json.Unmarshal([]byte(source), &from); err != nil {
			return made, append(diags, &hcl.Diagnostic{Severity: hcl.DiagError, Summary: err.Error()})
		}
		made.Statement = append(made.Statement, from.Statement...)
	}
	for _, block := range content.Blocks {
		inner, d := block.Body.Content(schema([]string{"principals", "condition"}, "sid", "effect", "actions", "resources"))
		diags = append(diags, d...)
		s := statement{Effect: "Allow", Action: strings(inner.Attributes, "actions"), Resource: strings(inner.Attributes, "resources")}
		s.Sid = first(strings(inner.Attributes, "sid"))
		if effect := strings(inner.Attributes, "effect"); effect != nil {
			s.Effect = effect[0]
		}
		for _, part := range inner.Blocks {
			content, d := part.Body.Content(schema(nil, "type", "identifiers", "test", "variable", "values"))
			diags = append(diags, d...)
			if part.Type == "principals" {
				s.Principal = append(s.Principal, principal{first(strings(content.Attributes, "type")), strings(content.Attributes, "identifiers")})
				continue
			}
			s.Condition = append(s.Condition, condition{first(strings(content.Attributes, "test")), first(strings(content.Attributes, "variable")),
				strings(content.Attributes, "values")})
		}
		made.Statement = append(made.Statement, s)
	}
	return made, diags
}

func first(list []string) string {
	if len(list) == 0 {
		return ""
	}
	return list[0]
}
