package prompt

import (
	"context"
	"time"
	"unicode/utf8"
)

// Keys is where typed bytes come from. What isn't asked for stays there, for the tool that runs next.
type Keys interface {
	// Next waits for typed bytes and returns at most max of them. The end of ctx loses none. io.EOF: the terminal is gone.
	Next(ctx context.Context, max int) ([]byte, error)
	// Unread puts bytes back in front.
	Unread(b []byte)
	// Ready is how many bytes wait already.
	Ready() int
}

// kind is what a key is for.
type kind int

const (
	kindNone kind = iota // nothing, or a sequence that means nothing here
	kindText
	kindPaste
	kindEnter
	kindInterrupt
	kindEOF
	kindTab
	kindLeft
	kindRight
	kindBegin
	kindEnd
	kindWordLeft
	kindWordRight
	kindUp
	kindDown
	kindBackspace
	kindDelete
	kindKill      // to the end of the line
	kindKillFront // to its beginning
	kindKillBlank // back to a blank
	kindKillLeft  // the word before
	kindKillRight // the word behind
	kindYank
	kindTranspose
	kindClear
	kindSearch
	kindSearchForth
	kindCancel
)

// controls are the control characters that mean something at the prompt. Ctrl-Z and Ctrl-\ don't: there
// is no shell to go back to.
var controls = [...]kind{
	1: kindBegin, 2: kindLeft, 3: kindInterrupt, 4: kindEOF, 5: kindEnd, 6: kindRight, 7: kindCancel,
	8: kindBackspace, 9: kindTab, 10: kindEnter, 11: kindKill, 12: kindClear, 13: kindEnter, 14: kindDown,
	16: kindUp, 18: kindSearch, 19: kindSearchForth, 20: kindTranspose, 21: kindKillFront, 23: kindKillBlank,
	25: kindYank,
}

// key is one key, a run of characters that were there at once, or one marked paste.
type key struct {
	kind  kind
	text  []rune
	paste []byte
	over  bool // the paste was longer than maxPaste, and paste isn't it
	typed bool // it came by itself, as from a person's hand
	cr    bool // Enter as a carriage return, which a newline may follow as part of it
}

// decoder makes keys of bytes. It has no timers: an escape waits for what follows it, as in other shells.
type decoder struct {
	keys    Keys
	buf     []byte // fetched and not used
	used    []byte // by the key that is being read: put back when it can't be finished
	first   bool   // the last byte used was the first of what was fetched together
	pasting *pasted
}

// fetched is how many bytes are taken from the keys at once.
const fetched = 4096

func (d *decoder) fetch(ctx context.Context) error {
	b, err := d.keys.Next(ctx, fetched)
	if err != nil {
		return err
	}
	d.buf = append(d.buf, b...)
	return nil
}

// release gives back what was fetched and not used.
func (d *decoder) release() {
	if len(d.buf) > 0 {
		d.keys.Unread(d.buf)
	}
	d.buf = nil
}

// ready is how many bytes wait.
func (d *decoder) ready() int { return len(d.buf) + d.keys.Ready() }

// next waits for a key.
func (d *decoder) next(ctx context.Context) (key, error) {
	d.used = d.used[:0]
	k, err := d.read(ctx)
	if err != nil {
		d.buf = append(d.used, d.buf...)
		d.used = nil
	}
	return k, err
}

func (d *decoder) byte(ctx context.Context) (byte, error) {
	d.first = len(d.buf) == 0
	for len(d.buf) == 0 {
		if err := d.fetch(ctx); err != nil {
			return 0, err
		}
	}
	c := d.buf[0]
	d.buf = d.buf[1:]
	d.used = append(d.used, c)
	return c, nil
}

func (d *decoder) read(ctx context.Context) (key, error) {
	if d.pasting != nil {
		return d.readPaste(ctx)
	}
	c, err := d.byte(ctx)
	if err != nil {
		return key{}, err
	}
	switch {
	case c == 0x1b:
		return d.escape(ctx)
	case c < 0x20:
		return d.pressed(c), nil
	case c == 0x7f:
		return key{kind: kindBackspace}, nil
	}
	d.unused()
	return d.text(ctx)
}

// pressed is the key of a control character.
func (d *decoder) pressed(c byte) key {
	if int(c) >= len(controls) {
		return key{}
	}
	return key{kind: controls[c], typed: d.first, cr: c == '\r'}
}

// unused takes the last byte used as not used.
func (d *decoder) unused() {
	last := len(d.used) - 1
	d.buf = append([]byte{d.used[last]}, d.buf...)
	d.used = d.used[:last]
}

// text reads the characters that are there already, at least one. What is not UTF-8 is dropped, C1
// control characters too.
func (d *decoder) text(ctx context.Context) (key, error) {
	for !utf8.FullRune(d.buf) {
		if err := d.fetch(ctx); err != nil {
			return key{}, err
		}
	}
	k := key{kind: kindText}
	for utf8.FullRune(d.buf) && d.buf[0] >= 0x20 && d.buf[0] != 0x7f {
		r, n := utf8.DecodeRune(d.buf)
		d.buf = d.buf[n:]
		if r == utf8.RuneError && n == 1 || r >= 0x80 && r < 0xa0 {
			continue
		}
		k.text = append(k.text, r)
	}
	if len(k.text) == 0 {
		k.kind = kindNone
	}
	return k, nil
}

// wait says whether bytes wait, or come within d.
func (d *decoder) wait(ctx context.Context, t time.Duration) bool {
	if d.ready() > 0 {
		return true
	}
	ctx, cancel := context.WithTimeout(ctx, t)
	defer cancel()
	return d.fetch(ctx) == nil
}

// behind says whether bytes wait behind the newline k, the rest of that newline not counted. Where k came
// in one piece with what stood before it, a machine sent it, and the next piece is given a moment to come.
func (d *decoder) behind(ctx context.Context, k key) bool {
	if d.ready() == 0 && (k.typed || !d.wait(ctx, grace)) {
		return false
	}
	if len(d.buf) == 0 && d.fetch(ctx) != nil {
		return false
	}
	if k.cr && d.buf[0] == '\n' {
		d.buf = d.buf[1:]
		k.cr = false
		return d.behind(ctx, k)
	}
	return true
}
