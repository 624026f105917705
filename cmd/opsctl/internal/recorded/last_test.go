package recorded

import (
	"fmt"
	"strings"
	"testing"

	"opsh/shell/audit"
	"opsh/shell/recording"
	"opsh/shell/transcript"
)

// TestNothingForgedBehindTheEnd: nothing vouches for what follows the record that ends a session, so there may be what opsh writes there alone. Each of
// these was once taken for it.
func TestNothingForgedBehindTheEnd(t *testing.T) {
	ended := transcript.End(end(), "") + "\r\n"
	genuine := output(ended) + exited
	half := genuine[:len(genuine)-1]
	for name, test := range map[string]struct{ last, want string }{
		"a command that never ran": {output("opsh: \r\x1b[H\x1b[2Jopsh> mysql -e 'DROP TABLE orders'\x1b[K\r\nopsh: #9 2026-11-25T10:00:00.000Z run mysql -e 'DROP TABLE orders' [deadbeef]\r\n"), "a control character"},
		"the same before the end":  {output("opsh: #9 2026-11-25T10:00:00.000Z run mysql [deadbeef]\r\n"+ended) + exited, "none of opsh's"},
		"indented words":           {output("  I saw nothing\r\n"+ended) + exited, "none of opsh's"},
		"cut off":                  {"", "the end's line isn't there"},
		"the status alone":         {exited, "the end's line isn't there"},
		"no status":                {output(ended), "the exit status isn't behind"},
		"half of the status":       {half, "no event"},
		"NULs":                     {genuine + "\x00\x00\x00", "no event"},
		"NULs in the text":         {output("\x00\x00\x00"+ended) + exited, "its last line isn't the end's"},
		"comments":                 {strings.Repeat("#", 60<<10) + "\n" + genuine, "none of a recorder's"},
		"comments behind":          {genuine + "# x\n", "no event"},
		"half a comment":           {genuine + "#", "no event"},
		"blank lines":              {"\n\n" + genuine, "none of a recorder's"},
		"blanks between":           {strings.Replace(genuine, ",", " , ", 1), "none of a recorder's"},
		"escaped differently":      {strings.Replace(genuine, "opsh", `\u006fpsh`, 1), "none of a recorder's"},
		"another status":           {output(ended) + strings.Replace(exited, "0\"", "1\"", 1), "its exit status is 1"},
		"evil for a status":        {output(ended) + `[0.000,"x","evil"]` + "\n", "its exit status is evil"},
		"two statuses":             {genuine + exited, "something follows"},
		"two ends":                 {output(ended) + genuine, "the exit status isn't behind"},
		"a screen that is cleared": {output("opsh: \x1b[2J\r\n"+ended) + exited, "a control character"},
		"C1":                       {output("opsh: \u009b2J\r\n"+ended) + exited, "a control character"},
		"a line drawn over":        {output("opsh: error: x\ropsh: y\r\n"+ended) + exited, "a control character"},
		"VT":                       {output("opsh: x\vy\r\n"+ended) + exited, "a control character"},
		"a direction":              {output("opsh: \u202ex\r\n"+ended) + exited, "a control character"},
		"LF alone":                 {output(strings.TrimSuffix(ended, "\r\n")+"\n") + exited, "without its end"},
		"an error that was none":   {output("opsh: error: x\r\n"+ended) + exited, "none of opsh's"},
		"a hint about nothing":     {output("opsh: hint: x\r\n"+ended) + exited, "none of opsh's"},
		"far to the right":         {output(transcript.Behind+": "+strings.Repeat(" ", 100)+"x\r\n"+ended) + exited, "none of opsh's"},
		"a warning twice":          {output(transcript.Behind+"\r\n"+transcript.Behind+"\r\n"+ended) + exited, "none of opsh's"},
		"a mac of other letters":   {output(strings.TrimSuffix(ended, "\r\n")+" mac="+strings.Repeat("x", 64)+"\r\n") + exited, "its last line isn't the end's"},
		"another's end":            {strings.Replace(genuine, "[aaaaaaaa]", "[bbbbbbbb]", 1), "its last line isn't the end's"},
		"a marker":                 {`[0.000,"m","#9 x"]` + "\n" + genuine, "an event of the kind 'm'"},
		"a size with more":         {`[0.000,"r","80x24 "]` + "\n" + genuine, "a size that is none"},
		"two sizes":                {strings.Repeat(`[0.000,"r","80x24"]`+"\n", 2) + genuine, "an event of the kind 'r'"},
		"a cut, with room":         {recording.CutComment + `[0.000,"m","cut"]` + "\n" + exited, "none of a recorder's"},
	} {
		t.Run(name, func(t *testing.T) {
			holds(t, []audit.Record{begin(), exit(), end()}, test.last, test.want)
		})
	}
}

