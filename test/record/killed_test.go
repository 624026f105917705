package record

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"opsh/shell/audit"
)

// TestKilled: the agent's SIGKILL hits opsh alone. The watcher ends the tool, closes the trail and ships it.
func TestKilled(t *testing.T) {
	t.Parallel()
	w := build(t, "refuse")
	cmd, _ := w.opsh(t, "", "-c", "sleep 60")
	must(t, cmd.Start())
	w.until(t, "the tool runs", func() bool { return len(w.trails(t)) == 1 && holds(t, w.trails(t)[0], `"event":"run"`) })
	must(t, cmd.Process.Kill())
	cmd.Wait() //nolint:errcheck // it was killed
	records := w.shipped(t, w.trails(t)[0])
	if end := records[len(records)-1]; end.Event != audit.End || end.Category != audit.CategoryBroken || end.Closer != "" {
		t.Errorf("%+v", end)
	}
}

func holds(t *testing.T, path, text string) bool {
	t.Helper()
	content, err := os.ReadFile(path)
	must(t, err)
	return strings.Contains(string(content), text)
}

// TestAllKilled: opsh and its watcher die at once, as when a task is stopped hard. The next session closes and ships what they left, and
// says so in a record of its own key; a session that lives is left alone.
func TestAllKilled(t *testing.T) {
	t.Parallel()
	w := build(t, "spool")
	w.proxy.Down()
	dead, _ := w.opsh(t, "", "-c", "sleep 60")
	must(t, dead.Start())
	w.until(t, "the tool runs", func() bool { return len(w.trails(t)) == 1 && holds(t, w.trails(t)[0], `"event":"run"`) })
	w.killed(t, dead)
	left := w.trails(t)[0]
	living, out := w.opsh(t, "", "-c", "sleep 5")
	must(t, living.Start())
	w.until(t, "the second session", func() bool { return len(w.trails(t)) == 2 })
	w.proxy.Up()
	records := w.shipped(t, left)
	end := records[len(records)-1]
	if end.Event != audit.End || end.Closer == "" || end.Category != audit.CategoryBroken {
		t.Errorf("%+v", end)
	}
	if verdict, _ := verify(t, left); verdict.State != audit.Open || verdict.Closer != end.Closer {
		t.Errorf("%+v", verdict)
	}
	third, _ := w.run(t, "", "-c", w.mark("three")) // while the second lives
	if err := living.Wait(); err != nil {
		t.Errorf("%v\n%s\n%s", err, out, third)
	}
	for _, path := range w.trails(t) {
		records := w.shipped(t, path)
		if end := records[len(records)-1]; path != left && end.Closer != "" {
			t.Errorf("a living session's trail was closed: %+v", end)
		}
	}
}

// instants is how many sessions TestInstants kills.
const instants = 500

// TestInstants kills a session at 500 instants, every second time with its watcher. Whatever ran has its record, every trail is whole as
// far as it goes, and the next session ships and closes what nobody else did.
func TestInstants(t *testing.T) {
	w := build(t, "spool")
	script := func(i int) string {
		var b strings.Builder
		for n := range 3 {
			fmt.Fprintln(&b, w.mark(fmt.Sprintf("%d.%d", i, n)))
		}
		return b.String()
	}
	start := time.Now()
	if out, status := w.run(t, script(instants), "-s"); status != 0 {
		t.Fatalf("status %d\n%s", status, out)
	}
	whole := time.Since(start)
	random := rand.New(rand.NewPCG(1, 2))
	for i := range instants {
		cmd, _ := w.opsh(t, script(i), "-s")
		must(t, cmd.Start())
		time.Sleep(time.Duration(random.Int64N(int64(whole))))
		if i%2 == 0 {
			for _, p := range w.processes(t) {
				p.Kill() //nolint:errcheck // it may have ended by itself
			}
		}
		cmd.Process.Kill() //nolint:errcheck // it may have ended by itself
		cmd.Wait()         //nolint:errcheck // it was killed
	}
	if out, status := w.run(t, w.mark("last"), "-s"); status != 0 {
		t.Fatalf("status %d\n%s", status, out)
	}
	recorded := map[string]bool{}
	var closed, adopted, empty int
	for _, path := range w.trails(t) {
		if verdict, records := verify(t, path); verdict.Records == 0 {
			empty++ // killed before its first record; then it can't have started anything
			if len(records) != 0 {
				t.Errorf("%s: %+v", path, verdict)
			}
			continue
		}
		records := w.shipped(t, path)
		for _, r := range records {
			if r.Event == audit.Run {
				recorded[filepath.Base(r.Words[1])] = true
			}
		}
		switch end := records[len(records)-1]; {
		case end.Event != audit.End:
			t.Errorf("%s has no end", path)
		case end.Closer != "":
			adopted++
		case end.Category == audit.CategoryBroken:
			closed++
		}
	}
	marks, err := os.ReadDir(w.marks)
	must(t, err)
	for _, m := range marks {
		if !recorded[m.Name()] {
			t.Errorf("%s ran and has no record", m.Name())
		}
	}
	t.Logf("a session takes %s; of %d: %d closed by their watchers, %d adopted, %d empty; %d commands ran, %d were recorded",
		whole, instants, closed, adopted, empty, len(marks), len(recorded))
	if closed < instants/20 || adopted < instants/20 || len(marks) < instants/10 || len(marks) == 3*(instants+1)+1 {
		t.Error("the instants are not those of a session at work")
	}
	w.until(t, "all watchers have gone", func() bool { return len(w.processes(t)) == 0 })
}

// TestTwoAtOnce: two sessions ship side by side, each to its own stream.
func TestTwoAtOnce(t *testing.T) {
	t.Parallel()
	w := build(t, "refuse")
	first, out1 := w.opsh(t, w.mark("a")+"\nsleep 1\n", "-s")
	second, out2 := w.opsh(t, w.mark("b")+"\nsleep 1\n", "-s")
	must(t, first.Start())
	must(t, second.Start())
	if err1, err2 := first.Wait(), second.Wait(); err1 != nil || err2 != nil {
		t.Errorf("%v %v\n%s\n%s", err1, err2, out1, out2)
	}
	var lengths []int
	for _, path := range w.trails(t) {
		lengths = append(lengths, len(w.shipped(t, path)))
	}
	if !slices.Equal(lengths, []int{6, 6}) {
		t.Errorf("trails of %v records", lengths)
	}
}
