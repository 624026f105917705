package prompt

import (
	"context"
	"strings"
)

// escape reads what follows an escape character. Whatever isn't known is used up whole, so that no part
// of it is taken for typed text. A control character ends it and counts: Ctrl-C always works.
func (d *decoder) escape(ctx context.Context) (key, error) {
	meta := false
	c, err := d.byte(ctx)
	for err == nil && c == 0x1b { // Alt with a key that has a sequence, or an escape that was pressed alone
		meta = true
		c, err = d.byte(ctx)
	}
	if err != nil {
		return key{}, err
	}
	switch {
	case c == '[':
		return d.control(ctx, meta)
	case c == 'O':
		return d.application(ctx, meta)
	case strings.IndexByte("]PX^_", c) >= 0 && d.ready() > 0: // a terminal's answer; a person's Alt-P stands alone
		return d.answer(ctx)
	case c == 'b' || c == 'B':
		return key{kind: kindWordLeft}, nil
	case c == 'f' || c == 'F':
		return key{kind: kindWordRight}, nil
	case c == 'd' || c == 'D':
		return key{kind: kindKillRight}, nil
	case c == 0x7f || c == 0x08:
		return key{kind: kindKillLeft}, nil
	case c < 0x20:
		return d.pressed(c), nil
	case c >= 0x80: // nothing but text begins so; the escape was pressed alone
		d.unused()
		return d.text(ctx)
	}
	return key{}, nil
}

// maxSequence is how much of a sequence is looked at; the rest is only used up.
const maxSequence = 32

// control reads a control sequence: parameters, intermediates, a final byte.
func (d *decoder) control(ctx context.Context, meta bool) (key, error) {
	var params []byte
	for n := 0; ; n++ {
		c, err := d.byte(ctx)
		switch {
		case err != nil:
			return key{}, err
		case c == 0x1b:
			return d.escape(ctx)
		case c < 0x20:
			return d.pressed(c), nil
		case c >= 0x7f:
			return key{}, nil
		case c < 0x40:
			if len(params) < maxSequence {
				params = append(params, c)
			}
		case c == '[' && n == 0: // a function key of the Linux console: one more
			_, err := d.byte(ctx)
			return key{}, err
		case c == 'M' && n == 0: // a mouse: three more
			for range 3 {
				if _, err := d.byte(ctx); err != nil {
					return key{}, err
				}
			}
			return key{}, nil
		case c == '~' && string(params) == "200":
			d.pasting, d.used = new(pasted), d.used[:0]
			return d.readPaste(ctx)
		default:
			return key{kind: sequence(string(params), c, meta)}, nil
		}
	}
}

// application reads a key in application mode.
func (d *decoder) application(ctx context.Context, meta bool) (key, error) {
	var params []byte
	for {
		c, err := d.byte(ctx)
		switch {
		case err != nil:
			return key{}, err
		case c == 0x1b:
			return d.escape(ctx)
		case c < 0x20:
			return d.pressed(c), nil
		case c >= '0' && c <= '9' || c == ';':
			if len(params) < maxSequence {
				params = append(params, c)
			}
		case c == 'M':
			return key{kind: kindEnter}, nil
		case c == 'c' || c == 'd': // urxvt's Ctrl with an arrow
			return key{kind: sequence("5", c-'a'+'A', meta)}, nil
		default:
			return key{kind: sequence(string(params), c, meta)}, nil
		}
	}
}

// sequence is the meaning of the sequence with these parameters and this final byte. A modifier (Ctrl,
// Alt or Shift) comes last in the parameters, as one more than its bits.
func sequence(params string, final byte, meta bool) kind {
	first, modifier, _ := strings.Cut(params, ";")
	if final != '~' && modifier == "" {
		modifier = first
	}
	word := meta || modifier >= "3" && modifier <= "8"
	choose := func(char, wide kind) kind {
		if word {
			return wide
		}
		return char
	}
	switch final {
	case 'A':
		return kindUp
	case 'B':
		return kindDown
	case 'C':
		return choose(kindRight, kindWordRight)
	case 'D':
		return choose(kindLeft, kindWordLeft)
	case 'H':
		return kindBegin
	case 'F':
		return kindEnd
	case '~':
		switch first {
		case "1", "7":
			return kindBegin
		case "4", "8":
			return kindEnd
		case "3":
			return choose(kindDelete, kindKillRight)
		}
	}
	return kindNone
}

// answer uses up a string that a terminal sent, up to its terminator. A control character ends it too and
// is used up with it: what stood before Enter must not run with a piece of it missing.
func (d *decoder) answer(ctx context.Context) (key, error) {
	for {
		c, err := d.byte(ctx)
		switch {
		case err != nil:
			return key{}, err
		case c == keyInterrupt:
			return key{kind: kindInterrupt}, nil
		case c == 0x1b:
			if c, err = d.byte(ctx); err == nil && c != '\\' {
				d.unused()
				return d.escape(ctx)
			}
			return key{}, err
		case c < 0x20:
			return key{}, nil
		}
		d.used = d.used[:0] // it may be long, and none of it is wanted back
	}
}
