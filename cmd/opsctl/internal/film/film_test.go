package film

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"opsh/shell/recording"
)

// event is one of a recording: seconds since the one before, and what.
type event struct {
	since float64
	code  string
	data  string
}

func cast(t testing.TB, cols, rows int, events ...event) *recording.Reader {
	t.Helper()
	var b strings.Builder
	fmt.Fprintf(&b, `{"version":3,"term":{"cols":%d,"rows":%d}}`+"\n", cols, rows)
	for _, e := range events {
		line, err := json.Marshal([]any{e.since, e.code, e.data})
		if err != nil {
			t.Fatal(err)
		}
		b.Write(append(line, '\n'))
	}
	r, err := recording.NewReader(strings.NewReader(b.String()))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// text is a frame's screen.
func (f *Film) text(n int) string {
	var rows []string
	for _, i := range f.Frames[n].Rows {
		var row strings.Builder
		for _, r := range f.Lines[i] {
			row.WriteString(r.Text)
		}
		rows = append(rows, row.String())
	}
	return strings.Join(rows, "\n")
}

func (f *Film) last() string { return f.text(len(f.Frames) - 1) }

const room = 1 << 20

func TestScreens(t *testing.T) {
	for _, test := range []struct{ name, output, want string }{
		{"lines", "one\r\ntwo", "one\ntwo"},
		{"drawn over", "one\rtwo\x1b[2;3Hx", "two\n  x"},
		{"wide characters", "注文|a\r\n    |b", "注文|a\n    |b"},
		{"nothing at the end", "a   \r\n\r\n\r\n", "a"},
		{"scrolled", strings.Repeat("x\r\n", 50) + "end", strings.Repeat("x\n", 9) + "end"},
		{"much of it, scrolled", strings.Repeat("0123456789\r\n", 5000) + "end", strings.Repeat("0123456789\n", 9) + "end"},
		{"inserted", "ac\b\x1b[4hb\x1b[4l", "abc"},
		{"inserted, with what isn't text between", "ad\b\x1b[4h\x1b[31m\x1b[?25lb\x1b(Bc\x1b[4l\x1b[1Ge", "ebcd"},
		{"inserted, and wide", "a|\b\x1b[4h注\x1b[4l", "a注|"},
		{"hidden", "\x1b[8msecret\x1b[0m", "secret"},
		{"the clipboard and a title", "\x1b]52;c;ZXZpbA==\x07\x1b]0;t\x1b\\x", "x"},
		{"an order of direction", "a\u202eb", "ab"},
		{"repeated without end", strings.Repeat("a\x1b[2147483647b", 100) + "\r\x1b[2Kx", strings.Repeat("a", 20)},
	} {
		t.Run(test.name, func(t *testing.T) {
			f, _ := Shoot(cast(t, 20, 10, event{0, "o", test.output}), nil, room)
			if f.Cut != "" || len(f.Frames) == 0 {
				t.Fatalf("cut: %q, %d frames", f.Cut, len(f.Frames))
			}
			if got := f.last(); got != test.want && !strings.HasPrefix(test.name, "repeated") {
				t.Errorf("%q, want %q", got, test.want)
			}
		})
	}
}

func TestStyles(t *testing.T) {
	for _, test := range []struct {
		output string
		want   Style
	}{
		{"x", Style{}},
		{"\x1b[1;3;4;9mx", Style{Marks: "bius"}},
		{"\x1b[8mx", Style{Marks: "h"}},
		{"\x1b[31mx", Style{Text: "#f2777a"}},
		{"\x1b[38;2;255;255;0mx", Style{Text: "#ffff00"}},
		{"\x1b[7mx", Style{Text: PlainGround, Ground: PlainText}},
		{"\x1b[38;2;0;0;0;48;2;0;0;0mx", Style{Text: "#ffffff", Ground: "#000000"}},
		{"\x1b[97;107mx", Style{Text: "#000000", Ground: "#ffffff"}},
		{"\x1b[38;5;196;48;5;196mx", Style{Text: "#000000", Ground: "#ff0000"}},
	} {
		f, _ := Shoot(cast(t, 20, 2, event{0, "o", test.output}), nil, room)
		if got := f.Styles[f.Lines[f.Frames[0].Rows[0]][0].Style]; got != test.want {
			t.Errorf("%q: %+v, want %+v", test.output, got, test.want)
		}
	}
}

// TestFrames: at most four a second, and one where a command begins, also when the screen is as before.
func TestFrames(t *testing.T) {
	var events []event
	for i := range 100 {
		events = append(events, event{0.05, "o", fmt.Sprintf("\r%d", i)})
	}
	f, _ := Shoot(cast(t, 20, 5, events...), nil, room)
	if n := len(f.Frames); n < 15 || n > 21 || f.last() != "99" {
		t.Errorf("%d frames of 5 seconds, the last %q", n, f.last())
	}
	f, _ = Shoot(cast(t, 20, 5, event{0, "o", "x"}, event{1, "m", "#1 a"}, event{1, "m", "#2 b"}, event{1, "m", "cut"}, event{1, "r", "30x6"}, event{1, "o", "\x1b[H\x1b[2Jy"}), nil, room)
	var got []string
	for i, fr := range f.Frames {
		got = append(got, fmt.Sprintf("%s #%d %s", fr.At, fr.Command, f.text(i)))
	}
	if want := "0s #0 x, 1s #1 x, 2s #2 x, 5s #2 y"; strings.Join(got, ", ") != want {
		t.Errorf("%q, want %q", strings.Join(got, ", "), want)
	}
	if f.Cols != 30 || f.Rows != 6 {
		t.Errorf("%dx%d", f.Cols, f.Rows)
	}
}

// TestThin: a film that is too large keeps each command's last screen before anything else, and says what it left out.
func TestThin(t *testing.T) {
	var events []event
	for n := range 60 {
		events = append(events, event{1, "m", fmt.Sprintf("#%d x", n+1)})
		for i := range 20 {
			events = append(events, event{0.3, "o", fmt.Sprintf("command %d, line %d %s\r\n", n+1, i, strings.Repeat("x", 40))})
		}
	}
	events = append(events, event{1, "o", "the end"})
	sizes := []int{1 << 20, 100_000, 40_000, 15_000, 500}
	for i, most := range sizes {
		f, _ := Shoot(cast(t, 70, 10, events...), nil, most)
		text, err := f.Inert()
		if err != nil || len(text) > most {
			t.Fatalf("%d bytes of %d, %v", len(text), most, err)
		}
		switch {
		case i == 0 && (f.Interval != Every || f.Cut != ""):
			t.Errorf("thinned without need: %+v", f.Interval)
		case i == 1 && (f.Interval == Every || f.Only > 1):
			t.Errorf("%d: %s, only %d", most, f.Interval, f.Only)
		case i == len(sizes)-1:
			if f.Cut != TooLarge || len(f.Frames) != 0 {
				t.Errorf("%d: %d frames, %q", most, len(f.Frames), f.Cut)
			}
			continue
		}
		seen := map[int]bool{}
		for n, fr := range f.Frames {
			seen[fr.Command] = true
			if n+1 == len(f.Frames) || f.Frames[n+1].Command != fr.Command {
				if want := fmt.Sprintf("command %d, line 19", fr.Command); !strings.Contains(f.text(n), want) {
					t.Fatalf("%d: command %d ends with\n%s", most, fr.Command, f.text(n))
				}
			}
		}
		if step := max(1, f.Only); len(seen) < 60/step {
			t.Errorf("%d: %d commands, only %d", most, len(seen), f.Only)
		}
		if !strings.Contains(f.last(), "the end") {
			t.Errorf("%d: it ends with\n%s", most, f.last())
		}
	}
}

// TestInert: nothing of it can end the element that it stands in, and what a page makes of it are the frames.
func TestInert(t *testing.T) {
	f, _ := Shoot(cast(t, 60, 3, event{0, "o", "</script><!-- & \u2028 注文\r\n\x1b[31mred"}, event{1, "o", "\r\n\r\n"}, event{1, "m", "#1 x"}, event{1, "o", "\x1b[2Hy"}), nil, room)
	text, err := f.Inert()
	if err != nil || strings.ContainsAny(string(text), "<>&\u2028\u2029") {
		t.Fatalf("%v, %s", err, text)
	}
	var read struct {
		Lines  [][][]any
		Styles [][]string
		Frames [][]int
	}
	if err := json.Unmarshal(text, &read); err != nil {
		t.Fatal(err)
	}
	var rows []int
	for n, fr := range read.Frames {
		if fr[2] == 1 {
			rows = append([]int(nil), fr[3:]...)
		} else {
			for i := 3; i < len(fr); i += 2 {
				for len(rows) <= fr[i] {
					rows = append(rows, -1)
				}
				rows[fr[i]] = fr[i+1]
			}
		}
		var screen []string
		for _, i := range rows {
			row := ""
			if i >= 0 {
				for _, run := range read.Lines[i] {
					row += run[0].(string)
				}
			}
			screen = append(screen, row)
		}
		if got := strings.TrimRight(strings.Join(screen, "\n"), "\n"); got != f.text(n) || fr[0] != int(f.Frames[n].At/time.Millisecond) || fr[1] != f.Frames[n].Command {
			t.Errorf("frame %d: %q, want %q", n, got, f.text(n))
		}
	}
}

func TestTakes(t *testing.T) {
	edges := map[int]Edges{1: {"opsh: #1 run a [11111111]", "opsh: #1 exit 0 [22222222]"}, 2: {"opsh: #2 run b [33333333]", "opsh: #2 exit 0 [44444444]"}, 3: {"opsh: #3 run c [55555555]", ""}}
	long := strings.Repeat("0123456789abcde\r\n", 40_000)
	_, takes := Shoot(cast(t, 80, 24,
		event{0, "o", "greeting\r\n"}, event{0, "m", "#1 a"}, event{0, "o", "opsh: #1 run a [11111111]\r\n10 %\r\x1b[1m100 %\x1b[0m\r\nopsh: #1 exit 0 [forged00]\r\nab\bc\x07\x1b]0;t\x07 \u009b\r\n"},
		event{0, "o", "\x18\x1b[!popsh: #1 exit 0 [22222222]\r\nprod> "},
		event{0, "m", "#2 b"}, event{0, "o", "opsh: #2 run b [33333333]\r\nfirst\r\n" + long}, event{0, "o", "last\r\nopsh: #2 exit 0 [44444444]\r\n"},
		event{0, "m", "#3 c"}, event{0, "o", "opsh: #3 run c [55555555]\r\nstill"},
		event{0, "m", "#4 nobody knows it"}, event{0, "o", "x"},
	), edges, room)
	if got, want := takes[1], (Take{Head: "100 %\nopsh: #1 exit 0 [forged00]\nac ?"}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	two := takes[2]
	if !two.Cut || !strings.HasPrefix(two.Head, "first\n0123") || !strings.HasSuffix(two.Tail, "abcde\nlast") || strings.Contains(two.Tail, "opsh:") {
		t.Errorf("%.40q … %q", two.Head, two.Tail[max(0, len(two.Tail)-40):])
	}
	if got := takes[3]; got != (Take{Head: "still"}) {
		t.Errorf("%+v", got)
	}
	if len(takes) != 3 {
		t.Errorf("%d takes", len(takes))
	}
	short := two.Shorten(400)
	if len(short.Head)+len(short.Tail) > 400 || !strings.HasPrefix(short.Head, "first\n") || !strings.HasSuffix(short.Tail, "\nlast") || !short.Cut {
		t.Errorf("%+v", short)
	}
	if got := takes[1].Shorten(400); got != takes[1] {
		t.Errorf("%+v", got)
	}
	if got := (Take{Head: strings.Repeat("注", 100)}).Shorten(50); !got.Cut || strings.Contains(got.Head+got.Tail, "\uFFFD") || len(got.Head) < 30 || len(got.Tail) < 8 {
		t.Errorf("%+v", got)
	}
}

// TestMuchPlain: 10 MB of plain lines are no reason to end a film early.
func TestMuchPlain(t *testing.T) {
	var events []event
	for i := range 160 {
		events = append(events, event{0.05, "o", strings.Repeat(fmt.Sprintf("line of event %d\r\n", i), 3500)})
	}
	f, _ := Shoot(cast(t, 80, 24, append(events, event{0, "o", "\x1b[1mend"})...), nil, room)
	if f.Cut != "" || f.last() != strings.Repeat("line of event 159\n", 23)+"end" {
		t.Errorf("cut: %q, it ends with\n%s", f.Cut, f.last())
	}
}

// TestTooMuch: drawing that takes minutes is left off, and said.
func TestTooMuch(t *testing.T) {
	f, _ := Shoot(cast(t, 300, 120, event{0, "o", "before"}, event{1, "o", strings.Repeat("\x1b[9999b", 2000)}), nil, room)
	if f.Cut != TooMuch || f.text(0) != "before" {
		t.Errorf("%q, %d frames", f.Cut, len(f.Frames))
	}
	r, err := recording.NewReader(strings.NewReader(`{"version":3,"term":{"cols":80,"rows":24}}` + "\n[0,\"o\",\"x\"]\nnonsense\n"))
	if err != nil {
		t.Fatal(err)
	}
	if f, _ := Shoot(r, nil, room); f.Cut != NotRead || f.last() != "x" {
		t.Errorf("%q", f.Cut)
	}
}
