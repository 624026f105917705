// Package redact replaces secrets in text by [secret NAME]: in what a tool prints, as a stream, and in records.
//
// It finds a secret as it is and in the forms that programs commonly write: escaped for JSON, SQL, a shell, an option file or
// .pgpass, percent-encoded, base64 wherever the secret stands in what was encoded, and hexadecimal. Where a secret is a URL, the password in it is
// a secret too. That is best effort: SELECT REVERSE(…), a compressed file, a secret printed letter by letter with pauses pass. What a tool's
// operator must not have, the tool must not be able to print.
package redact
