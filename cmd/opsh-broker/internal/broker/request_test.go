package broker

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"opsh/cmd/internal/entry"
)

// FuzzParse: what is taken is what the usual reader of JSON makes of it, in exactly these keys, in every form that the checks promise.
func FuzzParse(f *testing.F) {
	good := `{"version":1,"cluster":"c","task":"` + strings.Repeat("0", 32) + `","container":"o","runbook":true,"reason":"なぜ","time":"2026-11-25T09:00:00.000000000Z","nonce":"` + strings.Repeat("a", 32) + `"}`
	if _, _, err := parse([]byte(good)); err != nil {
		f.Fatal(err)
	}
	for _, seed := range []string{good, good + good, "[" + good + "]", strings.Replace(good, "cluster", "Cluster", 1), `{"version":1,"version":1}`, `{"task":{"a":[1]}}`, "{", `{"a"`, `{"a":`, `{"version":1.0`, "\xff", "null", ""} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		got, made, err := parse(body)
		if err != nil {
			return
		}
		var usual entry.Request
		var keys map[string]any
		if json.Unmarshal(body, &usual) != nil || json.Unmarshal(body, &keys) != nil || !reflect.DeepEqual(usual, got) || len(keys) != 8 {
			t.Errorf("%q: %+v, but %+v", body, got, usual)
		}
		if made.UTC().Format(entry.TimeForm) != got.Time || got.Reason == "" || len(got.Reason) > maxReason {
			t.Errorf("%q: %+v at %s", body, got, made)
		}
	})
}
