// Package audit keeps the trail: one record for each event of a session, on disk before the event
// has an effect. Errors are returned, never dropped: who gets one must not go on.
//
// # The trail's file
//
// STATEDIR/trail/SESSION.jsonl holds one record a line, each line ended by one LF, UTF-8. It is created
// exclusively, mode 0600, in a directory of root's with mode 0700; appended to and fdatasync'ed record by
// record; locked (flock, exclusive) while the session or its watcher lives.
//
// # A record's encoding
//
// A line is a JSON object. Its last two members are always hash and sig, in this order and without
// spaces, so that the line ends in
//
//	,"hash":"<64 hex digits>","sig":"<88 characters of standard base64>"}
//
// The body is the line without that end, closed by "}": the bytes that were hashed. hash is the SHA-256 of
// the body. sig is the Ed25519 signature of the 32 bytes of the hash, by the key whose public half
// the session's first record holds in "key" (standard base64, 32 bytes). The body is what Go's encoding/json makes of a Record
// (without HTML escapes): members in the struct's order, those that don't apply left out. A verifier hashes the stored bytes, and refuses a body that
// isn't encoded so. A later opsh may add members; it may not move or rename one.
//
// "prev" is the hash of the record before it, 64 zeros in the first. "seq" counts from 0 without gaps. "time" is UTC
// with milliseconds; it never goes backwards within a trail: when the clock does, the last time stays
// and "clock" holds what the clock said.
//
// The first record's "recording" says where the session is recorded: "off", "local", or a place in S3; it is left out by an opsh that knew no recordings. Where
// there is a recording, exit, refused, running and end hold in "recorded" how many bytes its file had before the record's line was shown, and the
// SHA-256 of these: see package recording. It never gets shorter.
//
// Where records could not be written, the next one that could says why in "trouble" and how many in "missing".
//
// The guard's recorder keeps a trail of its own in the same way, with an id that begins guard-: its begin has the mode guard, and its events are
// killed, for what was ended and in which of the agent's sessions ("of"), and guard, for what it says of itself. It removes trails that are done and
// that CloudWatch Logs has whole, after a time or when they get too many (Sweep); nobody else removes any.
//
// The first record's event is begin, the last one's end. A trail whose last event is not end belongs to a session that
// lives, or whose machine was lost. An end with "closer" was written by another session, for one whose opsh and watcher had died:
// its "key" is that session's own choice, so all that it proves is that somebody found the trail in this state. Every record
// before it is as trustworthy as in any trail.
package audit
