package bucket

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// Prove puts a probe where the recording of a session of that name would go, as a recording is put. It stays there: the task may not delete. It returns
// the object's address.
func (t Target) Prove(ctx context.Context, session string) (string, error) {
	if err := t.Check(); err != nil {
		return "", err
	}
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	fmt.Fprintln(z, "# opsh -T looked whether recordings arrive") //nolint:errcheck // it is memory
	if err := z.Close(); err != nil {
		return "", err
	}
	key := t.key(session, 1)
	_, err := t.client().PutObject(ctx, &s3.PutObjectInput{
		Bucket: &t.Bucket, Key: &key, Body: bytes.NewReader(packed.Bytes()), IfNoneMatch: aws.String("*"), ContentType: aws.String("application/gzip"),
	})
	return "s3://" + t.Bucket + "/" + key, err
}
