package redact

import (
	"cmp"
	"slices"
)

// Secret is what is looked for, and the name that stands in its place.
type Secret struct{ Name, Value string }

// Set finds secrets. It never changes; nil finds nothing. It is Wu and Manber's algorithm: most of the text is skipped, a few bytes at a
// time, by looking at two of each few.
type Set struct {
	needles []needle            // the longer first
	longest int                 // bytes
	least   int                 // bytes, of the shortest
	skip    [1 << 16]uint8      // by two bytes of the text: how far no needle can end at
	starts  map[uint16][]uint32 // by the bytes least-2 and least-1 of a needle: needles
}

type needle struct{ text, name string }

// span is a stretch of a text that shows a secret.
type span struct {
	from, to int
	name     string
}

// New is a Set of secrets; nil where there is none. A value, or a form of one, that is shorter than any secret may be is left out.
func New(secrets []Secret) *Set {
	s := &Set{starts: map[uint16][]uint32{}}
	for _, one := range secrets {
		for _, text := range forms(one.Value) {
			if len(text) >= leastForm {
				s.needles = append(s.needles, needle{text, one.Name})
			}
		}
	}
	slices.SortFunc(s.needles, func(a, b needle) int {
		return cmp.Or(len(b.text)-len(a.text), cmp.Compare(a.text, b.text), cmp.Compare(a.name, b.name))
	})
	s.needles = slices.CompactFunc(s.needles, func(a, b needle) bool { return a.text == b.text })
	if len(s.needles) == 0 {
		return nil
	}
	s.longest, s.least = len(s.needles[0].text), len(s.needles[len(s.needles)-1].text)
	s.prepare()
	return s
}

// prepare fills the tables. A needle takes part with its first least bytes.
func (s *Set) prepare() {
	window := min(s.least, 1<<8)
	s.least = window
	for i := range s.skip {
		s.skip[i] = uint8(window - 1)
	}
	for n, one := range s.needles {
		for end := 1; end < window; end++ {
			block := pair(one.text[end-1], one.text[end])
			s.skip[block] = min(s.skip[block], uint8(window-1-end))
		}
		last := pair(one.text[window-2], one.text[window-1])
		s.starts[last] = append(s.starts[last], uint32(n))
	}
}

func pair(a, b byte) uint16 { return uint16(a)<<8 | uint16(b) }

// find is every stretch of b that is a needle, by where it begins; of those that begin at one place the longest.
func (s *Set) find(b []byte, spans []span) []span {
	for end := s.least - 1; end < len(b); {
		block := pair(b[end-1], b[end])
		if skip := s.skip[block]; skip > 0 {
			end += int(skip)
			continue
		}
		from := end - s.least + 1
		for _, n := range s.starts[block] {
			one := &s.needles[n]
			if len(b)-from >= len(one.text) && string(b[from:from+len(one.text)]) == one.text {
				spans = append(spans, span{from, from + len(one.text), one.name})
				break
			}
		}
		end++
	}
	return spans
}

// Text replaces each secret by [secret NAME]. Where two overlap, nothing of either stays; where one holds the other, the longer is
// named. It must come before anything else is done to the text that could change how a secret is written.
func (s *Set) Text(text string) string {
	if s == nil || len(text) < s.least {
		return text
	}
	stream := Stream{set: s}
	stream.buf = []byte(text)
	stream.spans = s.find(stream.buf, nil)
	if len(stream.spans) == 0 {
		return text
	}
	return string(stream.replace(len(text)))
}
