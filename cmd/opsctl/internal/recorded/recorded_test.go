package recorded

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"testing"
	"time"

	"opsh/shell/audit"
	"opsh/shell/recording"
	"opsh/shell/transcript"
)

const first = `{"version":3,"term":{"cols":80,"rows":24},"timestamp":1,"title":"s"}
[0.1,"m","#1 x"]
[0.1,"o","one"]
`

const second = `[0.1,"o","two"]
[0.1,"i",""]
`

const exited = `[0.100,"x","0"]` + "\n"

// output is an event as a recorder writes it.
func output(text string) string {
	return string(recording.Event{Code: recording.Output, Data: text}.Line(100 * time.Millisecond))
}

func upTo(text string) *audit.Recorded {
	sum := sha256.Sum256([]byte(text))
	return &audit.Recorded{Bytes: int64(len(text)), SHA256: hex.EncodeToString(sum[:])}
}

var code = 0

func begin() audit.Record {
	return audit.Record{Event: audit.Begin, Session: "s", Recording: audit.RecordingLocal}
}

func exit() audit.Record {
	return audit.Record{Event: audit.Exit, Command: 1, Status: &code, Recorded: upTo(first)}
}

func end() audit.Record {
	return audit.Record{Event: audit.End, Status: &code, Category: audit.CategoryExit, Recorded: upTo(first + second), Hash: strings.Repeat("a", 64)}
}

func TestCheck(t *testing.T) {
	last := output(transcript.End(end(), "")+"\r\n") + exited
	whole := first + second + last
	killed := end()
	killed.Why = transcript.Killed
	for name, test := range map[string]struct {
		records []audit.Record
		cast    string
		want    string // in the first problem; "": none
		vouched int
	}{
		"whole":                  {[]audit.Record{begin(), exit(), end()}, whole, "", len(first + second)},
		"words before the end":   {[]audit.Record{begin(), exit(), end()}, first + second + output(transcript.Behind+": x\r\n  y\r\nopsh: hint: do\r\n  this\r\n"+transcript.End(end(), "")+"\r\n") + exited, "", len(first + second)},
		"with a mac":             {[]audit.Record{begin(), exit(), end()}, first + second + output(transcript.End(end(), "nonce")+"\r\n") + exited, "", len(first + second)},
		"alive":                  {[]audit.Record{begin(), exit()}, first + second, "", len(first)},
		"killed":                 {[]audit.Record{begin(), exit(), killed}, first + second, "", len(first + second)},
		"longer than at its end": {[]audit.Record{begin(), exit(), killed}, first + second + last, "found nothing there", len(first + second)},
		"edited before #1":       {[]audit.Record{begin(), exit(), end()}, strings.Replace(whole, "one", "uno", 1), "between the beginning and the exit of command #1", 0},
		"edited after #1":        {[]audit.Record{begin(), exit(), end()}, strings.Replace(whole, "two", "due", 1), "between the exit of command #1 and the session's end", len(first)},
		"cut":                    {[]audit.Record{begin(), exit(), end()}, first + second[:5], "between the exit of command #1 and the session's end isn't all there", len(first)},
		"its last lines cut":     {[]audit.Record{begin(), exit(), end()}, first + second, "the end's line isn't there", len(first + second)},
		"more at the end":        {[]audit.Record{begin(), exit(), end()}, whole + output("more\r\n"), "something follows", len(first + second)},
		"other words at the end": {[]audit.Record{begin(), exit(), end()}, first + second + output("I saw nothing\r\n") + last, "its last line isn't the end's", len(first + second)},
		"typed at the end":       {[]audit.Record{begin(), exit(), end()}, first + second + `[0.100,"i","x"]` + "\n" + last, "an event of the kind", len(first + second)},
		"garbage at the end":     {[]audit.Record{begin(), exit(), end()}, first + second + "x\n", "line 2 is no event", len(first + second)},
		"far too much":           {[]audit.Record{begin(), exit(), end()}, whole + strings.Repeat("x", afterMost), "too long", len(first + second)},
		"another's":              {[]audit.Record{begin(), exit(), end()}, strings.Repeat("x", len(whole)), "between the beginning", 0},
		"off":                    {[]audit.Record{{Event: audit.Begin, Recording: audit.RecordingOff}}, whole, "nothing was recorded", 0},
		"of an older opsh":       {[]audit.Record{{Event: audit.Begin}}, whole, "recorded nothing", 0},
	} {
		t.Run(name, func(t *testing.T) {
			var trail Trail
			for _, r := range test.records {
				trail.Add(r)
			}
			got, err := trail.Check(strings.NewReader(test.cast))
			if err != nil || int(got.Vouched) != test.vouched || int(got.Bytes) != len(test.cast) && test.want != "" && len(got.Problems) == 0 {
				t.Errorf("%+v, %v", got, err)
			}
			switch {
			case test.want == "" && !got.Agrees():
				t.Errorf("%q", got.Problems)
			case test.want != "" && (got.Agrees() || !strings.Contains(got.Problems[0], test.want)):
				t.Errorf("no %q in %q", test.want, got.Problems)
			}
		})
	}
}
