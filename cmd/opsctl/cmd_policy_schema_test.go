package main

import (
	"encoding/json"
	"testing"
)

func TestPolicySchema(t *testing.T) {
	status, out, err := opsctl("policy", "schema")
	if status != 0 || err != "" || !json.Valid([]byte(out)) {
		t.Errorf("%d %s", status, err)
	}
	if status, out, err := opsctl("policy", "schema", "x"); status != 2 || out != "" || err == "" {
		t.Errorf("%d %q %q", status, out, err)
	}
}
