package main

import "testing"

func TestArgs(t *testing.T) {
	for _, ok := range []struct {
		argv []string
		want args
	}{
		{nil, args{}},
		{[]string{"opsh"}, args{}},
		{[]string{"-opsh"}, args{}},
		{[]string{"opsh", "-l"}, args{}},
		{[]string{"opsh", "-c", "mysql -t"}, args{mode: modeCommand, line: "mysql -t"}},
		{[]string{"-opsh", "-l", "-c", "-c"}, args{mode: modeCommand, line: "-c"}},
		{[]string{"opsh", "-c", ""}, args{mode: modeCommand}},
		{[]string{"opsh", "-s", "--reason", "INC-1 x"}, args{mode: modeRunbook, reason: "INC-1 x"}},
		{[]string{"opsh", "--reason=INC-1", "-c", "x"}, args{mode: modeCommand, line: "x", reason: "INC-1"}},
		{[]string{"opsh", "-t"}, args{mode: modeCheck}},
		{[]string{"opsh", "-T"}, args{mode: modeCheckLive}},
		{[]string{"opsh: recorder"}, args{mode: modeRecorder}},
		{[]string{"opsh", "--version"}, args{mode: modeVersion}},
	} {
		if got, err := parse(ok.argv); err != nil || got != ok.want {
			t.Errorf("%q: %+v, %v", ok.argv, got, err)
		}
	}
	for _, bad := range [][]string{
		{"opsh", "-c"}, {"opsh", "-c", "a", "b"}, {"opsh", "a"}, {"opsh", "-cmysql"}, {"opsh", "-lc", "x"}, {"opsh", "-x"},
		{"opsh", "-c", "x", "-s"}, {"opsh", "-s", "-t"}, {"opsh", "-t", "-T"}, {"opsh", "-l", "-l"}, {"opsh", "-c", "x", "-c", "y"},
		{"opsh", "--reason"}, {"opsh", "--reason", " "}, {"opsh", "--reason="}, {"opsh", "--reason", "a", "--reason=b"}, {"opsh", "--rea", "x"},
		{"opsh", "--policy", "/tmp/p"}, {"opsh", "--"}, {"opsh", "-"}, {"opsh", ""}, {"opsh", "-s", "/tmp/runbook"}, {"opsh", "--version=1"},
		{"opsh: recorder", "-s", "-c"}, {"opsh", "opsh: recorder"},
	} {
		if got, err := parse(bad); err == nil {
			t.Errorf("%q: accepted as %+v", bad, got)
		}
	}
}
