// Opsh-exec is the step between opsh and a tool. It reads what to run from a sealed file on descriptor 3, contains itself, and
// becomes the tool. When it can't, it says why on descriptor 4 and exits with 126; the tool has not run then.
package main

import (
	"fmt"
	"os"

	"opsh/shell/contain"
)

func main() {
	spec, err := contain.ReadSpec(os.NewFile(contain.SpecFD, "spec"))
	if err != nil {
		fail(err, 2)
	}
	if os.Args[0] == contain.SupervisedName {
		fail(spec.StartSupervised(), 126)
	}
	fail(spec.Start(), 126)
}

// fail says why on the status pipe, or to whoever started this by hand.
func fail(err error, status int) {
	status4 := os.NewFile(contain.StatusFD, "status")
	if _, w := fmt.Fprintln(status4, err); w != nil {
		fmt.Fprintf(os.Stderr, "opsh-exec: error: %v\nopsh-exec: hint: opsh starts this program; it is of no use by hand\n", err)
	}
	os.Exit(status)
}
