package recording

import (
	"encoding/binary"
	"math/bits"
	"strconv"
	"time"
	"unicode/utf8"
)

// Code is the kind of an event.
type Code byte

// The kinds of events.
const (
	Output Code = 'o'
	Input  Code = 'i'
	Marker Code = 'm'
	Resize Code = 'r'
	Exit   Code = 'x'
)

// Most is how many bytes a recording has at most when Options doesn't say: as many as a command may print when its tool doesn't say.
const Most = 1 << 30

// What says in a recording that there was no room for more: a comment, and the label of a marker behind it.
const (
	CutComment = "# cut: there is no room for what comes; the trail counts and hashes it\n"
	CutLabel   = "cut"
)

// Lost begins an error that ends a recording, with the file's name behind it. Nothing is written to the file any more.
const Lost = "cannot record the session in "

// Line is an event as a Recorder writes it, with its line's end. since is the time since the event before.
func (e Event) Line(since time.Duration) []byte {
	var t text
	return append(t.rest(t.append(appendStart(nil, since, e.Code), []byte(e.Data))), eventEnd...)
}

// appendStart begins an event's line, up to its data.
func appendStart(b []byte, since time.Duration, code Code) []byte {
	ms := since.Milliseconds()
	b = strconv.AppendInt(append(b, '['), ms/1000, 10)
	b = append(b, '.', byte('0'+ms/100%10), byte('0'+ms/10%10), byte('0'+ms%10))
	return append(b, ',', '"', byte(code), '"', ',', '"')
}

// eventEnd ends it.
const eventEnd = "\"]\n"

// text makes a stream of bytes JSON's text, piece by piece.
type text struct {
	tail     []byte // the beginning of a character whose rest has not come
	newlines bool   // LF becomes CR LF, where there is no terminal that has done so
	last     byte   // of what came, for that
	replaced int64
}

// append appends a piece, cut anywhere. What isn't UTF-8 becomes U+FFFD, byte by byte.
func (t *text) append(b, piece []byte) []byte {
	if len(t.tail) > 0 {
		piece = append(t.tail, piece...)
		t.tail = nil
	}
	start := 0
	for i := 0; i < len(piece); {
		for i+8 <= len(piece) {
			bad := unclean(binary.LittleEndian.Uint64(piece[i:])) & high
			if bad != 0 {
				i += bits.TrailingZeros64(bad) / 8 // a borrow goes upwards only: the lowest is right
				break
			}
			i += 8
		}
		if i == len(piece) {
			break
		}
		c := piece[i]
		if c >= ' ' && c < 0x7f && c != '"' && c != '\\' {
			i++
			continue
		}
		r, size := rune(c), 1
		if c >= utf8.RuneSelf {
			r, size = utf8.DecodeRune(piece[i:])
			if r == utf8.RuneError && size == 1 && !utf8.FullRune(piece[i:]) {
				t.note(piece[start:i])
				b = append(b, piece[start:i]...)
				t.tail = append([]byte(nil), piece[i:]...)
				return b
			}
			if !(r == utf8.RuneError && size == 1) && shown(r) {
				i += size
				continue
			}
		}
		t.note(piece[start:i])
		b = append(b, piece[start:i]...)
		switch {
		case r == utf8.RuneError && size == 1:
			t.replaced++
			b = append(b, "\uFFFD"...)
		case r == '\n' && t.newlines && t.last != '\r':
			b = append(b, `\r\n`...)
		default:
			b = appendEscaped(b, r)
		}
		t.last = c
		i += size
		start = i
	}
	t.note(piece[start:])
	return append(b, piece[start:]...)
}

// note remembers the last byte of what needs no escape.
func (t *text) note(b []byte) {
	if len(b) > 0 {
		t.last = b[len(b)-1]
	}
}

// rest appends what never became a whole character.
func (t *text) rest(b []byte) []byte {
	for range t.tail {
		t.replaced++
		b = append(b, "\uFFFD"...)
	}
	t.tail = nil
	return b
}

const (
	ones = 0x0101010101010101
	high = 0x8080808080808080
)

// unclean has none of the high bits where eight bytes at once are ASCII that JSON takes as it is. All output passes here, so it is done without a
// loop: see printable in package launch. The exclusive ors make a quote and a backslash zero, and one less than zero has the high bit.
func unclean(w uint64) uint64 {
	return w | (w - ones*0x20) | (w + ones) | (w ^ (ones * '"') - ones) | (w ^ (ones * '\\') - ones)
}

// shown says whether a character may stand as it is in a file that somebody prints: C1 and separators are escaped.
func shown(r rune) bool {
	return r >= 0xa0 && !(r >= 0x200b && r <= 0x200f) && !(r >= 0x2028 && r <= 0x202e) && !(r >= 0x2066 && r <= 0x2069) && r != 0xfeff
}

func appendEscaped(b []byte, r rune) []byte {
	const hex = "0123456789abcdef"
	switch r {
	case '\n':
		return append(b, '\\', 'n')
	case '\r':
		return append(b, '\\', 'r')
	case '\t':
		return append(b, '\\', 't')
	case '"', '\\':
		return append(b, '\\', byte(r))
	}
	return append(b, '\\', 'u', hex[r>>12&15], hex[r>>8&15], hex[r>>4&15], hex[r&15])
}
