// Package cloudtrail reads who opened which session from CloudTrail's ExecuteCommand events: the trail has the session's id, CloudTrail the person's
// identity beside the same id.
package cloudtrail

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
)

// Event is one ExecuteCommand.
type Event struct {
	Session   string    `json:"session"`            // "" where it was refused
	Person    string    `json:"person"`             // what people call who did it: a session's or a user's name
	Role      string    `json:"role,omitempty"`     // that was assumed
	Issuer    string    `json:"role_arn,omitempty"` // its ARN, which has its path
	ARN       string    `json:"arn"`
	Source    string    `json:"source_identity,omitempty"` // what whoever assumed the first role was made to be called in all that follows
	Address   string    `json:"address"`                   // where the request came from
	MFA       string    `json:"mfa,omitempty"`             // "true", "false", or "": CloudTrail doesn't say
	Agent     string    `json:"user_agent,omitempty"`
	Time      time.Time `json:"time"`
	Cluster   string    `json:"cluster,omitempty"`
	Task      string    `json:"task,omitempty"`
	Container string    `json:"container,omitempty"`
	Command   string    `json:"command,omitempty"`
	Error     string    `json:"error,omitempty"` // why it was refused
	ID        string    `json:"event_id"`
}

// record is what of an event is read. https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
type record struct {
	EventSource, EventName, EventID string
	EventTime                       any // text; lookup-events may write a number around the event
	SourceIPAddress, UserAgent      string
	ErrorCode, ErrorMessage         string
	UserIdentity                    struct {
		Type, ARN, UserName, PrincipalID string
		SessionContext                   struct {
			Attributes struct {
				MFAAuthenticated string `json:"mfaAuthenticated"`
			}
			SessionIssuer  struct{ UserName, ARN string }
			SourceIdentity string
		}
	}
	RequestParameters struct{ Cluster, Task, Container, Command string }
	ResponseElements  struct {
		Session struct {
			SessionID string `json:"sessionId"`
		}
	}

	CloudTrailEvent string // lookup-events wraps an event in another
}

// most bounds a file's JSON in bytes: CloudTrail delivers files of some megabytes.
const most = 256 << 20

// Read reads the ExecuteCommand events of a file, whatever else is in it: as CloudTrail delivers it to S3 ({"Records": […]}), as
// "aws cloudtrail lookup-events" prints it ({"Events": […]}), or events one behind the other.
func Read(in io.Reader) ([]Event, error) {
	d := json.NewDecoder(io.LimitReader(in, most))
	var all []Event
	for {
		var file struct {
			Records, Events []json.RawMessage
			record
		}
		err := d.Decode(&file)
		if errors.Is(err, io.EOF) {
			return all, nil
		}
		if err != nil {
			return nil, fmt.Errorf("cannot read CloudTrail's events: %w", err)
		}
		for _, text := range append(file.Records, file.Events...) {
			var r record
			if err := json.Unmarshal(text, &r); err != nil {
				return nil, fmt.Errorf("cannot read an event of CloudTrail's: %w", err)
			}
			if all, err = add(all, r); err != nil {
				return nil, err
			}
		}
		if all, err = add(all, file.record); err != nil {
			return nil, err
		}
	}
}

// add adds an event when it is an ExecuteCommand.
func add(all []Event, r record) ([]Event, error) {
	if inner := r.CloudTrailEvent; inner != "" {
		r = record{}
		if err := json.Unmarshal([]byte(inner), &r); err != nil {
			return nil, fmt.Errorf("cannot read an event of CloudTrail's: %w", err)
		}
	}
	if r.EventName != "ExecuteCommand" || r.EventSource != "ecs.amazonaws.com" {
		return all, nil
	}
	text, _ := r.EventTime.(string)
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return nil, fmt.Errorf("cannot read an event of CloudTrail's: its time is none: %w", err)
	}
	who := r.UserIdentity
	e := Event{
		Session: r.ResponseElements.Session.SessionID, ARN: who.ARN, Role: who.SessionContext.SessionIssuer.UserName,
		Issuer: who.SessionContext.SessionIssuer.ARN, Source: who.SessionContext.SourceIdentity, Address: r.SourceIPAddress,
		MFA: who.SessionContext.Attributes.MFAAuthenticated, Agent: r.UserAgent, Time: at, ID: r.EventID,
		Cluster: last(r.RequestParameters.Cluster), Task: last(r.RequestParameters.Task), Container: r.RequestParameters.Container, Command: r.RequestParameters.Command,
	}
	if r.ErrorCode != "" {
		e.Error = strings.TrimSuffix(r.ErrorCode+": "+r.ErrorMessage, ": ")
	}
	switch {
	case who.Type == "AssumedRole":
		e.Person = last(who.ARN) // arn:aws:sts::ACCOUNT:assumed-role/ROLE/NAME
	case who.UserName != "":
		e.Person = who.UserName
	case who.Type == "Root":
		e.Person = "root"
	default:
		e.Person = last(who.ARN)
	}
	return append(all, e), nil
}

// last is what follows the last slash: a cluster's or a task's name in its ARN.
func last(s string) string { return s[strings.LastIndexByte(s, '/')+1:] }
