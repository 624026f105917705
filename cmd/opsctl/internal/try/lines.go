package try

import "io"

// Lines prints whole lines, each with end behind it.
func Lines(out io.Writer, end string) func(lines ...string) error {
	return func(lines ...string) error {
		var b []byte
		for _, l := range lines {
			b = append(append(b, l...), end...)
		}
		_, err := out.Write(b)
		return err
	}
}
