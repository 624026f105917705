package record

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"opsh/shell/audit"
	"opsh/test/fault"
)

// shipRecordings has the world's policy ship recordings to a new bucket.
func (w *world) shipRecordings(t *testing.T, bucket string) *s3.Client {
	t.Helper()
	text, err := os.ReadFile(w.place.Policy)
	must(t, err)
	must(t, w.place.WritePolicy(strings.Replace(string(text), "[audit]\n", "[audit]\nrecordings = { bucket = \""+bucket+"\", prefix = \"opsh\" }\n", 1)))
	client := s3Client(w.moto.URL)
	_, err = client.CreateBucket(context.Background(), bucketInput(bucket))
	must(t, err)
	return client
}

// recordings are the paths of all recordings.
func (w *world) recordings(t *testing.T) []string {
	t.Helper()
	all, err := filepath.Glob(filepath.Join(w.place.State, "recording", "*.cast"))
	must(t, err)
	return all
}

// agrees holds a recording against its trail, both as they are on this machine and as they were shipped.
func (w *world) agrees(t *testing.T, trail, bucket string, wantStatus int) {
	t.Helper()
	session := strings.TrimSuffix(filepath.Base(trail), ".jsonl")
	for trail, cast := range map[string]string{trail: filepath.Join(w.place.State, "recording", session+".cast"), "logs:" + w.group + ":" + session: "s3://" + bucket + "/opsh/" + session + "/"} {
		out, status := w.opsctl(t, "verify", trail, "--recording", cast)
		if status != wantStatus || !strings.Contains(out, ": AGREES") {
			t.Errorf("status %d, want %d:\n%s", status, wantStatus, out)
		}
	}
}

