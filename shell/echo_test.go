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
	"opsh/shell/launch"
)

func TestRunLines(t *testing.T) {
	r := audit.Record{Event: audit.Run, Time: "2026-11-23T18:03:00.123Z", Command: 1, Line: "mysql", Hash: strings.Repeat("5f3a91c2", 8), Lacks: []string{"files: this kernel has no Landlock"}}
	want := "opsh: #1 2026-11-23T18:03:00.123Z run mysql [5f3a91c2]|  not restricted: files: this kernel has no Landlock"
	if got := strings.Join(runLines(r), "|"); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if audit.CallExec != launch.CallExec {
		t.Error("records and the kernel's events name a program's start differently")
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
	if err != nil || o.ecsExec || !strings.HasPrefix(o.session, "opsh-") {
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
