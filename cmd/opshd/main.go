// Opshd is the first process of the ops container. It guards: of what ECS Exec's agent starts, nothing but opsh runs.
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"

	"golang.org/x/sys/unix"
)

// Set at link time and by nothing else.
var (
	stateDir = "/var/lib/opsh"
	version  = "development"
)

const usage = "opshd [-- COMMAND...] | opshd health | opshd --version"

func main() {
	// Orphans are given to the first thread, and only who is that can wait for them and for nobody else's.
	runtime.LockOSThread()
	debug.SetGCPercent(400) // its garbage is little, and who collects it stops who looks for the agent
	os.Exit(run())
}

func run() int {
	rest := os.Args[min(1, len(os.Args)):]
	switch {
	case len(rest) == 1 && rest[0] == "--version":
		fmt.Println("opshd", version)
		return 0
	case len(rest) == 1 && rest[0] == "health":
		return health(stateDir, os.Stdout, os.Stderr)
	case len(rest) > 0 && rest[0] != "--":
		fmt.Fprintf(os.Stderr, "opshd: error: cannot use these arguments\nopshd: hint: %s\n", usage)
		return 2
	}
	program, err := os.Executable()
	if err == nil && unix.Gettid() != os.Getpid() {
		err = fmt.Errorf("cannot run on the first thread: %w", unix.Exec(program, os.Args, os.Environ()))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "opshd: error:", err)
		return statusBroken
	}
	return container{
		command: rest[min(1, len(rest)):], environ: os.Environ(), stateDir: stateDir, opsh: filepath.Join(filepath.Dir(program), "opsh"),
		stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr, exit: os.Exit,
	}.run()
}
