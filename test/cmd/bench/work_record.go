package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	"golang.org/x/sys/unix"

	"opsh/shell/audit"
	"opsh/shell/audit/cloudwatch"
	"opsh/shell/ship"
	"opsh/shell/taskrole"
	"opsh/test/fault"
	"opsh/test/fixture"
)

// records is how many a long trail has.
func records(r *run) float64 {
	if r.quick {
		return 2000
	}
	return 50_000
}

// recorded measures what a record costs on its way to the disk and to CloudWatch Logs, which is moto here.
func recorded(r *run) error {
	dir := r.place.dir
	if err := onDisk(r, dir); err != nil {
		return err
	}
	if err := verifying(r); err != nil {
		return err
	}
	moto, err := fault.Start()
	if err != nil {
		return err
	}
	defer moto.Stop()
	credentials, stop, err := fault.ServeCredentials()
	if err != nil {
		return err
	}
	defer stop()
	group := "/bench"
	_, err = fault.Client(moto.URL).CreateLogGroup(context.Background(), &cloudwatchlogs.CreateLogGroupInput{LogGroupName: &group})
	if err != nil {
		return err
	}
	target := cloudwatch.Target{Logs: ship.Logs{Region: fault.Region, LogGroup: group, Role: taskrole.Role{Endpoint: moto.URL, CredentialsHost: credentials.URL, CredentialsURI: credentials.RelativeURI}}}
	if err := shipping(r, target); err != nil {
		return err
	}
	return watching(r, dir, target)
}

// sample is a command's record of usual length.
func sample(n int) audit.Record {
	return audit.Record{
		Event: audit.Run, Command: n, Line: "mysql -t -e 'SELECT id, customer FROM orders WHERE state = 2' app_production",
		Words: []string{"mysql", "-t", "-e", "SELECT id, customer FROM orders WHERE state = 2", "app_production"},
		Tool:  "mysql", Path: "/usr/bin/mariadb", Rule: "policy.toml:21",
		Argv: []string{"mysql", "--defaults-extra-file=/dev/fd/5", "--skip-local-infile", "-t", "-e", "SELECT id, customer FROM orders WHERE state = 2", "app_production"},
	}
}

