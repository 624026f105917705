// Package bucket ships a session's recording to S3 while it is made: its file in slices, one behind the other, each packed with gzip as an object
//
//	PREFIX SESSION/000001.cast.gz, PREFIX SESSION/000002.cast.gz, …
//
// What they hold, in the order of their names, is the file; a packed file may be many packed pieces, so the objects one behind the other are
// the packed file. No object is written twice: each is put on condition that there is none of its name. How far the file has been
// shipped is kept beside it. Where a process dies between an answer and that note, the next one puts the same slice again, and takes it for
// its own that the object is there.
package bucket

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go"

	"opsh/shell/ship"
	"opsh/shell/taskrole"
	"opsh/shell/taskrole/sdk"
)

// Target is where recordings go, and as whom.
type Target struct{ ship.Recordings }

const (
	// every is how long what was recorded waits at most for more of it to be shipped together: what a lost task loses.
	every = 5 * time.Second
	// look is how often the file is looked at.
	look = 500 * time.Millisecond
	// sliceMost bounds a slice in bytes. It is held in memory twice.
	sliceMost = 4 << 20
)

// Shipper ships one recording. State().Acked is how many bytes of it are there. Its methods may be called from several goroutines.
type Shipper struct {
	ship.Progress
	target   Target
	file     *os.File
	session  string
	client   *s3.Client
	stop     context.CancelFunc
	complete chan struct{}
	ended    chan struct{} // closed when nothing is sent any more
}

// Ship ships the recording of a session, a file open for reading whose name leads to it, as it grows. The file is the Shipper's from then on. Complete must be called when it doesn't any more, and End in
// the end.
func (t Target) Ship(file *os.File, session string) *Shipper {
	ctx, stop := context.WithCancel(context.Background())
	s := &Shipper{target: t, file: file, session: session, client: t.client(), stop: stop, complete: make(chan struct{}), ended: make(chan struct{})}
	s.Service = "S3"
	go func() {
		defer close(s.ended)
		s.run(ctx)
	}()
	return s
}

// client is one without retries: what is sent again, and when, is decided in one place, which can say so.
func (t Target) client() *s3.Client {
	h := taskrole.HTTPClient()
	return s3.New(s3.Options{
		Region: t.Region, BaseEndpoint: sdk.Base(t.Role), Credentials: sdk.Credentials(t.Role, h), HTTPClient: h, Retryer: aws.NopRetryer{},
		UsePathStyle: t.Endpoint != "", // what isn't AWS's own has no name for each bucket
	})
}

// Complete says that the file has all that it will have, and returns how many bytes that is. It may be called once.
func (s *Shipper) Complete() (int64, error) {
	close(s.complete)
	st, err := s.file.Stat()
	if err != nil {
		return 0, fmt.Errorf("cannot look at the recording: %w", err)
	}
	return st.Size(), nil
}

// End stops shipping, whatever is left, and closes the file.
func (s *Shipper) End() {
	s.stop()
	<-s.ended
	s.file.Close() //nolint:errcheck // it was only read
}

// run ships until it is stopped. A failure is no reason to give up.
func (s *Shipper) run(ctx context.Context) {
	done := loadShipped(s.file, s.target)
	s.Set(ship.State{Acked: done.Offset})
	for failures, since := 0, time.Now(); ; {
		to, err := s.next(ctx, done, since)
		if ctx.Err() != nil {
			return
		}
		if err == nil {
			err = s.put(ctx, &done, to)
		}
		if err == nil {
			failures, since = 0, time.Now()
			s.Set(ship.State{Acked: done.Offset})
			continue
		}
		failures++
		s.Set(ship.State{Acked: done.Offset, Trouble: sdk.Reason(err), Hint: s.target.Hint(err)})
		select {
		case <-time.After(ship.Backoff(failures)):
		case <-ctx.Done():
			return
		}
	}
}

