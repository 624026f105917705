package source

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// parts reads objects one behind the other. What gzip packed may be cut into parts, each packed for itself: together they are packed, too.
type parts struct {
	ctx    context.Context
	client *s3.Client
	bucket string
	keys   []string
	now    io.ReadCloser // nil: none is open
}

// partsMost bounds how many objects are taken for the parts of one thing.
const partsMost = 100_000

// newParts finds the objects. S3 lists keys in the order of their bytes.
func newParts(ctx context.Context, client *s3.Client, p Place) (io.ReadCloser, error) {
	all := &parts{ctx: ctx, client: client, bucket: p.Bucket}
	delimiter := "/"
	pages := s3.NewListObjectsV2Paginator(client, &s3.ListObjectsV2Input{Bucket: &p.Bucket, Prefix: &p.Key, Delimiter: &delimiter})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, o := range page.Contents {
			all.keys = append(all.keys, *o.Key)
		}
		if len(all.keys) > partsMost {
			return nil, fmt.Errorf("there are more than %d objects", partsMost)
		}
	}
	if len(all.keys) == 0 {
		return nil, fmt.Errorf("no object's key begins with %s", strings.TrimSuffix(p.Key, "/")+"/")
	}
	return all, nil
}

func (p *parts) Read(b []byte) (int, error) {
	for {
		if p.now == nil {
			if len(p.keys) == 0 {
				return 0, io.EOF
			}
			out, err := p.client.GetObject(p.ctx, &s3.GetObjectInput{Bucket: &p.bucket, Key: &p.keys[0]})
			if err != nil {
				return 0, err
			}
			p.now, p.keys = out.Body, p.keys[1:]
		}
		n, err := p.now.Read(b)
		if err != io.EOF {
			return n, err
		}
		p.now.Close() //nolint:errcheck // it was only read
		p.now = nil
		if n > 0 {
			return n, nil
		}
	}
}

func (p *parts) Close() error {
	if p.now == nil {
		return nil
	}
	return p.now.Close()
}
