package shell

import (
	"context"
	"errors"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/mattn/go-runewidth"

	"opsh/policy"
	"opsh/shell/audit"
)

func TestRecordLines(t *testing.T) {
	r := audit.Record{Time: "2026-11-23T18:03:00.123Z", Command: 1, Line: "mysql -t -e 'SELECT 1' app_production", Policy: strings.Repeat("1f0c77aa", 8),
		Hash: strings.Repeat("5f3a91c2", 8), Status: status(0), Category: audit.CategoryExit, Millis: 1333}
	killed := r
	killed.Status, killed.Category, killed.Signal = status(130), audit.CategorySignal, "INT"
	late := r
	late.Status, late.Category, late.Millis = status(124), audit.CategoryTimeout, 600_000
	lacking, denied := r, r
	lacking.Line, lacking.Lacks = "mysql", []string{"files: this kernel has no Landlock"}
	denied.Event, denied.Call, denied.Path, denied.Tool = audit.Denied, "exec", "/bin/a sh", "mysql"
	started, call := denied, denied
	started.Event, started.Path = audit.Exec, "/usr/bin/ruby3.1"
	call.Call, call.Path = "ptrace", ""
	for _, test := range []struct{ got, want string }{
		{beginLine(r, "0a1b2c3d4e5f"), "opsh: begin 2026-11-23T18:03:00.123Z 0a1b2c3d4e5f policy 1f0c77aa [5f3a91c2]"},
		{strings.Join(runLines(r), ""), "opsh: #1 2026-11-23T18:03:00.123Z run mysql -t -e 'SELECT 1' app_production [5f3a91c2]"},
		{exitLine(r), "opsh: #1 2026-11-23T18:03:00.123Z exit 0 1.333s [5f3a91c2]"},
		{exitLine(killed), "opsh: #1 2026-11-23T18:03:00.123Z exit 130 signal INT 1.333s [5f3a91c2]"},
		{exitLine(late), "opsh: #1 2026-11-23T18:03:00.123Z exit 124 timeout 10m0s [5f3a91c2]"},
		{strings.Join(runLines(lacking), "|"), "opsh: #1 2026-11-23T18:03:00.123Z run mysql [5f3a91c2]|  not restricted: files: this kernel has no Landlock"},
		{eventLine(denied), "opsh: #1 2026-11-23T18:03:00.123Z denied exec '/bin/a sh' by mysql [5f3a91c2]"},
		{eventLine(started), "opsh: #1 2026-11-23T18:03:00.123Z exec /usr/bin/ruby3.1 by mysql [5f3a91c2]"},
		{eventLine(call), "opsh: #1 2026-11-23T18:03:00.123Z denied ptrace by mysql [5f3a91c2]"},
		{refusedLine(r), "opsh: #1 2026-11-23T18:03:00.123Z refused mysql -t -e 'SELECT 1' app_production [5f3a91c2]"},
	} {
		if test.got != test.want {
			t.Errorf("got  %s\nwant %s", test.got, test.want)
		}
	}
}

func TestExplain(t *testing.T) {
	input := "x.sql"
	c := policy.Command{Words: []string{"mysql", "app_production", "-e", "SELECT 1"}, Input: &input}
	try := policy.Command{Words: []string{"mysql", "-e", "SELECT 1", "app_production"}}
	got := explain(&policy.Refusal{Word: 2, Reason: "options stand before DATABASE", Usage: "mysql [-t] -e SQL [DATABASE]", Try: &try}, c)
	want := []string{"  word 3, -e: options stand before DATABASE", "  usage: mysql [-t] -e SQL [DATABASE]", "  try:   mysql -e 'SELECT 1' app_production"}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("%q", got)
	}
	if got := explain(&policy.Refusal{Word: 4, Reason: "no such file"}, c); got[0] != "  behind <, x.sql: no such file" {
		t.Errorf("%q", got)
	}
	c.Input = nil
	if got := explain(&policy.Refusal{Word: 4, Reason: "SQL is missing"}, c); got[0] != "  at the end: SQL is missing" {
		t.Errorf("%q", got)
	}
}

func TestFoldKeepsWithinTheTerminal(t *testing.T) {
	text := strings.Repeat("本番データベースを 調べる words of several lengths ", 20)
	for _, l := range fold(text, "  ", "    ") {
		if w := runewidth.StringWidth(l); w > width {
			t.Errorf("%d columns: %s", w, l)
		}
	}
	if got := strings.Fields(strings.Join(fold(text, "  ", "    "), " ")); strings.Join(got, " ") != strings.Join(strings.Fields(text), " ") {
		t.Error("words were lost")
	}
}

func TestKeyboard(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	k := newKeyboard(r, time.Now)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := k.Next(ctx, 1); !errors.Is(err, context.Canceled) {
		t.Errorf("a wait that was ended: %v", err)
	}
	w.WriteString("abc")
	one, err := k.Next(context.Background(), 1)
	if string(one) != "a" || err != nil {
		t.Fatalf("%q %v", one, err)
	}
	k.Unread([]byte("xa"))
	var all []byte
	w.WriteString("d")
	w.Close()
	for {
		b, err := k.Next(context.Background(), 2)
		if errors.Is(err, io.EOF) {
			break
		}
		all = append(all, b...)
	}
	if string(all) != "xabcd" || !k.gone() || k.Ready() != 0 {
		t.Errorf("%q, gone %v", all, k.gone())
	}
}

// TestKeyboardHoldsBack: what nobody reads stays where it comes from.
func TestKeyboardHoldsBack(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	k := newKeyboard(r, time.Now)
	wrote := make(chan int)
	const sent = 1 << 20
	go func() {
		n, _ := w.Write(make([]byte, sent))
		w.Close()
		wrote <- n
	}()
	for k.Ready() < keyboardHolds {
		time.Sleep(time.Millisecond)
	}
	got := 0
	for {
		if k.Ready() > keyboardHolds+16<<10 {
			t.Fatalf("%d bytes are held", k.Ready())
		}
		b, err := k.Next(context.Background(), 4096)
		if err != nil {
			break
		}
		got += len(b)
	}
	if got != sent || <-wrote != sent {
		t.Errorf("%d of %d bytes came", got, sent)
	}
}

func TestOrigin(t *testing.T) {
	o, err := findOrigin(os.Getpid())
	if err != nil || o.ecsExec || !strings.HasPrefix(o.session, "opsh-") || len(o.short()) != 18 {
		t.Errorf("%+v %v", o, err)
	}
	for env, want := range map[string]string{
		"ECS_CONTAINER_METADATA_URI_V4=http://169.254.170.2/v4/0a1b2c-3": "0a1b2c-3",
		"OTHER=1": "",
	} {
		if got := taskID([]string{env}); got != want {
			t.Errorf("%s: %q", env, got)
		}
	}
	if got := variable([]string{"A=1", "A=2"}, "A"); got != "" {
		t.Errorf("a variable that is there twice: %q", got)
	}
}

func TestBrief(t *testing.T) {
	for d, want := range map[time.Duration]string{15 * time.Minute: "15m", 4 * time.Hour: "4h", 90 * time.Minute: "1h30m", 90 * time.Second: "1m30s", 10 * time.Second: "10s"} {
		if got := brief(d); got != want {
			t.Errorf("%v: %s, want %s", d, got, want)
		}
	}
}
