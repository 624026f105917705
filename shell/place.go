package shell

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"time"
)

// place is where ECS says that this container runs.
type place struct{ cluster, service string } // the cluster's ARN; "" where the task belongs to no service

// The task's metadata address is CredentialsHost's, and only the last part of its path is taken from the environment: a variable
// must not lead to another server. https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-metadata-endpoint-v4.html
var (
	metadataID = regexp.MustCompile(`\A[0-9A-Za-z-]{8,128}\z`)
	taskARN    = regexp.MustCompile(`\A(arn:aws[a-z-]*:ecs:[a-z0-9-]+:[0-9]{12}):task/([A-Za-z0-9_-]+)/[0-9a-f]+\z`)
)

// maxMetadata bounds the answer in bytes.
const maxMetadata = 1 << 20

// findPlace asks ECS's agent. The answer is the machine's own: no proxy, no redirect.
func (s *Session) findPlace() (place, error) {
	id := taskID(s.Environ)
	if !metadataID.MatchString(id) {
		return place{}, errors.New("cannot tell which cluster and service this is: ECS_CONTAINER_METADATA_URI_V4 names no task")
	}
	client := http.Client{
		Transport:     &http.Transport{},
		Timeout:       5 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return errors.New("it leads elsewhere") },
	}
	defer client.CloseIdleConnections()
	failed := func(err error) (place, error) {
		return place{}, fmt.Errorf("cannot tell which cluster and service this is: %w", err)
	}
	r, err := client.Get(s.CredentialsHost + "/v4/" + id + "/task")
	if err != nil {
		return failed(err)
	}
	defer r.Body.Close() //nolint:errcheck // it was only read
	if r.StatusCode != http.StatusOK {
		return failed(fmt.Errorf("the task's metadata address answers %s", r.Status))
	}
	var task struct{ TaskARN, ServiceName string }
	if err := json.NewDecoder(io.LimitReader(r.Body, maxMetadata)).Decode(&task); err != nil {
		return failed(fmt.Errorf("the task's metadata can't be read: %w", err))
	}
	m := taskARN.FindStringSubmatch(task.TaskARN)
	if m == nil {
		return failed(errors.New("the task's ARN names no cluster"))
	}
	return place{cluster: m[1] + ":cluster/" + m[2], service: task.ServiceName}, nil
}
