package shell

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"path"
	"regexp"
	"strings"
	"time"

	"opsh/shell/taskrole"
)

// taskPatience is how long a session's start may wait for the metadata endpoint, which is on the same machine.
const taskPatience = 300 * time.Millisecond

// taskMost bounds its answer in bytes.
const taskMost = 1 << 20

var ecsName = regexp.MustCompile(`\A[A-Za-z0-9_-]{1,255}\z`)

// taskPlace is the cluster and the service of the task, for whoever looks for a service's sessions; "" where the metadata endpoint doesn't say. It is asked
// at the address that credentials come from: the variable chooses the path alone.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-metadata-endpoint-v4.html
func (s *Session) taskPlace() (cluster, service string) {
	uri, err := url.Parse(variable(s.Environ, "ECS_CONTAINER_METADATA_URI_V4"))
	if err != nil || !strings.HasPrefix(uri.Path, "/v4/") {
		return "", ""
	}
	ctx, cancel := context.WithTimeout(context.Background(), taskPatience)
	defer cancel()
	ask, err := http.NewRequestWithContext(ctx, http.MethodGet, s.CredentialsHost+path.Clean(uri.Path)+"/task", nil)
	if err != nil {
		return "", ""
	}
	answer, err := taskrole.Role{}.HTTPClient().Do(ask)
	if err != nil {
		return "", ""
	}
	defer answer.Body.Close()
	var task struct{ Cluster, ServiceName string }
	if answer.StatusCode != http.StatusOK || json.NewDecoder(io.LimitReader(answer.Body, taskMost)).Decode(&task) != nil {
		return "", ""
	}
	name := func(text string) string {
		if text = path.Base(text); ecsName.MatchString(text) { // a cluster is an ARN on Fargate
			return text
		}
		return ""
	}
	return name(task.Cluster), name(task.ServiceName)
}
