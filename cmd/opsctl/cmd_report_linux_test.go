package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"opsh/test/sample"
)

// sampled is a directory with sessions of all kinds, and CloudTrail's events.
func sampled(t *testing.T) (dir string, demo sample.Made) {
	t.Helper()
	dir = t.TempDir()
	demo, err := sample.Demo(dir)
	if err != nil {
		t.Fatal(err)
	}
	began := time.Date(2026, 11, 24, 3, 0, 0, 0, time.UTC)
	events := []string{sample.Event("ecs-execute-command-0a1b2c3d4e5f60718", began.Add(-9*time.Hour), "hanako.suzuki@example.com", "true"), sample.Event("ecs-execute-command-lost", began, "jiro", "false")}
	for _, s := range []sample.Session{
		{ID: "ecs-execute-command-one", Mode: "command", Reason: "INC-1 example/ops#12", Commands: []sample.Command{{Words: []string{"ls"}, Output: "a\n"}}},
		{ID: "ecs-execute-command-open", Mode: "interactive", NoEnd: true, Commands: []sample.Command{{Words: []string{"ls"}, Typed: true}}},
		{ID: "unstarted", Mode: "command", Unshown: true, Commands: []sample.Command{{Words: []string{"ls"}}}},
	} {
		s.Began = began
		if _, err := sample.Make(dir, s); err != nil {
			t.Fatal(err)
		}
		if s.ID != "unstarted" {
			events = append(events, sample.Event(s.ID, began.Add(-time.Second), "jiro.sato@example.com", "true"))
		}
		began = began.Add(time.Hour)
	}
	if err := os.WriteFile(filepath.Join(dir, "events.json"), []byte(`{"Records": [`+strings.Join(events, ",")+`]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir, demo
}

func TestReport(t *testing.T) {
	dir, demo := sampled(t)
	in := func(name string) string { return filepath.Join(dir, name) }
	out, table := in("out.html"), in("out.csv")
	text, err := os.ReadFile(demo.Trail)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.SplitAfter(string(text), "\n")
	broken, other := file(t, "broken.jsonl", lines[0]+strings.Join(lines[2:], "")), t.TempDir()
	if err := os.WriteFile(filepath.Join(other, "broken.jsonl"), []byte(strings.SplitAfter(read(t, in("trail/ecs-execute-command-one.jsonl")), "\n")[1]), 0o600); err != nil {
		t.Fatal(err)
	}
	events := []string{"--cloudtrail", in("events.json")}
	// Each row of the table appends to these.
	all := slices.Clip(append([]string{"--recordings", in("recording"), "--texts", in("runbook"), "--signers", in("signers")}, events...))
	period := slices.Clip(append([]string{"--since", "2026-11-23", "--until", "2026-12-01", in("trail")}, events...))
	forged := t.TempDir()
	if _, err := sample.Make(forged, sample.Session{ID: "ecs-execute-command-one", Began: time.Date(2026, 11, 24, 3, 0, 0, 0, time.UTC), Mode: "command", Commands: []sample.Command{{Words: []string{"id"}}}}); err != nil {
		t.Fatal(err)
	}
	twin := filepath.Join(forged, "trail")
	as := func(runner string) string {
		return file(t, "as.json", strings.ReplaceAll(read(t, in("events.json")), "ops-operator/hanako.suzuki@example.com", runner))
	}
	const gaps = "1 events without a trail, 1 trails without an event"
	for _, test := range []struct {
		name   string
		args   []string
		status int
		page   []string // in the page
		said   string
	}{
		{"a session, with all", append(all, demo.Trail), 0, []string{"hanako.suzuki@example.com", "203.0.113.7", "used, as CloudTrail has it", "INC-4711", "nobody vouches for it", "taro.yamada@example.com",
			"滞留した注文の解消", "not reached", "same, refused by opsh", "program kept from starting", "決済完了・出荷待ち", "Whole: every record", "It agrees with the trail", "application/json", "opsctl verify --recording"}, "1 in full"},
		{"a session, with nothing", []string{demo.Trail}, 0, []string{"No CloudTrail events were given.", "The runbook&#39;s text was not given.", "no recording was given", "(signer not known)", "it isn&#39;t known who ran it"}, ""},
		{"in Japanese", append(all, "--lang", "ja", demo.Trail), 0, []string{`<html lang="ja">`, "改ざん及び欠落は検出されなかった", "本人であることの裏付けがない。", "日本時間 2026-11-24 03:02:11"}, ""},
		{"by its id", append(all, "--session", "ecs-execute-command-one", in("trail")), 0, []string{"INC-1", "This session did not run a runbook"}, ""},
		{"without an end", append(all, "--session", "ecs-execute-command-open", in("trail")), 0, []string{"the session&#39;s own end is missing", "no record of an end"}, ""},
		{"not recorded", append(all, "--session", "unstarted", in("trail")), 0, []string{"By the policy this session was not recorded", "hold no ExecuteCommand for this session id"}, ""},
		{"by its runbook", append(all, "--runbook", in("runbook"), in("trail")), 0, []string{"Runbook with the SHA-256 8544219355c6"}, ""},
		{"by its runbook's hash", []string{"--runbook", "8544219355c69e0f1bd78804879a24ce5c839a2e100541409ff150ce969cd44e", in("trail")}, 0, []string{"The runbook&#39;s text was not given."}, ""},
		{"by its pull request", []string{"--pr", "https://github.com/example/ops/pull/123", in("trail")}, 0, []string{"INC-4711"}, ""},
		{"one that may belong to it, or not", []string{"--pr", "123", in("trail"), other}, 1, []string{"Trails that may belong here", "broken.jsonl"}, ""},
		{"a broken one of the same session", []string{"--pr", "123", in("trail"), filepath.Dir(broken)}, 1, []string{"1 trails differ from another trail of the same session"}, "2 in full"},
		{"a broken one", append(all, broken), 1, []string{"Records are altered or missing", "record 1 is missing before it"}, "something in it is wrong"},
		{"another log", append(all, "--log", file(t, "log", "Script started\n"), demo.Trail), 1, []string{"It disagrees", "missing (record 0)"}, ""},
		{"another session's recording", []string{"--recordings", in("recording/ecs-execute-command-one.cast"), demo.Trail}, 1, []string{"It disagrees with the trail"}, ""},
		{"no recording there", []string{"--recordings", in("none"), demo.Trail}, 1, []string{"The recording could not be read."}, ""},
		{"a signer", []string{"--cloudtrail", in("events.json"), "--signers", file(t, "signers", strings.ReplaceAll(read(t, in("signers")), "taro.yamada", "hanako.suzuki")), demo.Trail}, 1, []string{"Who ran it is one of its signers."}, ""},
		{"a signer through the broker", []string{"--cloudtrail", as("prod-session/prod-operator=taro.yamada@example.com"), "--signers", in("signers"), demo.Trail}, 1, []string{"Who ran it is one of its signers."}, ""},
		{"a signer under a workflow's name", []string{"--cloudtrail", as("prod-ci/github-1234"), "--signers", in("signers"), demo.Trail}, 0, []string{"nobody vouches for it"}, ""},
		{"who is signed in", []string{"--cloudtrail", as("AWSReservedSSO_Ops_0123456789abcdef/jiro@example.com"), "--signers", in("signers"), demo.Trail}, 0, []string{"Who ran it is none of its signers."}, ""},
		{"a period", append(period, "--csv", table), 1, []string{"ecs-execute-command-one", "There are gaps: 1 events without a trail, 1 trails without an event", "ecs-execute-command-lost", "There was no sampling"}, gaps},
		{"a period without events", period[:5], 0, []string{"Can&#39;t be told: no CloudTrail events were given."}, "4 sessions"},
		{"a sample", append(period, "--sample", "2", "--seed", "2026Q4"), 1, []string{"2 of 4", "printf &#39;%s %s&#39; 2026Q4"}, "2 in full"},
		{"two trails of one session", append(all, "--session", "ecs-execute-command-one", in("trail"), twin), 1, []string{"1 trails differ from another trail of the same session"}, "2 in full"},
		{"one by its pull request", []string{"--pr", "12", in("trail"), twin}, 1, []string{"1 trails differ from another trail of the same session"}, "2 in full"},
		{"one of them twice", append(all, "--session", "ecs-execute-command-one", in("trail"), in("trail")), 0, []string{"INC-1"}, "1 in full"},
		{"a period with them, without events", append(period[:5:5], twin), 1, []string{"There are gaps in the trails alone: 0 of which nobody knows when they began, 1 that differ", "1 trails differ"}, "something in it is wrong"},
		{"a period with them, in Japanese", append(period[:5:5], "--lang", "ja", twin), 1, []string{"同一セッションで内容の異なる証跡 1 件", "矛盾する証跡"}, "something in it is wrong"},
		{"an empty period", []string{"--since", "2020-01-01", "--until", "2020-02-01", in("trail")}, 0, []string{"No session began in the period."}, "0 sessions"},
		{"no such session", []string{"--session", "x", in("trail")}, 125, nil, "there is no such session here"},
		{"several", []string{in("trail")}, 125, nil, "there are several sessions here"},
		{"no trail there", []string{"/nonexistent"}, 125, []string{"The trail could not be read to its end."}, "cannot open /nonexistent"},
		{"nothing", nil, 2, nil, "no place with trails is named"},
		{"two subjects", []string{"--session", "x", "--pr", "1", in("trail")}, 2, nil, "exclude each other"},
		{"a sample without a seed", append(period, "--sample", "2"), 2, nil, "belong together"},
		{"a seed without a period", []string{"--seed", "x", demo.Trail}, 2, nil, "they are about a period"},
		{"another language", []string{"--lang", "fr", demo.Trail}, 2, nil, "there are ja and en"},
		{"no pull request", []string{"--pr", "x y", demo.Trail}, 2, nil, "cannot read the pull request"},
		{"no time", []string{"--since", "soon", in("trail")}, 2, nil, "a time is written"},
		{"a period backwards", []string{"--since", "2026-12-01", "--until", "2026-11-01", in("trail")}, 2, nil, "isn't before"},
		{"signers that aren't", []string{"--signers", demo.Trail, demo.Trail}, 125, nil, "cannot read the signers"},
		{"help", []string{"--help"}, 0, nil, "Exit status: 0 written"},
	} {
		t.Run(test.name, func(t *testing.T) {
			os.Remove(out)
			status, said, complaints := opsctl(append([]string{"report", "--out", out}, test.args...)...)
			if status != test.status || !strings.Contains(said+complaints, test.said) {
				t.Errorf("status %d, want %d\n%s%s", status, test.status, said, complaints)
			}
			if test.page == nil {
				if _, err := os.Stat(out); err == nil {
					t.Error("it writes a page")
				}
				return
			}
			page := read(t, out)
			for _, want := range test.page {
				if !strings.Contains(page, want) {
					t.Errorf("no %q in the page", want)
				}
			}
		})
	}
	if rows := strings.Split(strings.TrimSpace(read(t, table)), "\r\n"); len(rows) != 6 || !strings.Contains(rows[5], `"ecs-execute-command-lost","no trail"`) {
		t.Errorf("the CSV is\n%s", strings.Join(rows, "\n"))
	}
	if status, _, complaints := opsctl("report", "--out", filepath.Join(dir, "none", "x.html"), demo.Trail); status != 125 || !strings.Contains(complaints, "cannot write") {
		t.Errorf("status %d, %s", status, complaints)
	}
}

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
