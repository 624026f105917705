//go:build linux

package recording

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// bench is a recorder whose clock the test turns.
type bench struct {
	*Recorder
	state      string
	now        time.Time
	cols, rows int
}

func newBench(t testing.TB, o Options) *bench {
	t.Helper()
	b := &bench{state: t.TempDir(), now: time.Unix(1_700_000_000, 0), cols: 80, rows: 24}
	o.Now = func() time.Time { return b.now }
	o.Size = func() (int, int) { return b.cols, b.rows }
	b.Recorder = New(o)
	return b
}

func (b *bench) open(t testing.TB) {
	t.Helper()
	if err := b.Open(b.state, "session"); err != nil {
		t.Fatal(err)
	}
}

func (b *bench) content(t testing.TB) string {
	t.Helper()
	content, err := os.ReadFile(Path(b.state, "session"))
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// TestRecording is a recording from start to end, byte for byte.
func TestRecording(t *testing.T) {
	b := newBench(t, Options{Type: "xterm"})
	b.Output([]byte("hello\r\n"))
	b.now = b.now.Add(1500 * time.Millisecond)
	b.open(t)
	b.Mark(1, "mysql -p app")
	b.Output([]byte("pass\xe6\x97"))
	b.Output([]byte("\xa5\"\\\x1b[0m\u009b\u2028\xff"))
	for _, key := range []string{"s", "e", "c\r", "x\r"} { // two lines
		b.Input([]byte(key), true)
	}
	b.cols = 120
	b.now = b.now.Add(time.Millisecond)
	b.Output([]byte("ok"))
	b.Input([]byte("q\r"), false)
	before := b.Flush()
	b.Output([]byte("last\xe6"))
	if err := b.Close(7); err != nil {
		t.Fatal(err)
	}
	b.Output([]byte("never"))
	want := `{"version":3,"term":{"cols":80,"rows":24,"type":"xterm"},"timestamp":1700000000,"title":"session"}
[0.000,"o","hello\r\n"]
[1.500,"m","#1 mysql -p app"]
[0.000,"o","pass"]
[0.000,"o","日\"\\\u001b[0m\u009b\u2028` + "\uFFFD" + `"]
[0.000,"i",""]
[0.000,"i",""]
[0.001,"r","120x24"]
[0.000,"o","ok"]
[0.000,"i","q\r"]
[0.000,"o","last"]
[0.000,"o","` + "\uFFFD" + `"]
[0.000,"x","7"]
`
	got := b.content(t)
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	sum := sha256.Sum256([]byte(got[:before.Bytes]))
	if before.Bytes != int64(strings.Index(got, `[0.000,"o","last`)) || before.SHA256 != hex.EncodeToString(sum[:]) || before.Replaced != 1 || before.Cut != 0 {
		t.Errorf("%+v", before)
	}
	if st, err := os.Stat(Path(b.state, "session")); err != nil || st.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", st.Mode(), err)
	}
	measured, err := Measure(b.state, "session")
	sum = sha256.Sum256([]byte(got))
	if err != nil || measured.Bytes != int64(len(got)) || measured.SHA256 != hex.EncodeToString(sum[:]) {
		t.Errorf("%+v, %v", measured, err)
	}
	if none, err := Measure(b.state, "other"); none != nil || err != nil {
		t.Errorf("%+v, %v", none, err)
	}
}

// TestNilRecords: a session without a recording has a recorder all the same.
func TestNilRecords(t *testing.T) {
	var r *Recorder
	r.Output([]byte("x"))
	r.Input([]byte("x"), true)
	r.Mark(1, "x")
	if r.Open(t.TempDir(), "s") != nil || r.Flush() != nil || r.Err() != nil || r.Failed() != nil || r.Close(0) != nil {
		t.Error("it did something")
	}
}

// TestWithoutATerminal: lines end as at one.
func TestWithoutATerminal(t *testing.T) {
	r := New(Options{Now: time.Now})
	dir := t.TempDir()
	if err := r.Open(dir, "s"); err != nil {
		t.Fatal(err)
	}
	for _, piece := range []string{"a\n", "\nb\r", "\nc\r\n"} {
		r.Output([]byte(piece))
	}
	if err := r.Close(0); err != nil {
		t.Fatal(err)
	}
	if _, events := readAll(t, Path(dir, "s")); shownIn(events) != "a\r\n\r\nb\r\nc\r\n" {
		t.Errorf("%q", shownIn(events))
	}
}

