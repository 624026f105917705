package sessionlog

import (
	"bufio"
	"errors"
	"io"
	"strings"

	"opsh/shell/audit"
)

// logLine is a line of a log without its end, or a piece of one that is longer than any record's.
type logLine struct {
	number int
	text   string
	whole  bool
}

// Pieces overlap, so that what straddles two is in one of them whole.
const (
	pieceBytes = 2 * audit.MaxRecord
	overlap    = 4 << 10
)

// eachLine hands out the lines of a log. A line ends in LF, and in any number of CR before it: each terminal on the way adds one.
func eachLine(log io.Reader, do func(logLine)) error {
	in := bufio.NewReaderSize(log, 64<<10)
	var piece []byte
	number, whole := 1, true
	for {
		part, err := in.ReadSlice('\n')
		piece = append(piece, part...)
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			if len(piece) < pieceBytes {
				continue
			}
			whole = false
			do(logLine{number, string(piece), false})
			piece = append(piece[:0], piece[len(piece)-overlap:]...)
			continue
		case err == nil:
			do(logLine{number, strings.TrimRight(string(piece[:len(piece)-1]), "\r"), whole})
			number, whole, piece = number+1, true, piece[:0]
			continue
		case errors.Is(err, io.EOF):
			if len(piece) > 0 {
				do(logLine{number, strings.TrimRight(string(piece), "\r"), whole})
			}
			return nil
		}
		return err
	}
}
