package shell

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path"
	"time"

	"opsh/shell/late"
	"opsh/shell/taskrole"
)

// place is where ECS says that this container runs.
type place struct{ cluster, service string } // the cluster's ARN; "" where the task belongs to no service

// name is the cluster's, "" where it isn't known.
func (p place) name() string {
	if p.cluster == "" {
		return ""
	}
	return path.Base(p.cluster)
}

// The task's metadata address is CredentialsHost's, and only the last part of its path is taken from the environment: a variable
// must not lead to another server. https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-metadata-endpoint-v4.html
var (
	metadataID = late.Regexp(`\A[0-9A-Za-z-]{8,128}\z`)
	taskARN    = late.Regexp(`\A(arn:aws[a-z-]*:ecs:[a-z0-9-]+:[0-9]{12}):task/([A-Za-z0-9_-]{1,255})/[0-9a-f]+\z`)
	ecsName    = late.Regexp(`\A[A-Za-z0-9_-]{0,255}\z`)
)

const (
	// maxMetadata bounds the answer in bytes.
	maxMetadata = 1 << 20
	// The address is on the same machine. A session's start waits a moment for it, what is refused without it longer.
	placeSoon = 300 * time.Millisecond
	placeLate = 5 * time.Second
)

// findPlace asks ECS's agent.
func (s *Session) findPlace(patience time.Duration) (place, error) {
	failed := func(err error) (place, error) {
		return place{}, fmt.Errorf("cannot tell which cluster and service this is: %w", err)
	}
	id := taskID(s.Environ)
	if !metadataID().MatchString(id) {
		return failed(errors.New("ECS_CONTAINER_METADATA_URI_V4 names no task"))
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	ask, err := http.NewRequestWithContext(ctx, http.MethodGet, s.CredentialsHost+"/v4/"+id+"/task", nil)
	if err != nil {
		return failed(err)
	}
	client := taskrole.HTTPClient()
	defer client.CloseIdleConnections()
	answer, err := client.Do(ask)
	if err != nil {
		return failed(err)
	}
	defer answer.Body.Close() //nolint:errcheck // it was only read
	if answer.StatusCode != http.StatusOK {
		return failed(fmt.Errorf("the task's metadata address answers %s", answer.Status))
	}
	var task struct{ TaskARN, ServiceName string }
	if err := json.NewDecoder(io.LimitReader(answer.Body, maxMetadata)).Decode(&task); err != nil {
		return failed(fmt.Errorf("the task's metadata can't be read: %w", err))
	}
	m := taskARN().FindStringSubmatch(task.TaskARN)
	if m == nil || !ecsName().MatchString(task.ServiceName) {
		return failed(errors.New("the task's ARN names no cluster, or its service has no service's name"))
	}
	return place{cluster: m[1] + ":cluster/" + m[2], service: task.ServiceName}, nil
}