func readAll(t testing.TB, path string) (Header, []Event) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r, err := NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	var events []Event
	for {
		e, err := r.Next()
		if errors.Is(err, io.EOF) {
			return r.Header(), events
		}
		if err != nil {
			t.Fatal(err)
		}
		events = append(events, e)
	}
}

func shownIn(events []Event) string {
	var b strings.Builder
	for _, e := range events {
		if e.Code == Output {
			b.WriteString(e.Data)
		}
	}
	return b.String()
}

// TestAnyPieces: whatever comes, however it is cut, is in the recording, and what isn't UTF-8 is counted.
func TestAnyPieces(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	alphabet := []string{"a", "plain text of some length, ", "\"", "\\", "\n", "\r\n", "\x00", "\x1b[1m", "\x7f", "日本語", "é", "\u009b", "\u2028", "\U0001f600", "\xff", "\xe6\x97", "\xf0\x9f", "\uFFFD"}
	for range 300 {
		var all []byte
		for range random.IntN(200) {
			all = append(all, alphabet[random.IntN(len(alphabet))]...)
		}
		b := newBench(t, Options{})
		b.open(t)
		for rest := all; len(rest) > 0; {
			n := 1 + random.IntN(len(rest))
			b.Output(rest[:n])
			rest = rest[n:]
		}
		b.Close(0)
		_, events := readAll(t, Path(b.state, "session"))
		want, replaced := "", int64(0)
		for rest := all; len(rest) > 0; {
			r, size := utf8.DecodeRune(rest)
			if r == utf8.RuneError && size == 1 {
				replaced++
			}
			want, rest = want+string(r), rest[size:]
		}
		if got := shownIn(events); got != want {
			t.Fatalf("got  %q\nwant %q", got, want)
		}
		if got := b.shown.replaced; got != replaced {
			t.Fatalf("%d replaced, want %d in %q", got, replaced, all)
		}
	}
}

// FuzzText: a piece is JSON, and what JSON makes of it is what came.
func FuzzText(f *testing.F) {
	f.Add([]byte("a\"b\\c\n\x00\x1b\xff日"))
	f.Fuzz(func(t *testing.T, piece []byte) {
		var x text
		quoted := append(x.rest(x.append([]byte{'"'}, piece)), '"')
		var got string
		if err := json.Unmarshal(quoted, &got); err != nil {
			t.Fatalf("%v: %q", err, quoted)
		}
		if want := string(bytes.Runes(piece)); got != want {
			t.Errorf("got  %q\nwant %q", got, want)
		}
		for _, r := range string(quoted) {
			if r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 {
				t.Errorf("%U stands in %q", r, quoted)
			}
		}
	})
}

// TestCut: a recording ends at its bound, says so, and what comes is counted and hashed.
func TestCut(t *testing.T) {
	b := newBench(t, Options{Most: 4096})
	b.open(t)
	var cut []byte
	piece := []byte(strings.Repeat("x", 100))
	recorded := 0
	for range 100 {
		b.Output(piece)
		if b.full {
			cut = append(cut, piece...)
			continue
		}
		recorded++
	}
	b.Mark(2, "after")
	done := b.Flush()
	b.Close(0)
	sum := sha256.Sum256(cut)
	if done.Cut != int64(len(cut)) || done.CutSHA256 != hex.EncodeToString(sum[:]) || recorded < 10 || len(cut) == 0 {
		t.Errorf("%+v, %d recorded", done, recorded)
	}
	_, events := readAll(t, Path(b.state, "session"))
	content := b.content(t)
	if shownIn(events) != strings.Repeat("x", 100*recorded) || len(content) > 4096 || !strings.Contains(content, "\n# cut: ") || !strings.Contains(content, `"m","cut"]`) ||
		!strings.Contains(content, `"m","#2 after"]`) {
		t.Errorf("%s", content)
	}
}

