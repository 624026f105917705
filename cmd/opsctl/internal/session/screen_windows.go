package session

import (
	"os"

	"golang.org/x/sys/windows"
)

// prepareScreen has the console understand escape sequences, and returns what gives it back as it was.
func prepareScreen(screen *os.File) (restore func()) {
	console := windows.Handle(screen.Fd())
	var before uint32
	if err := windows.GetConsoleMode(console, &before); err != nil {
		return func() {}
	}
	now := before | windows.ENABLE_PROCESSED_OUTPUT | windows.ENABLE_VIRTUAL_TERMINAL_PROCESSING | windows.DISABLE_NEWLINE_AUTO_RETURN
	if err := windows.SetConsoleMode(console, now); err != nil {
		return func() {}
	}
	return func() { windows.SetConsoleMode(console, before) } //nolint:errcheck // the console is gone
}
