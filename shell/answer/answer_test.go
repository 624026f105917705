package answer

import (
	"strings"
	"testing"
	"time"

	"github.com/mattn/go-runewidth"

	"opsh/policy"
)

func TestRefusal(t *testing.T) {
	input := "x.sql"
	c := policy.Command{Words: []string{"mysql", "app_production", "-e", "SELECT 1"}, Input: &input}
	try := policy.Command{Words: []string{"mysql", "-e", "SELECT 1", "app_production"}}
	got := Refusal(&policy.Refusal{Word: 2, Reason: "options stand before DATABASE", Usage: "mysql [-t] -e SQL [DATABASE]", Try: &try}, c)
	want := []string{"  word 3, -e: options stand before DATABASE", "  usage: mysql [-t] -e SQL [DATABASE]", "  try:   mysql -e 'SELECT 1' app_production"}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("%q", got)
	}
	if got := Refusal(&policy.Refusal{Word: 4, Reason: "no such file"}, c); got[0] != "  behind <, x.sql: no such file" {
		t.Errorf("%q", got)
	}
	c.Input = nil
	if got := Refusal(&policy.Refusal{Word: 4, Reason: "SQL is missing"}, c); got[0] != "  at the end: SQL is missing" {
		t.Errorf("%q", got)
	}
}

func TestFoldKeepsWithinTheTerminal(t *testing.T) {
	text := strings.Repeat("本番データベースを 調べる words of several lengths ", 20)
	for _, l := range Fold(text, "  ", "    ") {
		if w := runewidth.StringWidth(l); w > width {
			t.Errorf("%d columns: %s", w, l)
		}
	}
	if got := strings.Fields(strings.Join(Fold(text, "  ", "    "), " ")); strings.Join(got, " ") != strings.Join(strings.Fields(text), " ") {
		t.Error("words were lost")
	}
}

func TestBrief(t *testing.T) {
	for d, want := range map[time.Duration]string{15 * time.Minute: "15m", 4 * time.Hour: "4h", 90 * time.Minute: "1h30m", 90 * time.Second: "1m30s", 10 * time.Second: "10s"} {
		if got := Brief(d); got != want {
			t.Errorf("%v: %s, want %s", d, got, want)
		}
	}
}
