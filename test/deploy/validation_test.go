package deploy

import (
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"
)

// TestValidations: what a variable refuses. Each wildcard, blank or ARN here would open more than the module says.
func TestValidations(t *testing.T) {
	m := readModule(t, moduleDir)
	provider := "arn:aws:iam::" + account + ":oidc-provider/token.actions.githubusercontent.com"
	texts := func(all ...string) cty.Value {
		var list []cty.Value
		for _, s := range all {
			list = append(list, cty.StringVal(s))
		}
		return cty.TupleVal(list)
	}
	github := func(repository, environment, provider string) cty.Value {
		return object("repository", repository, "environment", environment, "provider_arn", provider)
	}
	for _, r := range []struct {
		variable string
		value    cty.Value
		allow    bool
	}{
		{"cluster_name", cty.StringVal("prod-main"), true},
		{"cluster_name", cty.StringVal("prod-*"), false},
		{"cluster_name", cty.StringVal("arn:aws:ecs:ap-northeast-1:" + account + ":cluster/prod-main"), false},
		{"container_name", cty.StringVal("ops"), true},
		{"container_name", cty.StringVal("*"), false},
		{"container_name", cty.StringVal("op?"), false},
		{"container_name", cty.StringVal("ops\nweb"), false},
		{"log_group_prefix", cty.NullVal(cty.String), true},
		{"log_group_prefix", cty.StringVal("/ecs/prod"), true},
		{"log_group_prefix", cty.StringVal("/ecs/*"), false},
		{"log_group_prefix", cty.StringVal("/ecs/"), false},
		{"log_group_prefix", cty.StringVal("/ecs:x"), false},
		{"retention_days", cty.NumberIntVal(365), true},
		{"retention_days", cty.NumberIntVal(0), false},
		{"retention_days", cty.NumberIntVal(364), false},
		{"operator_principals", texts("arn:aws:iam::" + account + ":role/engineers"), true},
		{"operator_principals", cty.EmptyTupleVal, false},
		{"operator_principals", texts("*"), false},
		{"operator_principals", texts("arn:aws:iam::" + account + ":role/*"), false},
		{"operator_principals", texts("arn:aws:iam::*:root"), false},
		{"github", cty.NullVal(cty.DynamicPseudoType), true},
		{"github", github("example/ops", "production-ops", provider), true},
		{"github", github("example@12/ops@34", "production-ops", provider), true},
		{"github", github("example@12/ops", "production-ops", provider), false},
		{"github", github("example/*", "production-ops", provider), false},
		{"github", github("example/ops:ref", "production-ops", provider), false},
		{"github", github("example/ops", "*", provider), false},
		{"github", github("example/ops", "production-ops", "arn:aws:iam::"+account+":oidc-provider/evil.example"), false},
		{"broker", cty.NullVal(cty.DynamicPseudoType), true},
		{"broker", object("package", "build/broker.zip", "service", "ops", "rules", ""), true},
		{"broker", object("package", "build/broker", "service", "ops", "rules", ""), false},
		{"broker", object("package", "broker.zip", "service", "*", "rules", ""), false},
		{"broker", object("package", "broker.zip", "service", "ops\"\ncontainer = \"app", "rules", ""), false},
		{"session_bucket_name", cty.StringVal("prod-exec-logs"), true},
		{"session_bucket_name", cty.StringVal("prod/*"), false},
		{"object_lock_mode", cty.StringVal("COMPLIANCE"), true},
		{"object_lock_mode", cty.StringVal("NONE"), false},
		{"opsh_paths", texts("opsh"), true},
		{"opsh_paths", texts("*"), false},
		{"opsh_paths", texts("sh -c opsh"), false},
		{"opsh_paths", cty.EmptyTupleVal, false},
		{"session_hours", cty.NumberIntVal(12), true},
		{"session_hours", cty.NumberIntVal(13), false},
		{"key_deletion_days", cty.NumberIntVal(6), false},
	} {
		b := m.of("variable")[r.variable]
		if b == nil || len(b.Blocks) == 0 {
			t.Fatalf("variable %s has no validation", r.variable)
		}
		ctx := &hcl.EvalContext{Functions: functions, Variables: map[string]cty.Value{"var": cty.ObjectVal(map[string]cty.Value{r.variable: r.value})}}
		got := true
		for _, rule := range b.Blocks {
			v, diags := rule.Body.Attributes["condition"].Expr.Value(ctx)
			if diags.HasErrors() {
				t.Fatalf("%s: %v", r.variable, diags)
			}
			got = got && v.True()
		}
		if got != r.allow {
			t.Errorf("%s = %#v is allowed: %v", r.variable, r.value, got)
		}
	}
}
