// Opsh-exec is the step between opsh and a tool. It reads what to run from a sealed file on descriptor 3, contains itself, and
// becomes the tool. When it can't, it says why on descriptor 4 and exits with 126; the tool has not run then.
package main

import (
	"fmt"
	"io/fs"
	"os"
	"runtime"

	"opsh/shell/contain"
)

func main() {
	spec, status := os.NewFile(contain.SpecFD, "spec"), os.NewFile(contain.StatusFD, "status")
	if info, err := status.Stat(); err != nil || info.Mode()&fs.ModeSocket == 0 {
		fmt.Fprintln(os.Stderr, "opsh-exec: error: cannot run by hand: opsh starts this program, and says what to run on descriptor 3")
		os.Exit(2)
	}
	err := run(spec)
	fmt.Fprintln(status, err) //nolint:errcheck // opsh is gone, then
	// Whom the garbage collector thinks unused it closes, and by then the number may be another file's.
	runtime.KeepAlive(spec)
	os.Exit(126)
}

// run returns only with an error.
func run(spec *os.File) error {
	s, err := contain.ReadSpec(spec)
	if err != nil {
		return err
	}
	return s.Start()
}
