package record

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestReport: the evidence of sessions that opsh held, from where they were shipped to, and from this machine.
func TestReport(t *testing.T) {
	t.Parallel()
	w := build(t, "refuse")
	w.shipRecordings(t, "rec-report")
	for _, runbook := range []string{w.mark("a") + "\nfrobnicate\n", "touch /nonexistent/file\n"} {
		cmd, out := w.opsh(t, runbook, "-s")
		if err := cmd.Run(); err == nil {
			t.Fatalf("%q goes well\n%s", runbook, out)
		}
	}
	for _, trail := range w.trails(t) {
		w.shipped(t, trail)
	}
	for _, c := range []struct {
		name   string
		status int // the log group has a stream that was never a trail: whether it has been one, nobody can tell
		places []string
	}{
		{"shipped", 1, []string{"--recordings", "s3://rec-report/opsh/", "logs:" + w.group}},
		{"here", 0, []string{"--recordings", filepath.Join(w.place.State, "recording"), filepath.Join(w.place.State, "trail")}},
	} {
		to := filepath.Join(t.TempDir(), "report.html")
		said, status := w.opsctl(t, append([]string{"report", "--since", "24h", "--sample", "3", "--seed", "x", "--out", to}, c.places...)...)
		if status != c.status {
			t.Errorf("%s: status %d\n%s", c.name, status, said)
		}
		text, err := os.ReadFile(to)
		must(t, err)
		for want, times := range map[string]int{"It agrees with the trail": 2, "Whole: every record": 2, "Records are altered or missing": c.status, "command refused": 1, "application/json": 2} {
			if n := strings.Count(string(text), want); n != times {
				t.Errorf("%s: %d times %q in the page, want %d", c.name, n, want, times)
			}
		}
		_, output, _ := strings.Cut(string(text), `<pre class="output">`)
		if output, _, _ = strings.Cut(output, "</pre>"); !strings.HasPrefix(output, "/usr/bin/touch: cannot") || strings.Contains(output, "opsh:") || strings.Contains(output, "\n") {
			t.Errorf("%s: the command's output is %q", c.name, output)
		}
	}
}
