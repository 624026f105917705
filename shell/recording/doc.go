// Package recording keeps what an operator saw and typed: a session as an asciicast, to be played again. The trail says what was run; a
// recording shows it. Each proves the other: the trail's records hold how many bytes of the recording there were, and their SHA-256.
//
// # The recording's file
//
// STATEDIR/recording/SESSION.cast is an asciicast of version 3 (https://docs.asciinema.org/manual/asciicast/v3/), UTF-8, created exclusively, mode
// 0600, in a directory of root's with mode 0700, and only ever appended to. Its first line is the header; each other line is a comment, which begins with #, or an event
//
//	[SECONDS since the event before, "CODE", "DATA"]
//
// with these codes:
//
//   - o: bytes on their way to the operator's terminal, opsh's own lines and prompt as well as a tool's output, secrets redacted already. What is typed
//     at opsh's prompt is here, as the prompt shows it. Without a terminal, where lines end in LF alone, they end in CR LF here.
//   - i: what was typed to a tool. Data that is empty stands for something that the tool didn't show: while its terminal has ECHO off and ICANON
//     on, as at a password prompt. There is one such event for what was typed up to Enter; neither text nor length are kept.
//     Where the session knows secrets, what may be the beginning of one comes when its rest does, or after a second without a key.
//   - m: "#N LINE", before command N starts or is refused. Or "cut", see below.
//   - r: "COLSxROWS", before the first output in the new size. A terminal without a size is 80x24.
//   - x: the exit status of opsh, the last event. A recording without it belongs to a session that lives, or was killed.
//
// An asciicast is text. What isn't UTF-8 is written as U+FFFD, one for each byte, and counted in the trail as replaced; a character that is cut between two
// writes is whole in the later event. Control characters, U+2028 and the like are escaped, so that a recording can be printed.
//
// # Its bounds
//
// A tool's output ends with its limits.output. A recording ends at Options.Most bytes: then a comment and a marker "cut" say so, and what comes is counted
// and hashed in the trail instead.
//
// # What a lost machine loses
//
// Events are written as they happen, but not synced: a trail that was synced may vouch for a recording's end that a crashed machine
// hasn't kept. Verification says so.
package recording

import ()
