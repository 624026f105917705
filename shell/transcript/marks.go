package transcript

// The marks that stand around a tool's output where a program reads the session: a runbook that came with a header. Without them what is
// the tool's and what is opsh's could only be guessed: whether the line break before opsh's line was printed by the tool, and whether
// text that is indented explains a record. A terminal shows nothing for them, and the lines of records stand at column 0 as ever.
//
// A tool can print the same bytes. It wins nothing but that its own output is taken for opsh's words: no status is believed without a mac.
const (
	// ToolBegins follows the last line of opsh's before a tool prints: CAN CR.
	ToolBegins = "\x18\r"
	// ToolEnds stands between a tool's output and opsh's line that ends or interrupts it: CAN CR LF. Behind it comes either OpshSpeaks or,
	// where the output was more than text, ResetBegins.
	ToolEnds = "\x18\r\n"
	// OpshSpeaks is how each of opsh's lines begins that isn't indented.
	OpshSpeaks = "opsh: "
	// ResetBegins is how the sequence begins that brings the terminal back from what a tool did to it. It ends with its line.
	ResetBegins = "\x18\x1b\\\x1b\x03\x1b<"
)