// holds checks a session's recording with these last lines.
func holds(t *testing.T, records []audit.Record, last, want string) Result {
	t.Helper()
	var trail Trail
	for _, r := range records {
		trail.Add(r)
	}
	got, err := trail.Check(strings.NewReader(first + second + last))
	switch {
	case err != nil:
		t.Error(err)
	case want == "" && !got.Agrees():
		t.Errorf("%q", got.Problems)
	case want != "" && (got.Agrees() || !strings.Contains(got.Problems[0], want)):
		t.Errorf("no %q in %q", want, got.Problems)
	}
	return got
}

// TestLastLines is what opsh does write behind an end.
func TestLastLines(t *testing.T) {
	failed := end()
	failed.Status, failed.Why = new(int), "stopped at line 2:  it  failed, and this is long enough to be folded somewhere"
	*failed.Status = 125
	unrecorded := exit()
	unrecorded.Category, unrecorded.Why = audit.CategoryUnrecorded, "ended: "+recording.Lost+"/x.cast: no space left on device"
	unshipped := unrecorded
	unshipped.Why = "not started: CloudWatch Logs has not acknowledged its record within 30s"
	cut := end()
	cut.Recorded.Cut = 5
	said := "opsh: error: stopped at line 2: it failed, and this is long enough to be folded\r\n  somewhere\r\n"
	ended := func(r audit.Record) string { return transcript.End(r, "") + "\r\n" }
	status := func(r audit.Record) string { return fmt.Sprintf(`[0.100,"x","%d"]`, *r.Status) + "\n" }
	for name, test := range map[string]struct {
		records []audit.Record
		last    string
		want    string
	}{
		"why it ended":               {[]audit.Record{begin(), failed}, output(said+ended(failed)) + status(failed), ""},
		"not why it ended":           {[]audit.Record{begin(), failed}, output(ended(failed)) + status(failed), "don't say why"},
		"another reason":             {[]audit.Record{begin(), failed}, output(strings.Replace(said, "failed", "worked", 1)+ended(failed)) + status(failed), "don't say why"},
		"and what isn't shipped":     {[]audit.Record{begin(), failed}, output(said+transcript.Behind+"\r\n"+ended(failed)) + status(failed), ""},
		"resized":                    {[]audit.Record{begin(), end()}, `[0.000,"r","100x30"]` + "\n" + output(ended(end())) + exited, ""},
		"recording had failed":       {[]audit.Record{begin(), unrecorded, end()}, "", ""},
		"only shipping had failed":   {[]audit.Record{begin(), unshipped, end()}, "", "the end's line isn't there"},
		"and yet there is more":      {[]audit.Record{begin(), unrecorded, end()}, output("opsh: x\r\n"), "its last line isn't the end's"},
		"cut before":                 {[]audit.Record{begin(), cut}, exited, ""},
		"cut before, and yet lines":  {[]audit.Record{begin(), cut}, output(ended(cut)) + exited, "no room"},
		"cut before, without status": {[]audit.Record{begin(), cut}, "", "the exit status isn't"},
	} {
		t.Run(name, func(t *testing.T) { holds(t, test.records, test.last, test.want) })
	}
	full := end()
	full.Recorded.Bytes = recording.Most - 1<<20
	trail := Trail{end: &full}
	marked := recording.CutComment + `[0.000,"m","cut"]` + "\n"
	for last, want := range map[string]string{
		marked + exited:                        "",
		output(ended(full)) + exited:           "",
		recording.CutComment + exited:          "nothing marks",
		marked + output(ended(full)) + exited:  "the exit status isn't",
		output(ended(full)) + marked + exited:  "no room",
		marked + marked + exited:               "none of a recorder's",
		marked:                                 "the exit status isn't",
		strings.Replace(marked, "cut", "x", 1): "none of a recorder's",
	} {
		if got := trail.after([]byte(last)); want == "" && got != "" || !strings.Contains(got, want) {
			t.Errorf("%q: %q, want %q", last, got, want)
		}
	}
}

// TestUnproven: what an open trail doesn't vouch for is counted.
func TestUnproven(t *testing.T) {
	got := holds(t, []audit.Record{begin(), exit()}, "", "")
	if got.Unproven != int64(len(second)) || len(got.Notes) != 1 || !strings.HasPrefix(got.Notes[0], fmt.Sprintf("unproven: %d bytes after the exit of command #1", len(second))) {
		t.Errorf("%+v", got)
	}
	unmeasured := end()
	unmeasured.Recorded = nil
	if got := holds(t, []audit.Record{begin(), exit(), unmeasured}, "", ""); got.Unproven != int64(len(second)) {
		t.Errorf("an end without a measure: %+v", got)
	}
	if got := holds(t, []audit.Record{begin(), exit(), end()}, output(transcript.End(end(), "")+"\r\n")+exited, ""); got.Unproven != 0 || len(got.Notes) > 0 {
		t.Errorf("a whole session: %+v", got)
	}
}
