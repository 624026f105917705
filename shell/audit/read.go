package audit

import (
	"bufio"
	"bytes"
	"errors"
	"io"
)

// Verify checks a trail's text as its file holds it. An error is the reader's: then there is no verdict.
func Verify(r io.Reader, o Options) (Verdict, error) {
	v := NewVerifier(o)
	if err := v.Read(r); err != nil {
		return Verdict{}, err
	}
	return v.Finish(), nil
}

// Read takes the lines of a file. What follows its last LF is an unfinished record.
func (v *Verifier) Read(r io.Reader) error {
	in := bufio.NewReaderSize(r, 64<<10)
	var line []byte
	size := 0
	for {
		part, err := in.ReadSlice('\n')
		size += len(part)
		if size <= MaxRecord+1 {
			line = append(line, part...)
		}
		switch {
		case err == nil && size > MaxRecord+1:
			v.TooLong()
		case err == nil:
			v.Line(bytes.TrimSuffix(line, []byte("\n")))
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case errors.Is(err, io.EOF):
			v.Unfinished(size)
			return nil
		default:
			return err
		}
		line, size = line[:0], 0
	}
}