// onDisk is a command's two records, beside the same bytes written and synced without them.
func onDisk(r *run, dir string) error {
	trail, err := audit.Create(filepath.Join(dir, "disk"), "bench", time.Now)
	if err != nil {
		return err
	}
	defer trail.Close()
	if _, err := trail.Append(audit.Record{Event: audit.Begin}); err != nil {
		return err
	}
	plain, err := os.OpenFile(filepath.Join(dir, "written-plainly"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer plain.Close()
	line := bytes.Repeat([]byte("x"), 800)
	n := 0
	bare, kept, err := r.pairs("a command's records", r.times(300), func() (time.Duration, error) {
		start := time.Now()
		for range 2 {
			if _, err := plain.Write(line); err != nil {
				return 0, err
			}
			if err := unix.Fdatasync(int(plain.Fd())); err != nil {
				return 0, err
			}
		}
		return time.Since(start), nil
	}, func() (time.Duration, error) {
		n++
		zero := 0
		start := time.Now()
		if _, err := trail.Append(sample(n)); err != nil {
			return 0, err
		}
		_, err := trail.Append(audit.Record{Event: audit.Exit, Command: n, Status: &zero, Category: audit.CategoryExit})
		return time.Since(start), err
	})
	if err != nil {
		return err
	}
	r.own("a command's two records, kept", "ms", kept, "two writes with fdatasync", bare)
	return nil
}

// longTrail is a trail of n records whose session is gone, in memory.
func longTrail(stateDir, session string, n int) (path string, size int64, err error) {
	trail, err := audit.Create(stateDir, session, time.Now)
	if err != nil {
		return "", 0, err
	}
	defer trail.Close()
	if _, err := trail.Append(audit.Record{Event: audit.Begin}); err != nil {
		return "", 0, err
	}
	for i := range n - 1 {
		if _, err := trail.Append(sample(i)); err != nil {
			return "", 0, err
		}
	}
	return trail.Path(), trail.Size(), nil
}

// inMemory is a directory on tmpfs: the disk isn't what is measured.
func inMemory() (string, func(), error) {
	dir, err := os.MkdirTemp("/dev/shm", "opsh-bench-")
	return dir, func() { os.RemoveAll(dir) }, err //nolint:errcheck // memory, of this machine's next start at the latest
}

// shipping is a long trail through the shipper, beside the same requests without it: moto's own limit.
func shipping(r *run, to cloudwatch.Target) error {
	state, remove, err := inMemory()
	if err != nil {
		return err
	}
	defer remove()
	path, size, err := longTrail(state, "long", int(records(r)))
	if err != nil {
		return err
	}
	content, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	n := 0
	direct, shipped, err := r.pairs("shipping", 3, func() (time.Duration, error) {
		n++
		return put(to, content, fmt.Sprintf("direct-%d", n))
	}, func() (time.Duration, error) {
		n++
		stream := fmt.Sprintf("shipped-%d", n)
		name := filepath.Join(state, stream) // how far it is shipped is kept beside it
		if err := os.WriteFile(name, content, 0o600); err != nil {
			return 0, err
		}
		f, err := os.Open(name)
		if err != nil {
			return 0, err
		}
		defer f.Close()
		start := time.Now()
		s := to.Ship(f, stream, time.Now)
		defer s.End()
		s.More(size)
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
		defer cancel()
		err = s.Await(ctx, size)
		return time.Since(start), err
	})
	if err != nil {
		return err
	}
	r.own(fmt.Sprintf("%s records shipped to moto", whole(records(r))), "ms", shipped, "the same requests alone", direct)
	return nil
}

// verifying is what a trail's length costs an auditor.
func verifying(r *run) error {
	state, remove, err := inMemory()
	if err != nil {
		return err
	}
	defer remove()
	counts, texts := []int{10, 100, 1000, 10_000}, map[int][]byte{}
	for _, n := range counts {
		path, _, err := longTrail(state, fmt.Sprintf("verified-%d", n), n)
		if err != nil {
			return err
		}
		if texts[n], err = os.ReadFile(path); err != nil {
			return err
		}
	}
	return r.growth("verifying a trail", "records", counts, func(n int) (time.Duration, error) {
		start := time.Now()
		v, err := audit.Verify(bytes.NewReader(texts[n]), audit.Options{})
		if err == nil && v.State == audit.Broken {
			err = fmt.Errorf("a trail of %d records is broken: %v", n, v.Problems)
		}
		return time.Since(start), err
	})
}

// put sends lines in batches as large as the API takes.
func put(to cloudwatch.Target, content []byte, stream string) (time.Duration, error) {
	logs, ctx := fault.Client(to.Endpoint), context.Background()
	start := time.Now()
	at := start.UnixMilli()
	if _, err := logs.CreateLogStream(ctx, &cloudwatchlogs.CreateLogStreamInput{LogGroupName: &to.LogGroup, LogStreamName: &stream}); err != nil {
		return 0, err
	}
	var batch []types.InputLogEvent
	size := 0
	send := func() error {
		_, err := logs.PutLogEvents(ctx, &cloudwatchlogs.PutLogEventsInput{LogGroupName: &to.LogGroup, LogStreamName: &stream, LogEvents: batch})
		batch, size = nil, 0
		return err
	}
	for l := range bytes.Lines(content) {
		text := string(bytes.TrimSuffix(l, []byte("\n")))
		if size += len(text) + 26; size > 1<<20 || len(batch) == 10_000 {
			if err := send(); err != nil {
				return 0, err
			}
			size = len(text) + 26
		}
		batch = append(batch, types.InputLogEvent{Message: &text, Timestamp: &at})
	}
	err := send()
	return time.Since(start), err
}

// watching is the peak memory of a watcher that ships what a dead session left, short and long.
func watching(r *run, dir string, to cloudwatch.Target) error {
	for _, n := range []int{int(records(r)) / 10, int(records(r))} {
		state, remove, err := inMemory()
		if err != nil {
			return err
		}
		defer remove()
		name := fmt.Sprintf("watched-%d", n)
		at := filepath.Join(dir, name)
		if err := os.Mkdir(at, 0o755); err != nil {
			return err
		}
		place, err := fixture.Install(at, "awsEndpoint="+to.Endpoint, "credentialsHost="+to.CredentialsHost, "stateDir="+state)
		if err != nil {
			return err
		}
		if err := place.WritePolicy(fmt.Sprintf(shipped, to.Region, to.LogGroup)); err != nil {
			return err
		}
		path, _, err := longTrail(state, name, n)
		if err != nil {
			return err
		}
		cmd := exec.Command(place.Opsh, "-c", "sleep 60")
		cmd.Env = []string{"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI=" + to.CredentialsURI}
		if err := cmd.Start(); err != nil {
			return err
		}
		peak, err := peakUntil(filepath.Join(filepath.Dir(place.Opsh), "opsh-watch"), path+".done")
		cmd.Process.Kill() //nolint:errcheck // it may have ended by itself
		cmd.Wait()         //nolint:errcheck // it was killed
		if err != nil {
			return err
		}
		r.own(fmt.Sprintf("the watcher's peak memory, %s records left by a dead session", whole(float64(n))), "KiB", []float64{float64(peak)}, "", nil)
	}
	return nil
}

const shipped = `version = 1
[session]
origin = "any"
uids = "` + fixture.BenchUIDs + `"
[audit]
when_down = "spool"
cloudwatch = { region = "%s", log_group = "%s" }
[tool.sleep]
path = "/usr/bin/sleep"
user = "nobody"
allow = ["sleep SECONDS"]
where.SECONDS = "any"
`

// peakUntil is the peak memory, in KiB, of a program's process, once a file is there.
func peakUntil(program, file string) (int64, error) {
	for give := time.Now().Add(5 * time.Minute); time.Now().Before(give); time.Sleep(5 * time.Millisecond) {
		if _, err := os.Stat(file); err != nil {
			continue
		}
		exes, err := filepath.Glob("/proc/[0-9]*/exe")
		if err != nil {
			return 0, err
		}
		for _, exe := range exes {
			var pid int
			fmt.Sscanf(exe, "/proc/%d/exe", &pid) //nolint:errcheck // the pattern found it
			if path, err := os.Readlink(exe); err == nil && path == program {
				return statusValue(fmt.Sprintf("/proc/%d/status", pid), "VmHWM"), nil
			}
		}
	}
	return 0, fmt.Errorf("no watcher has shipped %s", file)
}
