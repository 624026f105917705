package shell

import (
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"opsh/shell/recording"
	"opsh/shell/redact"
)

// typing is a typed with its recorder, which looks for the secret hunter22secretvalue.
type typing struct {
	*typed
	t     *testing.T
	state string
}

func newTyping(t *testing.T) *typing {
	t.Helper()
	y := &typing{t: t, state: t.TempDir()}
	r := recording.New(recording.Options{Now: time.Now})
	if err := r.Open(y.state, "s"); err != nil {
		t.Fatal(err)
	}
	y.typed = &typed{recorder: r, keys: redact.New([]redact.Secret{{Name: "db", Value: "hunter22secretvalue"}}).Stream()}
	return y
}

// recorded is the events so far.
func (y *typing) recorded() (all []string) {
	y.t.Helper()
	y.recorder.Flush()
	f, err := os.Open(recording.Path(y.state, "s"))
	if err != nil {
		y.t.Fatal(err)
	}
	defer f.Close()
	in, err := recording.NewReader(f)
	if err != nil {
		y.t.Fatal(err)
	}
	for {
		e, err := in.Next()
		if err != nil {
			return all
		}
		all = append(all, e.Data)
	}
}

// TestSecretSplitByAPaste: a secret that came in two pieces, the first behind a line's end, stood in the recording in two events.
func TestSecretSplitByAPaste(t *testing.T) {
	for name, test := range map[string]struct{ pieces, want []string }{
		"behind a line":     {[]string{"x\rhunter22", "secretvalue\r"}, []string{"x\r", "[secret db]\r"}},
		"key by key":        {strings.Split("hunter22secretvalue\r", ""), []string{"[secret db]\r"}},
		"behind two lines":  {[]string{"a\rb\rhunter", "22secret", "value"}, []string{"a\rb\r", "[secret db]"}},
		"no secret in them": {[]string{"x\rhunter22", "\r"}, []string{"x\r", "hunter22\r"}},
	} {
		t.Run(name, func(t *testing.T) {
			y := newTyping(t)
			for _, p := range test.pieces {
				y.take([]byte(p), false)
			}
			y.flush()
			if got := y.recorded(); !slices.Equal(got, test.want) {
				t.Errorf("%q, want %q", got, test.want)
			}
		})
	}
	y, long := newTyping(t), strings.Repeat("x", 5000)
	y.take([]byte(long+"hunter22"), false)
	y.take([]byte("secretvalue\r"), false)
	if got := strings.Join(y.recorded(), ""); got != long+"[secret db]\r" {
		t.Errorf("at the end of a long line: %q", got)
	}
}

// TestKeysBeforeAKill: what was typed since the last Enter is in the recording before anybody ends opsh, which may be at any time.
func TestKeysBeforeAKill(t *testing.T) {
	y := newTyping(t)
	y.take([]byte("rm -rf hunter22secretvalue /da"), false)
	for end := time.Now().Add(time.Minute); ; time.Sleep(50 * time.Millisecond) {
		if got := strings.Join(y.recorded(), ""); got == "rm -rf [secret db] /da" {
			break
		} else if time.Now().After(end) {
			t.Fatalf("%q", got)
		}
	}
	y.take([]byte("ta"), false)
	y.take([]byte("unseen"), true)
	if got := y.recorded(); got[len(got)-1] != "" || strings.Join(got, "") != "rm -rf [secret db] /data" {
		t.Errorf("what isn't shown comes behind what was typed before: %q", got)
	}
	var none *typed
	none.flush()
}

// TestKeysFromTwoSides: the alarm, the keyboard and the command's end are goroutines of their own. The race detector looks on.
func TestKeysFromTwoSides(t *testing.T) {
	y := newTyping(t)
	var both sync.WaitGroup
	for range 2 {
		both.Go(func() {
			for range 200 {
				y.take([]byte("k"), false)
				y.flush()
			}
		})
	}
	both.Wait()
	if got := strings.Join(y.recorded(), ""); got != strings.Repeat("k", 400) {
		t.Errorf("%d of 400 keys", len(got))
	}
}
