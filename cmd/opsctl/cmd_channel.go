package main

import (
	"os"
	"os/signal"
	"syscall"

	"opsh/cmd/opsctl/internal/channel"
	"opsh/cmd/opsctl/internal/session"
)

// channelVerb is how opsctl starts itself to hold a session. No help lists it: there is nothing to type.
func channelVerb() verb {
	return verb{name: session.ChildVerb, run: holdChannel}
}

func holdChannel(p *person, _ []string) int {
	// Whoever interrupts opsctl at its terminal interrupts this process too. It ends when its parent says so, or is gone.
	signal.Ignore(os.Interrupt, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT)
	out := p.out
	os.Stdout = os.Stderr // the library prints there what it likes; this is no place for it
	return channel.Serve(p.in, out)
}
