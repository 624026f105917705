package broker

import (
	"bytes"
	"encoding/json"
	"fmt"

	"opsh/shell/line"
)

// record is the line that each call leaves. Never the token.
type record struct {
	Event     string `json:"event"` // "opsh-broker"
	Time      string `json:"time"`
	Decision  string `json:"decision"` // allowed, denied, or failed: it was allowed and AWS didn't do it
	Status    int    `json:"status"`   // of HTTP
	Code      string `json:"code,omitempty"`
	Why       string `json:"why,omitempty"`
	Caller    string `json:"caller,omitempty"` // the ARN
	UserID    string `json:"user_id,omitempty"`
	AccessKey string `json:"access_key,omitempty"` // the id, which CloudTrail has too; the secret key is never seen here
	SourceIP  string `json:"source_ip,omitempty"`
	RequestID string `json:"request_id,omitempty"`
	Cluster   string `json:"cluster,omitempty"`
	Task      string `json:"task,omitempty"`
	Container string `json:"container,omitempty"`
	Service   string `json:"service,omitempty"`
	Runbook   bool   `json:"runbook"`
	Reason    string `json:"reason,omitempty"`
	As        string `json:"as,omitempty"`      // role session name and source identity
	SessionID string `json:"session,omitempty"` // as in CloudTrail, in the trail and in the session log's name
}

// write writes the line, with one call. What callers chose is made fit for a terminal.
func (b *Broker) write(r record) error {
	for _, s := range []*string{&r.Why, &r.Caller, &r.UserID, &r.AccessKey, &r.SourceIP, &r.RequestID, &r.Cluster, &r.Task, &r.Container, &r.Service, &r.Reason} {
		*s = line.Plain(*s)
		if len(*s) > maxReason {
			*s = line.Plain((*s)[:maxReason]) + "..."
		}
	}
	var text bytes.Buffer
	e := json.NewEncoder(&text)
	e.SetEscapeHTML(false)
	if err := e.Encode(r); err != nil {
		return fmt.Errorf("cannot write the audit line: %w", err)
	}
	if _, err := b.Log.Write(text.Bytes()); err != nil {
		return fmt.Errorf("cannot write the audit line: %w", err)
	}
	return nil
}
