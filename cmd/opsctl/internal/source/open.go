package source

import (
	"bufio"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"os"

	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"opsh/cmd/opsctl/internal/awsconf"
)

// Opener opens places. AWS is asked for only when a place is there.
type Opener struct {
	Stdin io.Reader
	AWS   awsconf.Options
}

// Open returns what lies in a place, as text: what gzip packed is unpacked, and an exported stream is as it was. The caller closes it.
func (o Opener) Open(ctx context.Context, p Place) (io.ReadCloser, error) {
	raw, err := o.raw(ctx, p)
	if err != nil {
		return nil, fmt.Errorf("cannot open %s: %w", p, err)
	}
	in := bufio.NewReaderSize(raw, 64<<10)
	if magic, err := in.Peek(2); err == nil && magic[0] == 0x1f && magic[1] == 0x8b { // an error shows again when it is read
		unpacked, err := gzip.NewReader(in)
		if err != nil {
			raw.Close() //nolint:errcheck // it was only read
			return nil, fmt.Errorf("cannot unpack %s: %w", p, err)
		}
		in = bufio.NewReaderSize(unpacked, 64<<10)
	}
	if p.Kind == Object {
		return body{unstamped(in), raw}, nil
	}
	return body{in, raw}, nil
}

// body is a reader, and what to close when it is done with.
type body struct {
	io.Reader
	io.Closer
}

func (o Opener) raw(ctx context.Context, p Place) (io.ReadCloser, error) {
	switch p.Kind {
	case Stdin:
		return io.NopCloser(o.Stdin), nil
	case File:
		return os.Open(p.Path)
	}
	if p.Kind == Stream {
		config, err := awsconf.Load(ctx, o.AWS)
		if err != nil {
			return nil, err
		}
		return newStream(ctx, cloudwatchlogs.NewFromConfig(config), p)
	}
	client, err := o.s3(ctx)
	if err != nil {
		return nil, err
	}
	if p.Kind == Parts {
		return newParts(ctx, client, p)
	}
	out, err := client.GetObject(ctx, &s3.GetObjectInput{Bucket: &p.Bucket, Key: &p.Key})
	if err != nil {
		return nil, err
	}
	return out.Body, nil
}

// s3 is a client of S3. Path style where an endpoint was set: what isn't AWS's own has no name for each bucket.
func (o Opener) s3(ctx context.Context) (*s3.Client, error) {
	config, err := awsconf.Load(ctx, o.AWS)
	if err != nil {
		return nil, err
	}
	return s3.NewFromConfig(config, func(s *s3.Options) {
		s.UsePathStyle = config.BaseEndpoint != nil
		s.DisableLogOutputChecksumValidationSkipped = true
	}), nil
}