// next waits until there is a slice to ship, and says where it ends.
func (s *Shipper) next(ctx context.Context, done shipped, since time.Time) (to int64, err error) {
	if done.To > 0 {
		return done.To, nil // it may be there already
	}
	for {
		complete := false
		select {
		case <-s.complete:
			complete = true
		default:
		}
		st, err := s.file.Stat()
		if err != nil {
			return 0, fmt.Errorf("cannot look at the recording: %w", err)
		}
		if more := st.Size() - done.Offset; more >= sliceMost || more > 0 && (complete || time.Since(since) >= every) {
			return done.Offset + min(more, sliceMost), nil
		}
		wait := time.After(look)
		over := s.complete
		if complete {
			over, wait = nil, nil // nothing will come
		}
		select {
		case <-over:
		case <-wait:
		case <-ctx.Done():
			return 0, ctx.Err()
		}
	}
}

// put ships the slice up to there, and notes it in done.
func (s *Shipper) put(ctx context.Context, done *shipped, to int64) error {
	slice := make([]byte, to-done.Offset)
	if _, err := s.file.ReadAt(slice, done.Offset); err != nil {
		return fmt.Errorf("cannot read the recording: %w", err)
	}
	var packed bytes.Buffer
	z, err := gzip.NewWriterLevel(&packed, gzip.BestSpeed)
	if err == nil {
		z.Write(slice) //nolint:errcheck // it is memory
		err = z.Close()
	}
	if err != nil {
		return fmt.Errorf("cannot pack the recording: %w", err)
	}
	if done.To != to {
		done.To = to
		if err := done.save(s.file.Name()); err != nil {
			done.To = 0
			return err // without this note nobody could tell an object of ours from somebody else's
		}
	}
	_, err = s.client.PutObject(ctx, &s3.PutObjectInput{
		Bucket: &s.target.Bucket, Key: aws.String(s.target.key(s.session, done.Part+1)), Body: bytes.NewReader(packed.Bytes()),
		IfNoneMatch: aws.String("*"), ContentType: aws.String("application/gzip"),
	})
	var said smithy.APIError
	answered := errors.As(err, &said) && said.ErrorFault() == smithy.FaultClient
	if ours := answered && said.ErrorCode() == "PreconditionFailed" && done.unsure; err != nil && !ours {
		done.unsure = done.unsure || !answered
		return fmt.Errorf("cannot ship the recording: %w", err)
	}
	done.Part, done.Offset, done.To, done.unsure = done.Part+1, to, 0, false
	done.save(s.file.Name()) //nolint:errcheck // a full disk: at worst it is put again by another process, and found to be there
	return nil
}

// key names the object that a slice is.
func (t Target) key(session string, part int) string {
	return fmt.Sprintf("%s%s/%06d.cast.gz", t.Prefix, session, part)
}

// Hint says what to change so that an error doesn't come again; empty where waiting is all there is to do.
func (t Target) Hint(err error) string {
	var said smithy.APIError
	var credentials *sdk.CredentialsError
	switch {
	case errors.As(err, &credentials):
		return "the task needs a role: set taskRoleArn in the task definition"
	case !errors.As(err, &said):
		return ""
	}
	switch said.ErrorCode() {
	case "AccessDenied":
		return fmt.Sprintf("allow the task role s3:PutObject on arn:aws:s3:::%s/%s*, and the bucket's KMS key if it has one (kms:GenerateDataKey)", t.Bucket, t.Prefix)
	case "NoSuchBucket":
		return fmt.Sprintf("create the bucket %s in %s (opsh never does), or correct audit.recordings in the policy", t.Bucket, t.Region)
	case "PermanentRedirect", "AuthorizationHeaderMalformed":
		return fmt.Sprintf("the bucket %s isn't in %s: correct audit.recordings.region in the policy", t.Bucket, t.Region)
	case "PreconditionFailed":
		return "somebody else has written an object of that name: look who may write to the bucket"
	}
	return ""
}
