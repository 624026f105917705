package launch

import (
	"strings"
)

// ResetSequence brings a terminal back from whatever a tool's output did to it, so that the next line, printed after
// a line break, is seen whole, on the right screen, in plain type. It prints nothing itself, doesn't move the cursor on a
// terminal that saves and restores it as usual, and is the same every time: who reads a session log can take it out.
func ResetSequence() string { return strings.Join(resetParts(), "") }

// resetParts is the sequence in order. Each part gives the reason it is there and, where it matters, why there.
func resetParts() []string {
	return []string{
		// What was begun and not finished. Until it is, everything below would be swallowed.
		"\x18",     // CAN: ends an escape or control sequence in the middle, and in most terminals a string
		"\x1b\\",   // ST: ends DCS, OSC, APC, PM, SOS where CAN didn't
		"\x1b\x03", // Tektronix mode, where nothing else is understood, ends by ESC ETX
		"\x1b<",    // VT52 mode, where CSI isn't understood, ends by ESC <
		"\x1b[4i",  // printer controller mode: all output goes to a printer until this
		"\x1b[?4i", // auto print: likewise, a copy of it
		"\x1b%G",   // UTF-8: another coding would show Japanese as garbage

		// The main screen. Leaving the alternate one restores the main screen's cursor, also where the alternate one
		// wasn't in use: so it is saved first. A terminal that holds one position per screen restores the
		// one from before the alternate screen; the others keep this one.
		"\x1b[?2026l", // synchronized update: nothing is drawn until it ends
		"\x1b7",
		"\x1b[?1049l",

		// DECSTR, soft reset: insert and origin mode, margins, keypad, character sets, attributes, cursor. It leaves
		// the cursor where it is, but forgets where it was saved, so it comes after the main screen. Not every terminal
		// has it: what matters follows one by one.
		"\x1b[!p",

		// What moves the cursor, or might in a terminal that misreads it, between save and restore.
		"\x1b7",
		"\x1b[?6l",   // origin mode off: rows count from the top of the screen
		"\x1b[?69l",  // left and right margins off
		"\x1b[r",     // scroll region: the whole screen
		"\x1b[=0;1u", // enhanced key reports off (kitty): Ctrl-C must be Ctrl-C again
		"\x1b[>4m",   // likewise xterm's modifyOtherKeys; before SGR 0, because some take it for an underline
		"\x1b8",

		// What is drawn. After the restoring above, which brings attributes and character sets back as well.
		"\x1b(B\x1b)B\x1b*B\x1b+B", // G0 to G3 are ASCII: line drawing makes "opsh" unreadable
		"\x0f",                     // SI: G0 is in use
		"\x1b[0m",                  // no conceal, no reverse video, no colour
		"\x1b]104\x1b\\",           // the palette's own colours: black on black hides as well as conceal does
		"\x1b]110\x1b\\",           // the text's own colour
		"\x1b]111\x1b\\",           // the background's
		"\x1b[?5l",                 // the screen as a whole not reversed
		"\x1b[?25h",                // the cursor is visible
		"\x1b[?7h",                 // long lines wrap instead of overwriting their last column; DECSTR may turn that off

		// ANSI modes.
		"\x1b[2l",  // KAM: the keyboard isn't locked
		"\x1b[4l",  // IRM: characters replace, they don't push what is there along
		"\x1b[12h", // SRM: the terminal doesn't echo by itself
		"\x1b[20l", // LNM: line feed is only that, and Enter sends CR only

		// What keys and pointer send.
		"\x1b[?1l", // cursor keys as usual
		"\x1b>",    // keypad as usual
		"\x1b[?9l\x1b[?1000l\x1b[?1001l\x1b[?1002l\x1b[?1003l", // no mouse reports
		"\x1b[?1005l\x1b[?1006l\x1b[?1015l\x1b[?1016l",         // in no encoding
		"\x1b[?1004l", // no focus reports
		"\x1b[?2004l", // no bracketed paste

		// A tool may leave the cursor anywhere, with text of its choice below: it would stand behind opsh's next line as if it were
		// part of it. What is erased here is in the log.
		"\x1b[J",
	}
}
