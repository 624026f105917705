package ecsmoto

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// modify turns moto's answers about tasks into what ECS says of tasks with ECS Exec.
func (a *AWS) modify(r *http.Response) error {
	change := map[string]func(request, answer map[string]any){
		"DescribeTasks": a.describe,
		"RunTask": func(_, answer map[string]any) { // moto's containers have numbers where ECS has strings
			tasks, _ := answer["tasks"].([]any)
			for _, t := range tasks {
				delete(t.(map[string]any), "containers")
			}
		},
		"ListTasks":    func(q, answer map[string]any) { a.page(q, answer, "taskArns") },
		"ListClusters": func(q, answer map[string]any) { a.page(q, answer, "clusterArns") },
	}[action(r.Request, nil)]
	if change == nil || r.StatusCode != http.StatusOK {
		return nil
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return err
	}
	var request, answer map[string]any
	asked, err := url.QueryUnescape(r.Request.Header.Get("X-Ecsmoto-Request"))
	if err != nil {
		return err
	}
	if err := json.Unmarshal([]byte(asked), &request); err != nil {
		return err
	}
	if err := json.Unmarshal(body, &answer); err != nil {
		return err
	}
	change(request, answer)
	if body, err = json.Marshal(answer); err != nil {
		return err
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	r.ContentLength = int64(len(body))
	r.Header.Set("Content-Length", strconv.Itoa(len(body)))
	return nil
}

// describe sets what moto doesn't keep, then makes the test's changes.
func (a *AWS) describe(request, answer map[string]any) {
	a.mu.Lock()
	defer a.mu.Unlock()
	cluster, _ := request["cluster"].(string)
	tasks, _ := answer["tasks"].([]any)
	tasks = slices.DeleteFunc(tasks, func(t any) bool { // moto finds a task whichever cluster is named
		in, _ := t.(map[string]any)["clusterArn"].(string)
		return in != cluster && !strings.HasSuffix(in, "/"+cluster)
	})
	answer["tasks"] = tasks
	for _, one := range tasks {
		t := one.(map[string]any)
		arn, _ := t["taskArn"].(string)
		t["lastStatus"], t["desiredStatus"], t["enableExecuteCommand"] = "RUNNING", "RUNNING", true
		t["platformVersion"], t["platformFamily"] = "1.4.0", "Linux"
		var containers []any
		for _, name := range a.containers[arn] {
			containers = append(containers, map[string]any{"name": name})
		}
		t["containers"] = containers
		for i, c := range Containers(t) {
			c["lastStatus"], c["runtimeId"] = "RUNNING", arn[strings.LastIndex(arn, "/")+1:]+"-"+strconv.Itoa(1000+i)
			SetAgent(c, Agent{Status: "RUNNING"})
		}
		a.edit(t)
	}
}

// Containers are a task's, as JSON has them.
func Containers(task map[string]any) (all []map[string]any) {
	list, _ := task["containers"].([]any)
	for _, c := range list {
		all = append(all, c.(map[string]any))
	}
	return all
}

// SetAgent sets the state of a container's agent.
func SetAgent(container map[string]any, a Agent) {
	container["managedAgents"] = []any{map[string]any{"name": "ExecuteCommandAgent", "lastStatus": a.Status, "reason": a.Reason, "lastStartedAt": 1700000000.0}}
}

// page cuts a list into pages; the token is where the next begins.
func (a *AWS) page(request, answer map[string]any, key string) {
	all, _ := answer[key].([]any)
	token, _ := request["nextToken"].(string)
	from, _ := strconv.Atoi(token)
	if a.Page == 0 || from > len(all) {
		return
	}
	to := min(from+a.Page, len(all))
	answer[key] = all[from:to]
	if to < len(all) {
		answer["nextToken"] = strconv.Itoa(to)
	}
}