// TestRecordingShipped: while the session runs, parts of its recording are in the bucket; afterwards all of it.
func TestRecordingShipped(t *testing.T) {
	t.Parallel()
	w := build(t, "refuse")
	client := w.shipRecordings(t, "rec-shipped")
	cmd, out := w.opsh(t, "sleep 12\n"+w.mark("a")+"\n", "-s")
	must(t, cmd.Start())
	w.until(t, "a part is there while the tool runs", func() bool {
		page, err := client.ListObjectsV2(context.Background(), &s3.ListObjectsV2Input{Bucket: aws.String("rec-shipped")})
		must(t, err)
		return len(page.Contents) > 0 && cmd.ProcessState == nil && !w.ran("a")
	})
	if err := cmd.Wait(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	trail := w.trails(t)[0]
	records := w.shipped(t, trail)
	if begin := records[0]; begin.Recording != "s3://rec-shipped/opsh/" {
		t.Errorf("%+v", begin)
	}
	page, err := client.ListObjectsV2(context.Background(), &s3.ListObjectsV2Input{Bucket: aws.String("rec-shipped")})
	must(t, err)
	if len(page.Contents) < 2 {
		t.Errorf("%d parts", len(page.Contents))
	}
	w.agrees(t, trail, "rec-shipped", 0)
}

// TestRecordingOfTheKilled: what opsh had recorded is vouched for and shipped by its watcher, or by the next session where that was killed too.
func TestRecordingOfTheKilled(t *testing.T) {
	t.Parallel()
	w := build(t, "spool")
	w.shipRecordings(t, "rec-killed")
	for _, all := range []bool{false, true} {
		before := len(w.trails(t))
		cmd, _ := w.opsh(t, "", "-c", "sleep 60")
		must(t, cmd.Start())
		w.until(t, "the tool runs", func() bool { return len(w.trails(t)) == before+1 })
		var trail string
		for _, p := range w.trails(t) {
			if _, err := os.Stat(p + ".done"); err != nil {
				trail = p
			}
		}
		cast := filepath.Join(w.place.State, "recording", strings.TrimSuffix(filepath.Base(trail), ".jsonl")+".cast")
		w.until(t, "the command's line is recorded", func() bool {
			_, err := os.Stat(cast)
			return err == nil && holds(t, cast, " run sleep 60 ")
		})
		if all {
			for _, p := range w.processes(t) {
				p.Kill() //nolint:errcheck // it may have ended by itself
			}
		}
		must(t, cmd.Process.Kill())
		cmd.Wait() //nolint:errcheck // it was killed
		if all {
			if out, status := w.run(t, "", "-c", w.mark("next")); status != 0 {
				t.Fatalf("status %d\n%s", status, out)
			}
		}
		records := w.shipped(t, trail)
		if end := records[len(records)-1]; end.Event != audit.End || end.Recorded == nil || end.Recorded.Bytes == 0 {
			t.Errorf("%+v", end)
		}
		want := 0
		if end := records[len(records)-1]; end.Closer != "" {
			want = 3 // as a rule where all were killed: the watcher may have been quicker
		}
		w.agrees(t, trail, "rec-killed", want)
	}
}

// TestNoBucket: the trouble is shown and nothing waits for it; when the bucket is there, all arrives.
func TestNoBucket(t *testing.T) {
	t.Parallel()
	w := build(t, "refuse")
	client := w.shipRecordings(t, "rec-other")
	text, err := os.ReadFile(w.place.Policy)
	must(t, err)
	must(t, w.place.WritePolicy(strings.Replace(string(text), "rec-other", "rec-late", 1)))
	out, status := w.run(t, "sleep 7\n"+w.mark("a")+"\n", "-s")
	if status != 0 || !regexp.MustCompile(`opsh: warning: the recording doesn't reach S3 .*\n(  .*\n)*opsh: hint: create the bucket rec-late`).MatchString(out) {
		t.Errorf("status %d\n%s", status, out)
	}
	_, err = client.CreateBucket(context.Background(), bucketInput("rec-late"))
	must(t, err)
	trail := w.trails(t)[0]
	w.shipped(t, trail)
	w.agrees(t, trail, "rec-late", 0)
}

// TestForeignPart: an object that somebody else put in the place of a part is not taken for ours, nor overwritten.
func TestForeignPart(t *testing.T) {
	t.Parallel()
	w := build(t, "refuse")
	client := w.shipRecordings(t, "rec-foreign")
	cmd, out := w.opsh(t, "sleep 8\n"+w.mark("a")+"\n", "-s")
	must(t, cmd.Start())
	w.until(t, "the session has a recording", func() bool { return len(w.recordings(t)) == 1 })
	key := "opsh/" + strings.TrimSuffix(filepath.Base(w.recordings(t)[0]), ".cast") + "/000001.cast.gz"
	_, err := client.PutObject(context.Background(), &s3.PutObjectInput{Bucket: aws.String("rec-foreign"), Key: &key, Body: strings.NewReader("mine")})
	must(t, err)
	if err := cmd.Wait(); err != nil || !strings.Contains(out.String(), "somebody else has written an object of that name") {
		t.Errorf("%v\n%s", err, out)
	}
	got, err := client.GetObject(context.Background(), &s3.GetObjectInput{Bucket: aws.String("rec-foreign"), Key: &key})
	must(t, err)
	if b := make([]byte, 10); func() string { n, _ := got.Body.Read(b); return string(b[:n]) }() != "mine" { //nolint:errcheck // its text says all
		t.Error("it was overwritten")
	}
	must(t, os.Remove(w.recordings(t)[0])) // so that its watcher gives up
}

// TestRecordingOff: the first record says so, and nothing is recorded.
func TestRecordingOff(t *testing.T) {
	t.Parallel()
	w := build(t, "refuse")
	text, err := os.ReadFile(w.place.Policy)
	must(t, err)
	must(t, w.place.WritePolicy(strings.Replace(string(text), "[audit]\n", "[audit]\nrecordings = \"off\"\n", 1)))
	if out, status := w.run(t, "", "-c", w.mark("a")); status != 0 {
		t.Fatalf("status %d\n%s", status, out)
	}
	records := w.shipped(t, w.trails(t)[0])
	if records[0].Recording != audit.RecordingOff || len(w.recordings(t)) != 0 {
		t.Errorf("%+v, %q", records[0], w.recordings(t))
	}
	for _, r := range records {
		if r.Recorded != nil {
			t.Errorf("%+v", r)
		}
	}
}

// s3Client is moto's S3.
func s3Client(url string) *s3.Client {
	return s3.New(s3.Options{Region: fault.Region, BaseEndpoint: &url, UsePathStyle: true, Credentials: fault.Client(url).Options().Credentials})
}

func bucketInput(name string) *s3.CreateBucketInput {
	return &s3.CreateBucketInput{Bucket: &name, CreateBucketConfiguration: &types.CreateBucketConfiguration{LocationConstraint: fault.Region}}
}

// TestBucketProved is opsh -T's look at the bucket.
func TestBucketProved(t *testing.T) {
	t.Parallel()
	w := build(t, "refuse")
	w.shipRecordings(t, "rec-proved")
	out, status := w.run(t, "", "-T")
	if status != 0 || !regexp.MustCompile(`opsh: a probe was put to s3://rec-proved/opsh/probe-\S+/000001\.cast\.gz`).MatchString(out) {
		t.Errorf("status %d\n%s", status, out)
	}
	text, err := os.ReadFile(w.place.Policy)
	must(t, err)
	must(t, w.place.WritePolicy(strings.Replace(string(text), "rec-proved", "rec-nowhere", 1)))
	out, status = w.run(t, "", "-T")
	if status != 125 || !strings.Contains(out, "cannot ship recordings to the bucket rec-nowhere") || !strings.Contains(out, "create the bucket rec-nowhere in "+fault.Region) {
		t.Errorf("status %d\n%s", status, out)
	}
}
