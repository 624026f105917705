package ecs

import "context"

// Event is something that happened to a task while a session was open in it.
type Event struct {
	Text    string // "the task is being stopped: REASON"
	Stopped bool   // the session's container is gone; before that, there is the time that the task has to end
}

// Watch looks at a container until it has stopped or ctx ends; then it closes the channel. It says when the task is being stopped, once, and
// when the container has stopped, last. The session's client would not notice: its channel just falls silent. A look that fails
// is not an event: the next one tells.
func (c *Client) Watch(ctx context.Context, one Candidate) <-chan Event {
	events := make(chan Event, 2) // all that are ever sent, so that nobody has to read them
	go func() {
		defer close(events)
		told := false
		for sleep(ctx, c.Poll) == nil {
			tasks, err := c.describe(ctx, one.Cluster, []string{one.Task})
			if err != nil {
				continue
			}
			e := Event{"the task has stopped", true} // ECS knows it no longer
			if len(tasks) > 0 {
				e = eventOf(tasks[0], one.Container)
			}
			if e.Stopped || e.Text != "" && !told {
				events <- e
				told = true
			}
			if e.Stopped {
				return
			}
		}
	}()
	return events
}
