package prompt

import (
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/chzyer/readline"
)

// buffer is the line under edit: chzyer/readline with everything taken away that touches a terminal. It gets
// one key at a time and says what the line is afterwards; nobody else talks to it meanwhile.
//
// What readline does wrong is not asked of it but set: Ctrl-W in the first word drops what stands behind
// the cursor, word movements know ASCII only, Ctrl-T on one character makes the next key panic, a Delete
// key in an empty line is taken for Ctrl-D, and its history takes an edited entry for the line that ran.
type buffer struct {
	instance *readline.Instance
	keys     chan []byte
	quit     chan struct{}
	worked   chan struct{} // the keys handed over last have been worked off
	ended    chan result   // of the Readline call under way
	reading  bool

	text []rune
	pos  int
	put  *content // what the line becomes, whatever the key does
}

type content struct {
	text []rune
	pos  int
}

type result struct {
	line string
	err  error
}

// The keys readline is told of. mark is not a key: the decoder keeps it from ever being one. Handed over
// behind a key, it reaches readline's loop when the key is done with, its last look at the line included.
const (
	keyBegin     = 0x01
	keyLeft      = 0x02
	keyInterrupt = 0x03
	keyEOF       = 0x04
	keyEnd       = 0x05
	keyRight     = 0x06
	keyNothing   = 0x07
	keyBackspace = 0x08
	keyKill      = 0x0b
	keyEnter     = 0x0d
	keyKillFront = 0x15
	keyYank      = 0x19
	keyMark      = 0x1c
)

func newBuffer() (*buffer, error) {
	b := &buffer{
		keys: make(chan []byte), quit: make(chan struct{}),
		worked: make(chan struct{}), ended: make(chan result, 1),
	}
	nothing := func() error { return nil }
	// Each Func that is left out falls back to descriptor 0 or to a signal handler of readline's own.
	i, err := readline.NewEx(&readline.Config{
		Stdin: (*keyReader)(b), Stdout: io.Discard, Stderr: io.Discard,
		HistoryLimit: -1, DisableAutoSaveHistory: true, UniqueEditLine: true,
		FuncMakeRaw: nothing, FuncExitRaw: nothing,
		FuncIsTerminal:      func() bool { return false }, // it draws nothing
		FuncGetWidth:        func() int { return defaultWidth },
		FuncOnWidthChanged:  func(func()) {},
		FuncFilterInputRune: b.filter,
		Listener:            readline.FuncListener(b.changed),
		InterruptPrompt:     "\n",
		EOFPrompt:           "\n",
	})
	if err != nil {
		return nil, fmt.Errorf("cannot make the line editor: %w", err)
	}
	b.instance = i
	return b, nil
}

// keyReader is readline's standard input.
type keyReader buffer

func (r *keyReader) Read(p []byte) (int, error) {
	select {
	case k := <-r.keys:
		return copy(p, k), nil
	case <-r.quit:
		return 0, io.EOF
	}
}

func (r *keyReader) Close() error { return nil }

// filter runs in readline's loop before each key.
func (b *buffer) filter(r rune) (rune, bool) {
	if r != keyMark {
		return r, true
	}
	b.worked <- struct{}{}
	return 0, false
}

// changed runs in readline's loop after each key, and with key 0 when a Readline begins.
func (b *buffer) changed(line []rune, pos int, key rune) ([]rune, int, bool) {
	if key == 0 {
		return nil, 0, false
	}
	if b.put == nil {
		b.text, b.pos = line, pos
		return nil, 0, false
	}
	b.text, b.pos, b.put = b.put.text, b.put.pos, nil
	return slices.Clone(b.text), b.pos, true // readline writes into what it gets
}

// press hands keys to readline and waits until they are worked off.
func (b *buffer) press(keys ...rune) {
	b.instance.Terminal.KickRead() // it stops reading after some of the keys
	b.keys <- []byte(string(append(keys, keyMark)))
	<-b.worked
}

// begin starts a line. A Readline that an earlier line left under way goes on as this one's.
func (b *buffer) begin() {
	if !b.reading {
		b.reading = true
		go func() {
			line, err := b.instance.Readline()
			b.ended <- result{line, err}
		}()
	}
	b.set(nil, 0)
}

// end ends the line with Enter, Ctrl-C, or Ctrl-D where it is empty.
func (b *buffer) end(key rune) (string, error) {
	b.press(key)
	r := <-b.ended
	b.reading = false
	if errors.Is(r.err, readline.ErrInterrupt) {
		r.err = ErrInterrupt
	}
	return r.line, r.err
}

// set makes the line text with the cursor at pos.
func (b *buffer) set(text []rune, pos int) {
	b.put = &content{slices.Clone(text), pos}
	b.press(keyNothing)
}

// insert puts text at the cursor. Readline works a key in a time that grows with the line, so a pasted
// text is not handed over by its characters.
func (b *buffer) insert(text []rune) {
	if len(text) == 1 && plain(text[0]) {
		b.press(text[0])
		return
	}
	b.set(slices.Insert(slices.Clone(b.text), b.pos, text...), b.pos+len(text))
}

// kill takes out the text from one index to another and keeps it for yank.
func (b *buffer) kill(from, to int) {
	if from >= to {
		return
	}
	rest := slices.Delete(slices.Clone(b.text), from, to)
	b.set(b.text[from:to], to-from)
	b.put = &content{rest, from}
	b.press(keyKillFront)
}

// close ends readline's goroutines. Its own Close would wait for ever for a read under way, so the reads
// end first.
func (b *buffer) close() error {
	b.set(nil, 0) // a line that isn't empty would be sent to nobody
	close(b.quit)
	if b.reading {
		<-b.ended
	}
	return b.instance.Close()
}
