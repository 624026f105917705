package session

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"opsh/cmd/opsctl/internal/frame"
	"opsh/shell/transcript"
)

// TestMain: started as the child, this binary says what it is told to by its environment.
func TestMain(m *testing.M) {
	if len(os.Args) == 2 && os.Args[1] == ChildVerb {
		play()
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// part is what the child says, one after the other. "hang" waits for the parent's order to leave; "runbook" for the runbook.
type part struct{ Kind, Text string }

func play() {
	var script []part
	if err := json.Unmarshal([]byte(os.Getenv("SCRIPT")), &script); err != nil {
		panic(err)
	}
	for _, p := range script {
		for want := map[string]frame.Kind{"hang": frame.Quit, "runbook": frame.Input}[p.Kind]; want != 0; {
			kind, _, err := frame.Read(os.Stdin)
			if err != nil {
				os.Exit(0)
			}
			if kind == want {
				want = 0
			}
		}
		switch p.Kind {
		case "hang", "runbook":
		case "die":
			panic(p.Text)
		default:
			frame.Write(os.Stdout, frame.Kind(p.Kind[0]), []byte(p.Text)) //nolint:errcheck // the parent is gone
		}
	}
}

// TestOutcomes: every way in which a run can end without a status that opsh proves.
func TestOutcomes(t *testing.T) {
	begin := part{"o", "opsh: begin 2026-11-23T18:02:11.004Z 0a1b2c3d4e5f policy 1f0c77aa [9a4410d2]\r\n"}
	runs := part{"o", "opsh: #1 2026-11-23T18:03:00.123Z run x [5f3a91c2]\r\n" + transcript.ToolBegins + "out\r\n"}
	ends := part{"o", transcript.ToolEnds + "opsh: #1 2026-11-23T18:03:01.456Z exit 0 1s [0b77e1d4]\r\n"}
	fake := part{"o", endWith(0, nonce) + "\r\n"} // another run's nonce
	for _, test := range []struct {
		name   string
		script []part
		status int
		why    string
	}{
		{"silent", []part{begin, {"runbook", ""}, runs, {"hang", ""}}, StatusSilent, "nothing was heard"},
		{"never began", []part{{"r", ""}, {"hang", ""}}, StatusSilent, "opsh did not start"},
		{"closed at once", []part{{"c", "Unable to start shell"}}, statusBroken, "Unable to start shell"},
		{"ended", []part{begin, {"runbook", ""}, runs, ends, {"c", ""}}, StatusEnded, "without opsh's last line"},
		{"ended in a tool", []part{begin, {"runbook", ""}, runs, {"c", ""}}, StatusEnded, "without opsh's last line"},
		{"idle", []part{begin, {"runbook", ""}, runs, {"c", "Your session timed out"}}, StatusIdle, "idled"},
		{"lost", []part{begin, {"runbook", ""}, runs, {"l", "no network"}}, StatusLost, "no network"},
		{"died", []part{begin, {"runbook", ""}, runs, {"die", "a bug"}}, StatusLost, "panic: a bug"},
		{"another's end", []part{begin, {"runbook", ""}, runs, ends, fake, {"c", ""}}, StatusForged, "not opsh's"},
		{"another's end in a tool", []part{begin, {"runbook", ""}, runs, fake, {"c", ""}}, StatusForged, "not opsh's"},
		{"another's end and silence", []part{begin, {"runbook", ""}, runs, ends, fake, {"hang", ""}}, StatusSilent, "nothing was heard"},
		{"another's end and no network", []part{begin, {"runbook", ""}, runs, ends, fake, {"l", "no network"}}, StatusLost, "no network"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			script, err := json.Marshal(test.script)
			if err != nil {
				t.Fatal(err)
			}
			var out, said bytes.Buffer
			s := Streams{Out: &out, Err: &said, Program: os.Args[0], Environ: append(os.Environ(), "SCRIPT="+string(script)), Silence: time.Second}
			got, err := Run(context.Background(), Opened{}, Runbook("x\n"), s)
			if err != nil || got.Status != test.status || !strings.Contains(got.Why, test.why) {
				t.Errorf("%+v, %v\n%s", got, err, said.String())
			}
		})
	}
	if _, err := Run(context.Background(), Opened{}, Runbook("x\n"), Streams{Out: io.Discard, Err: io.Discard, Program: "/nonexistent"}); err == nil {
		t.Error("a session without a child")
	}
}
