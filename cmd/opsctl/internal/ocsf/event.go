// Package ocsf writes the records of a trail as OCSF events of class Process Activity (1007), schema version 1.2.0
// (https://schema.ocsf.io/1.2.0/classes/process_activity).
//
// Nothing of a record is lost: unmapped holds it as the trail does, with hash and signature, so that an event leads to its record and a trail can be
// made of the events again.
package ocsf

import "encoding/json"

// Version is the schema's.
const Version = "1.2.0"

// The members of the schema that a record fills. Numbers that mean something have their caption beside them, as the schema wants it.

// Event is one event.
type Event struct {
	ActivityID   int      `json:"activity_id"`
	ActivityName string   `json:"activity_name"`
	CategoryUID  int      `json:"category_uid"`
	CategoryName string   `json:"category_name"`
	ClassUID     int      `json:"class_uid"`
	ClassName    string   `json:"class_name"`
	TypeUID      int      `json:"type_uid"`
	TypeName     string   `json:"type_name"`
	ActionID     int      `json:"action_id"` // of profile security_control
	Action       string   `json:"action"`
	SeverityID   int      `json:"severity_id"`
	Severity     string   `json:"severity"`
	StatusID     int      `json:"status_id"`
	Status       string   `json:"status"`
	StatusCode   string   `json:"status_code,omitempty"`
	StatusDetail string   `json:"status_detail,omitempty"`
	Time         int64    `json:"time"` // milliseconds since 1970
	StartTime    int64    `json:"start_time,omitempty"`
	Duration     int64    `json:"duration,omitempty"` // milliseconds
	ExitCode     *int     `json:"exit_code,omitempty"`
	Message      string   `json:"message,omitempty"`
	Metadata     Metadata `json:"metadata"`
	Device       Device   `json:"device"`
	Actor        Actor    `json:"actor"`
	Process      Process  `json:"process"`

	Unmapped json.RawMessage `json:"unmapped"` // the record's line
}

// Metadata says where an event comes from.
type Metadata struct {
	Version        string   `json:"version"`
	Profiles       []string `json:"profiles"`
	Product        Product  `json:"product"`
	UID            string   `json:"uid"`             // the record's hash
	CorrelationUID string   `json:"correlation_uid"` // the session's id
	Sequence       int      `json:"sequence"`        // the record's number
	EventCode      string   `json:"event_code"`      // the record's event
	OriginalTime   string   `json:"original_time"`
	LogName        string   `json:"log_name"`
}

// Product is opsh.
type Product struct {
	Name       string `json:"name"`
	VendorName string `json:"vendor_name"`
	Version    string `json:"version,omitempty"`
}

// Device is the container.
type Device struct {
	TypeID   int    `json:"type_id"`
	Type     string `json:"type"`
	Hostname string `json:"hostname,omitempty"`
	UID      string `json:"uid,omitempty"` // of the ECS task
}

// Actor is who did it: the session, and a tool where that started something.
type Actor struct {
	Session Session  `json:"session"`
	Process *Process `json:"process,omitempty"`
}

// Session is opsh's session. Whose it is, CloudTrail says under the same id.
type Session struct {
	UID         string `json:"uid"`
	CreatedTime int64  `json:"created_time,omitempty"`
	IsRemote    bool   `json:"is_remote"`
}

// Process is what was started, or would have been.
type Process struct {
	UID     string `json:"uid"` // SESSION#COMMAND; with .RECORD behind it what the command's tool started, or tried to
	PID     int    `json:"pid,omitempty"`
	Name    string `json:"name,omitempty"`
	CmdLine string `json:"cmd_line,omitempty"`
	File    *File  `json:"file,omitempty"`
	User    *User  `json:"user,omitempty"`
}

// File is a program's.
type File struct {
	Path   string `json:"path"`
	Name   string `json:"name"`
	TypeID int    `json:"type_id"`
	Type   string `json:"type"`
}

// User is whom a tool runs as.
type User struct {
	UID    string `json:"uid"`
	TypeID int    `json:"type_id"`
	Type   string `json:"type"`
}
