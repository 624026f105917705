package launch

import (
	"encoding/binary"
	"unicode/utf8"
)

// plainText follows a tool's output and says whether all of it was text: what no terminal takes for anything but characters to
// show. After such a tool the terminal is in the state it was in before, and the log is spared the reset.
type plainText struct {
	broken bool   // something else came
	tail   []byte // an incomplete character at the end of what came last
}

// write takes the next piece of output, cut anywhere.
func (p *plainText) write(b []byte) {
	if p.broken {
		return
	}
	if len(p.tail) > 0 {
		b = append(p.tail, b...)
		p.tail = nil
	}
	for i := 0; i < len(b); {
		if i+8 <= len(b) && printable(binary.LittleEndian.Uint64(b[i:])) {
			i += 8
			continue
		}
		c := b[i]
		if c >= ' ' && c < 0x7f || c == '\n' || c == '\r' || c == '\t' {
			i++
			continue
		}
		r, size := utf8.DecodeRune(b[i:])
		if r == utf8.RuneError && size == 1 && !utf8.FullRune(b[i:]) {
			p.tail = append([]byte(nil), b[i:]...)
			return
		}
		// Not ESC alone: SO and BEL are control characters too, U+009B is ESC [ in one, and what isn't UTF-8 may
		// be that to a terminal that doesn't expect UTF-8.
		if c < utf8.RuneSelf || r == utf8.RuneError && size == 1 || r < 0xa0 {
			p.broken = true
			return
		}
		i += size
	}
}

// printable says whether eight bytes at once are ASCII from blank to ~. All output passes here, so it is done without a loop:
// a byte below 0x20 borrows into its high bit, one from 0x7f carries into it.
func printable(w uint64) bool {
	const ones, high = 0x0101010101010101, 0x8080808080808080
	return (w|(w-ones*0x20)|(w+ones))&high == 0
}

// all says whether nothing but whole characters came.
func (p *plainText) all() bool { return !p.broken && len(p.tail) == 0 }
