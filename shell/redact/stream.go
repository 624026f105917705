package redact

// Stream redacts a text that comes in pieces. What a piece ends with is held back as long as it may be the beginning of a secret, since
// a secret may be cut anywhere.
//
// What is held back doesn't depend on the secrets but for the length of the longest: all since the last control character, which no secret
// has, up to that length. Otherwise whoever sees when a typed letter is echoed could tell the first letter of a secret, and then the next.
type Stream struct {
	set   *Set
	buf   []byte // what was held back, and the newest piece
	given int    // of buf: bytes that were delivered, or have their name delivered
	done  int    // of the bytes from given on: how many a delivered name stands for
	last  string // that name
	spans []span
	out   []byte
}

// Stream is a new one. For a nil Set it is nil, and nothing needs to be written to it.
func (s *Set) Stream() *Stream {
	if s == nil {
		return nil
	}
	return &Stream{set: s}
}

// Held is how many bytes are held back.
func (s *Stream) Held() int { return len(s.buf) - s.given }

// Write takes a piece and returns what can be delivered, which is good until the next call.
func (s *Stream) Write(piece []byte) []byte {
	s.buf = append(s.buf[:copy(s.buf, s.buf[s.given:])], piece...)
	s.given = 0
	s.spans = s.set.find(s.buf, s.spans[:0])
	safe := max(0, len(s.buf)-s.set.longest+1)
	for i := len(s.buf) - 1; i >= safe; i-- {
		if c := s.buf[i]; c < ' ' || c == 0x7f {
			safe = i + 1
			break
		}
	}
	return s.replace(safe)
}

// Flush returns all that is held back: a secret that is whole by now is replaced, the beginning of one isn't.
func (s *Stream) Flush() []byte {
	s.buf = s.buf[:copy(s.buf, s.buf[s.given:])]
	s.given = 0
	s.spans = s.set.find(s.buf, s.spans[:0])
	return s.replace(len(s.buf))
}

// replace delivers buf up to safe, where every secret that begins before was found whole.
func (s *Stream) replace(safe int) []byte {
	s.given = safe
	if s.done == 0 && (len(s.spans) == 0 || s.spans[0].from >= safe) {
		return s.buf[:safe]
	}
	s.out = s.out[:0]
	done, last := s.done, s.last
	for _, one := range s.spans {
		switch {
		case one.from >= safe:
			continue
		case one.to <= done:
			continue // within another
		case one.from >= done || one.name != last:
			s.out = append(s.out, s.buf[done:max(done, one.from)]...)
			s.out = append(append(append(s.out, "[secret "...), one.name...), ']')
		}
		done, last = one.to, one.name
	}
	if done < safe {
		s.out = append(s.out, s.buf[done:safe]...)
		done = safe
	}
	s.done, s.last = done-safe, last
	return s.out
}
