package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const executedEvents = `{"Records":[
{"userIdentity":{"type":"AssumedRole","arn":"arn:aws:sts::1:assumed-role/ops/taro"},"eventTime":"2026-11-23T18:02:09Z","eventSource":"ecs.amazonaws.com","eventName":"ExecuteCommand","responseElements":{"session":{"sessionId":"ecs-execute-command-0a1b2c3d4e5f"}}},
{"userIdentity":{"type":"AssumedRole","arn":"arn:aws:sts::1:assumed-role/ops/jiro"},"eventTime":"2026-11-23T19:02:09Z","eventSource":"ecs.amazonaws.com","eventName":"ExecuteCommand","responseElements":{"session":{"sessionId":"ecs-execute-command-ffff00001111"}}}]}`

func TestLog(t *testing.T) {
	trail, _ := sampleSession(t)
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "a.jsonl"), []byte(trail), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "a.jsonl.done"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	altered := t.TempDir()
	if err := os.WriteFile(filepath.Join(altered, "b.jsonl"), []byte(strings.Replace(trail, "INC-4711", "INC-4712", 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	events := file(t, "events.json", executedEvents)
	const row = "2026-11-23 18:02:12  3s    -     -        0 exit  1    0       0        -      ecs-execute-command-0a1b2c3d4e5f  INC-4711 障害"
	for _, test := range []struct {
		name   string
		args   string
		status int
		want   []string
		not    string
	}{
		{"all", "--since 2026-11-01 --until 2026-12-01 " + dir, 0, []string{"BEGAN (UTC)", strings.Replace(row, "-     -", "-    -", 1)}, "warning"},
		{"another time", "--since 2026-11-24 --until 2026-12-01 " + dir, 0, nil, "ecs-execute"},
		{"before", "--since 2026-11-01 --until 2026-11-23T18:00 " + dir, 0, nil, "ecs-execute"},
		{"by whom", "--since 2026-11-01 --until 2026-12-01 --person TARO --cloudtrail " + events + " " + dir, 0,
			[]string{strings.Replace(row, "-     -", "taro  -", 1), "ExecuteCommand ecs-execute-command-ffff00001111 by jiro at 2026-11-23T19:02:09Z has no trail here"}, ""},
		{"by nobody", "--since 2026-11-01 --until 2026-12-01 --person hanako --cloudtrail " + events + " " + dir, 0, nil, "0a1b2c3d4e5f"},
		{"its status", "--since 2026-11-01 --until 2026-12-01 --status exit " + dir, 0, []string{"0a1b2c3d4e5f"}, ""},
		{"another status", "--since 2026-11-01 --until 2026-12-01 --status 126 " + dir, 0, nil, "0a1b2c3d4e5f"},
		{"another service", "--since 2026-11-01 --until 2026-12-01 --service web " + dir, 0, nil, "0a1b2c3d4e5f"},
		{"another tool", "--since 2026-11-01 --until 2026-12-01 --tool rails " + dir, 0, nil, "0a1b2c3d4e5f"},
		{"altered", "--since 2026-11-01 --until 2026-12-01 " + altered, 1, []string{"ALTERED", "b.jsonl was altered, or isn't one"}, ""},
		{"not there", "--since 2026-11-01 /nonexistent", 125, []string{"cannot open"}, ""},
		{"a person without CloudTrail", "--person taro " + dir, 2, []string{"give --cloudtrail"}, ""},
		{"no place", "", 2, []string{"no place with trails"}, ""},
		{"no time", "--since soon " + dir, 2, []string{"a time is written"}, ""},
		{"turned around", "--since 2026-12-01 --until 2026-11-01 " + dir, 2, []string{"isn't before"}, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			status, out, complaints := opsctl(append([]string{"log"}, strings.Fields(test.args)...)...)
			if status != test.status || test.not != "" && strings.Contains(out+complaints, test.not) {
				t.Errorf("status %d, want %d\n%s%s", status, test.status, out, complaints)
			}
			for _, w := range test.want {
				if !strings.Contains(out+complaints, w) {
					t.Errorf("no %q in\n%s%s", w, out, complaints)
				}
			}
		})
	}
	_, out, _ := opsctl("log", "--json", "--since", "2026-11-01", "--until", "2026-12-01", "--cloudtrail", events, dir)
	var got logAnswer
	if err := json.Unmarshal([]byte(out), &got); err != nil || len(got.Sessions) != 1 || got.Sessions[0].Opened.Person != "taro" || len(got.Without) != 1 || got.Sessions[0].Runs != 1 {
		t.Errorf("%v\n%s", err, out)
	}
}

// TestReplay prints where there is no terminal.
func TestReplay(t *testing.T) {
	cast := file(t, "ecs-1.cast", `{"version":3,"term":{"cols":80,"rows":24}}`+"\n"+`[0,"m","#1 x"]`+"\n"+`[0,"o","\u001b[31mone\u001b]0;t\u0007\r\n"]`+"\n"+`[0,"m","#2 y"]`+"\n"+`[0,"o","two\r\n"]`+"\n")
	for _, test := range []struct {
		args   []string
		status int
		want   string
	}{
		{[]string{cast}, 0, "one\ntwo\n"},
		{[]string{"--command", "2", cast}, 0, "two\n"},
		{[]string{"--from", filepath.Dir(cast), "ecs-1"}, 0, "one\ntwo\n"},
		{[]string{"--command", "3", cast}, 125, "opsctl: error: cannot go to command #3: the recording has #1 to #2\n"},
		{[]string{"--from", filepath.Dir(cast), "ecs-2"}, 125, "opsctl: error: cannot open"},
		{[]string{"--from", filepath.Dir(cast), "../ecs-1"}, 2, "it isn't a session's id"},
		{[]string{"--speed", "0", cast}, 2, "a number from"},
		{[]string{"--speed", "NaN", cast}, 2, "a number from"},
		{[]string{file(t, "x", "x\n")}, 125, "doesn't begin like an asciicast"},
		{nil, 2, "one recording is to be named"},
	} {
		status, out, complaints := opsctl(append([]string{"replay"}, test.args...)...)
		if status != test.status || !strings.Contains(out+complaints, test.want) || test.status == 0 && out != test.want {
			t.Errorf("%q: %d\n%s%s", test.args, status, out, complaints)
		}
	}
}
