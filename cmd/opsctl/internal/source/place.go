// Package source opens trails and session logs where they lie: in a file, a CloudWatch Logs stream, an S3 object.
package source

import (
	"errors"
	"fmt"
	"strings"

	"opsh/shell/line"
)

// Kind is what sort of place it is.
type Kind string

// The kinds of places.
const (
	File   Kind = "file"
	Stdin  Kind = "stdin"
	Stream Kind = "stream" // of CloudWatch Logs
	Object Kind = "object" // of S3
	Parts  Kind = "parts"  // objects of S3 whose keys begin alike: what they hold, one behind the other in the order of their keys
)

// Place is where something lies.
type Place struct {
	Kind   Kind
	Path   string // of a file
	Group  string // of a stream: the log group
	Stream string
	Bucket string // of an object, or of parts
	Key    string // of parts: what all keys begin with
}

// Usage says how places are written.
const Usage = `FILE, "-" for standard input, logs:GROUP:STREAM for a CloudWatch Logs stream, or s3://BUCKET/KEY`

// Parse reads a place as people write it: see Usage. Neither groups nor streams can hold a colon
// (https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogStream.html).
func Parse(text string) (Place, error) {
	cannot := func(why string) (Place, error) {
		return Place{}, fmt.Errorf("cannot read %s: %s", line.QuoteWord(text), why)
	}
	switch {
	case text == "":
		return Place{}, errors.New("cannot read a place without a name")
	case text == "-":
		return Place{Kind: Stdin}, nil
	case strings.HasPrefix(text, "logs:"):
		group, stream, ok := strings.Cut(strings.TrimPrefix(text, "logs:"), ":")
		if !ok || group == "" || stream == "" || strings.Contains(stream, ":") {
			return cannot("a stream is written logs:GROUP:STREAM")
		}
		return Place{Kind: Stream, Group: group, Stream: stream}, nil
	case strings.HasPrefix(text, "s3://"):
		bucket, key, ok := strings.Cut(strings.TrimPrefix(text, "s3://"), "/")
		if !ok || bucket == "" || key == "" {
			return cannot("an object is written s3://BUCKET/KEY")
		}
		if strings.HasSuffix(key, "/") {
			return Place{Kind: Parts, Bucket: bucket, Key: key}, nil
		}
		return Place{Kind: Object, Bucket: bucket, Key: key}, nil
	}
	return Place{Kind: File, Path: text}, nil
}

// String is the place as Parse reads it.
func (p Place) String() string {
	switch p.Kind {
	case Stdin:
		return "-"
	case Stream:
		return "logs:" + p.Group + ":" + p.Stream
	case Object, Parts:
		return "s3://" + p.Bucket + "/" + p.Key
	}
	return p.Path
}

// Repeats says that what lies there came through a store that delivers at least once and sorts by time: the same record may be there twice,
// and records of one moment in any order.
func (p Place) Repeats() bool { return p.Kind == Stream || p.Kind == Object }
