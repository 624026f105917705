package record

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"

	"opsh/test/fault"
	"opsh/test/rig"
)

// opsctl is the built one, on the machine of a person with AWS credentials of their own.
func (w *world) opsctl(t *testing.T, args ...string) (out string, status int) {
	t.Helper()
	cmd := exec.Command(w.place.Opsctl, args...)
	cmd.Env = fault.Environ(w.moto.URL)
	text, err := cmd.CombinedOutput()
	if exited := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exited) {
		t.Fatal(err)
	}
	return string(text), cmd.ProcessState.ExitCode()
}

// stored puts an object into S3.
func (w *world) stored(t *testing.T, key string, content []byte) string {
	t.Helper()
	c := s3.New(s3.Options{Region: fault.Region, BaseEndpoint: &w.moto.URL, UsePathStyle: true,
		Credentials: credentials.NewStaticCredentialsProvider("AKIATESTING", "testing", "")})
	bucket := "evidence"
	_, err := c.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: &bucket,
		CreateBucketConfiguration: &s3types.CreateBucketConfiguration{LocationConstraint: fault.Region}})
	if err != nil && !strings.Contains(err.Error(), "BucketAlready") {
		t.Fatal(err)
	}
	_, err = c.PutObject(t.Context(), &s3.PutObjectInput{Bucket: &bucket, Key: &key, Body: bytes.NewReader(content)})
	must(t, err)
	return "s3://" + bucket + "/" + key
}

// TestVerifyPlaces: one session's trail and log, from a file, a stream, and an object as it was put there or as CloudWatch Logs exports it.
func TestVerifyPlaces(t *testing.T) {
	t.Parallel()
	w := build(t, "refuse")
	agent, err := os.MkdirTemp(w.place.Dir, "agent-")
	must(t, err)
	s, err := rig.Start(rig.Options{Worker: w.place.Worker, Program: w.place.Opsh, Dir: agent, Command: `opsh -c "` + w.mark("one") + `"`, Fast: true,
		Env: []string{"PATH=/usr/bin:/bin", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI=" + w.credentials.RelativeURI}})
	must(t, err)
	t.Cleanup(s.Stop)
	end, err := s.Wait(patience)
	must(t, err)
	path := filepath.Join(w.place.State, "trail", s.ID+".jsonl")
	w.shipped(t, path)
	text, err := os.ReadFile(path)
	must(t, err)

	var exported bytes.Buffer
	z := gzip.NewWriter(&exported)
	for _, l := range strings.Split(strings.TrimSuffix(string(text), "\n"), "\n") {
		fmt.Fprintln(z, "2026-11-23T18:02:11.004Z "+l)
	}
	must(t, z.Close())
	trails := []string{path, "logs:" + w.group + ":" + s.ID, w.stored(t, "trail.jsonl", text), w.stored(t, "000000.gz", exported.Bytes())}

	// The agent's upload: an event for each line.
	fault.CreateStream(t, w.moto.URL, "/ecs/exec", s.ID)
	var events []types.InputLogEvent
	for _, l := range strings.Split(end.Log, "\n") {
		if l = strings.TrimRight(l, "\r"); l != "" {
			events = append(events, types.InputLogEvent{Message: aws.String(l), Timestamp: aws.Int64(time.Now().UnixMilli())})
		}
	}
	_, err = fault.Client(w.moto.URL).PutLogEvents(context.Background(), &cloudwatchlogs.PutLogEventsInput{LogGroupName: aws.String("/ecs/exec"), LogStreamName: &s.ID, LogEvents: events})
	must(t, err)
	file := filepath.Join(agent, "LOG")
	must(t, os.WriteFile(file, []byte(end.Log), 0o600))
	logs := []string{file, "logs:/ecs/exec:" + s.ID, w.stored(t, "session.log", []byte(end.Log))}

	for _, trail := range trails {
		for _, log := range logs {
			if out, status := w.opsctl(t, "verify", "--policy", w.place.Policy, "--log", log, trail); status != 0 || !strings.Contains(out, "WHOLE") || !strings.Contains(out, "AGREES") {
				t.Errorf("%s with %s: status %d\n%s", trail, log, status, out)
			}
		}
	}
	for _, missing := range []string{"logs:" + w.group + ":nothing", "logs:/no/group:x", "s3://evidence/nothing", "s3://nothing/trail.jsonl"} {
		if out, status := w.opsctl(t, "verify", missing); status != 125 || !strings.Contains(out, "opsctl: error: cannot open "+missing) {
			t.Errorf("%s: status %d\n%s", missing, status, out)
		}
	}
}
