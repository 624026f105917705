package source

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"regexp"
)

// stamp is what CloudWatch Logs writes before each event when it exports a stream to S3: the event's time, which the record has inside.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/S3ExportTasks.html
var stamp = regexp.MustCompile(`\A[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z `)

const stampBytes = len("2026-11-23T18:02:11.004Z ")

// unstamped leaves the stamps out of an exported stream. An object whose first line has none is no export, and is left as it is.
func unstamped(in *bufio.Reader) io.Reader {
	if first, err := in.Peek(stampBytes); err != nil || !stamp.Match(first) {
		return in
	}
	return &unstamper{in: in, start: true}
}

type unstamper struct {
	in    *bufio.Reader
	start bool // of a line
}

func (u *unstamper) Read(p []byte) (int, error) {
	if u.start {
		if first, err := u.in.Peek(stampBytes); err == nil && stamp.Match(first) {
			if _, err := u.in.Discard(stampBytes); err != nil {
				return 0, err
			}
		}
		u.start = false
	}
	if _, err := u.in.Peek(1); err != nil {
		return 0, err
	}
	have, err := u.in.Peek(min(len(p), u.in.Buffered()))
	if err != nil && !errors.Is(err, io.EOF) {
		return 0, err
	}
	if end := bytes.IndexByte(have, '\n'); end >= 0 {
		have, u.start = have[:end+1], true
	}
	n := copy(p, have)
	_, err = u.in.Discard(n)
	return n, err
}
