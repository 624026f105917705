package runbook

import (
	"bytes"
	"fmt"
	"unicode/utf8"

	"opsh/shell/line"
)

// Readable says why a runbook doesn't read as it looks; nil where it does. People approve what they see: a carriage return alone ends a line for
// opsh and hides what stands before it on a screen, and so do other control characters and those that reorder or hide text, in comments too.
func Readable(text []byte) error {
	for i, l := range bytes.Split(bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n")), []byte("\n")) {
		if !utf8.Valid(l) {
			return fmt.Errorf("line %d isn't UTF-8", i+1)
		}
		for _, r := range string(l) {
			if one := string(r); line.Plain(one) != one {
				return fmt.Errorf("line %d holds %U, which a reader doesn't see", i+1, r)
			}
		}
	}
	return nil
}