// TestLost: a recording that can't be written, or isn't there any more, fails, and says so to who waits.
func TestLost(t *testing.T) {
	for name, harm := range map[string]func(path string){
		"removed":  func(path string) { os.Remove(path) },
		"replaced": func(path string) { os.Rename(path, path+".old"); os.WriteFile(path, nil, 0o600) },
		"longer": func(path string) {
			f, _ := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0) //nolint:errcheck // the test would fail
			f.WriteString("x")
			f.Close()
		},
		"cut": func(path string) { os.Truncate(path, 3) },
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, Options{})
			b.open(t)
			b.Output([]byte("a"))
			good := b.Flush()
			harm(Path(b.state, "session"))
			after := b.Flush()
			if b.Err() == nil || !strings.Contains(b.Err().Error(), "cannot record the session in ") || *after != *good {
				t.Errorf("%v, %+v", b.Err(), after)
			}
			select {
			case <-b.Failed():
			default:
				t.Error("nobody was told")
			}
			b.Output([]byte("b")) // and nothing hangs
			b.Close(0)
		})
	}
	b := newBench(t, Options{})
	b.open(t)
	b.writer.file.Close() // as a full disk: every write fails
	for range 100 {
		b.Output(bytes.Repeat([]byte("x"), 64<<10))
	}
	b.Flush()
	if b.Err() == nil {
		t.Error("a failed write is no failure")
	}
}

// TestOnce: a session's recording is made once, where only its owner may write.
func TestOnce(t *testing.T) {
	b := newBench(t, Options{})
	b.open(t)
	if err := New(Options{Now: time.Now}).Open(b.state, "session"); err == nil {
		t.Error("a recording was opened twice")
	}
	loose := t.TempDir()
	if err := os.Mkdir(filepath.Join(loose, dirName), 0o777); err != nil || os.Chmod(filepath.Join(loose, dirName), 0o777) != nil {
		t.Fatal(err)
	}
	if err := New(Options{Now: time.Now}).Open(loose, "session"); err == nil {
		t.Error("others may write to the directory")
	}
}

// TestReaderRefuses what is no asciicast of version 3.
func TestReaderRefuses(t *testing.T) {
	const head = `{"version":3,"term":{"cols":80,"rows":24}}` + "\n"
	for _, text := range []string{"", "\n", "{}\n", `{"version":2,"width":80,"height":24}` + "\n", `{"version":3}` + "\n", `{"version":3,"term":{"cols":80,"rows":999999}}` + "\n"} {
		if _, err := NewReader(strings.NewReader(text)); err == nil {
			t.Errorf("%q was read", text)
		}
	}
	for _, line := range []string{`{}`, `[1,"o"]`, `[1,"o","a","b"]`, `["1","o","a"]`, `[-1,"o","a"]`, `[1e300,"o","a"]`, `[1,"oo","a"]`, `[1,"o",1]`, `x`} {
		r, err := NewReader(strings.NewReader(head + line + "\n"))
		if err != nil {
			t.Fatal(err)
		}
		if e, err := r.Next(); err == nil || errors.Is(err, io.EOF) {
			t.Errorf("%s was read as %+v", line, e)
		}
	}
	r, err := NewReader(strings.NewReader(head + "# a comment\n\n[0.5,\"m\",\"#12 x\"]\n[0.25,\"z\",\"?\"]\n[0.1,\"o\",\"cut"))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []Event{{500 * time.Millisecond, Marker, "#12 x"}, {750 * time.Millisecond, 'z', "?"}} {
		if e, err := r.Next(); err != nil || e != want {
			t.Errorf("%+v, %v", e, err)
		}
	}
	if _, err := r.Next(); !errors.Is(err, io.EOF) {
		t.Errorf("%v", err)
	}
}

func BenchmarkOutput(b *testing.B) {
	piece := bytes.Repeat([]byte(strings.Repeat("0123456789", 7)+"abcdefghi\r\n"), 32<<10/81)
	b.SetBytes(int64(len(piece)))
	r := New(Options{Now: time.Now, Size: func() (int, int) { return 80, 24 }, Most: 1 << 40})
	if err := r.Open(b.TempDir(), "bench"); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		r.Output(piece)
	}
	r.Close(0)
}

// TestReaderRefusesAnEternity: intervals that are fine one by one, and together more than a time.Duration holds.
func TestReaderRefusesAnEternity(t *testing.T) {
	header := `{"version":3,"term":{"cols":80,"rows":24}}` + "\n"
	year := fmt.Sprintf(`[%d,"o","x"]`, 365*24*3600) + "\n"
	for years, refused := range map[int]bool{10: false, 11: true, 400: true} {
		r, err := NewReader(strings.NewReader(header + strings.Repeat(year, years)))
		for err == nil {
			_, err = r.Next()
		}
		if got := strings.Contains(err.Error(), "by line 12 it is longer than ten years"); got != refused || !refused && !errors.Is(err, io.EOF) {
			t.Errorf("%d years: %v", years, err)
		}
	}
}
