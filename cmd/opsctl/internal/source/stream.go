package source

import (
	"bytes"
	"context"
	"io"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
)

// stream reads the events of a log stream as lines, from its start, a page at a time.
type stream struct {
	ctx   context.Context
	pages *cloudwatchlogs.GetLogEventsPaginator
	page  bytes.Buffer
}

// newStream reads the first page, so that what is wrong with the stream's name or the caller's rights shows at once.
func newStream(ctx context.Context, logs *cloudwatchlogs.Client, p Place) (io.ReadCloser, error) {
	s := &stream{ctx: ctx, pages: cloudwatchlogs.NewGetLogEventsPaginator(logs, &cloudwatchlogs.GetLogEventsInput{
		LogGroupName: &p.Group, LogStreamName: &p.Stream, StartFromHead: aws.Bool(true),
	}, func(o *cloudwatchlogs.GetLogEventsPaginatorOptions) {
		o.StopOnDuplicateToken = true // the last page's token is its own
	})}
	return s, s.next()
}

func (s *stream) next() error {
	out, err := s.pages.NextPage(s.ctx)
	if err != nil {
		return err
	}
	for _, e := range out.Events {
		if e.Message != nil {
			s.page.WriteString(*e.Message)
			s.page.WriteByte('\n')
		}
	}
	return nil
}

func (s *stream) Read(p []byte) (int, error) {
	for s.page.Len() == 0 {
		if !s.pages.HasMorePages() {
			return 0, io.EOF
		}
		if err := s.next(); err != nil {
			return 0, err
		}
	}
	return s.page.Read(p)
}

// Close has nothing to close: each page was read whole.
func (s *stream) Close() error { return nil }
