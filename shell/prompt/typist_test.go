package prompt

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"
)

// typist plays keys to a prompt and looks at the screen between them, all in one goroutine: a step runs
// when the prompt waits for a key. A wait with a deadline is over at once, unless late has something for it.
type typist struct {
	t      testing.TB
	screen *emulator
	prompt *Prompt
	buf    []byte
	late   []string // each comes to one wait with a deadline
	steps  []func()
}

func newTypist(t testing.TB, w, h int, change ...func(*Options)) *typist {
	y := &typist{t: t, screen: newEmulator(t, w, h)}
	o := Options{
		Keys: y, Out: y.screen,
		Width: func() int { return y.screen.w }, Height: func() int { return y.screen.h },
		More: func(s string) bool { return strings.Count(s, "'")%2 == 1 },
	}
	for _, c := range change {
		c(&o)
	}
	p, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	})
	y.prompt = p
	return y
}

func (y *typist) Next(ctx context.Context, max int) ([]byte, error) {
	for {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if n := min(max, len(y.buf)); n > 0 {
			got := append([]byte(nil), y.buf[:n]...)
			y.buf = y.buf[n:]
			return got, nil
		}
		if _, ok := ctx.Deadline(); ok {
			if len(y.late) == 0 {
				return nil, context.DeadlineExceeded
			}
			y.buf, y.late = []byte(y.late[0]), y.late[1:]
			continue
		}
		if len(y.steps) == 0 {
			return nil, errNoKeys
		}
		step := y.steps[0]
		y.steps = y.steps[1:]
		step()
	}
}

var errNoKeys = errors.New("no more keys")

func (y *typist) Unread(b []byte) { y.buf = append(append([]byte(nil), b...), y.buf...) }
func (y *typist) Ready() int      { return len(y.buf) }

// types adds keys, each arriving alone, as a person types them; an escape sequence is one key.
func (y *typist) types(keys string) *typist {
	for _, k := range split1(keys) {
		y.sends(k)
	}
	return y
}

// split1 cuts keys into single keys.
func split1(keys string) (out []string) {
	for keys != "" {
		n := len(string([]rune(keys)[:1]))
		if keys[0] == 0x1b && len(keys) > 1 {
			n = 2
			if keys[1] == '[' || keys[1] == 'O' {
				for n < len(keys) && (keys[n] < 0x40 || n == 2 && keys[n] == '[') {
					n++
				}
				n = min(n+1, len(keys))
			}
		}
		out = append(out, keys[:n])
		keys = keys[n:]
	}
	return out
}

// sends adds bytes that arrive together.
func (y *typist) sends(b string) *typist {
	y.steps = append(y.steps, func() { y.buf = append(y.buf, b...) })
	return y
}

// sees adds a look at the screen: | stands before the character under the cursor, and at the cursor's
// place in a row that is shorter.
func (y *typist) sees(want ...string) *typist {
	y.t.Helper()
	return y.does(func() {
		y.t.Helper()
		y.looks(want...)
	})
}

func (y *typist) does(f func()) *typist {
	y.steps = append(y.steps, f)
	return y
}

func (y *typist) looks(want ...string) {
	y.t.Helper()
	if got := y.picture(); got != strings.Join(want, "\n") {
		y.t.Errorf("screen:\n%s\nwant:\n%s\nwritten: %q", got, strings.Join(want, "\n"), y.screen.log)
	}
}

// picture is the screen with the cursor in it.
func (y *typist) picture() string {
	e := y.screen
	var rows []string
	for i, r := range e.rows {
		row := strings.TrimRight(strings.Join(r, ""), " ")
		if i == e.y {
			head := strings.Join(r[:e.x], "")
			row = head + "|" + strings.TrimRight(strings.Join(r[e.x:], ""), " ")
		}
		rows = append(rows, row)
	}
	return strings.TrimRight(strings.Join(rows, "\n"), "\n")
}

// reads runs the steps against one Read.
func (y *typist) reads(want string, wantErr error) {
	y.t.Helper()
	got, err := y.prompt.Read(context.Background(), "> ", " ...> ")
	if got != want || !errors.Is(err, wantErr) {
		y.t.Errorf("Read: %q, %v; want %q, %v\nwritten: %q", got, err, want, wantErr, y.screen.log)
	}
	if y.screen.marks || y.screen.x != 0 {
		y.t.Errorf("Read left the terminal at column %d, marking pastes: %t", y.screen.x, y.screen.marks)
	}
}

var _ io.Writer = (*emulator)(nil)
