package ocsf

import (
	"fmt"
	"math"
	"path"
	"regexp"
	"strconv"
	"strings"

	"opsh/shell/audit"
	"opsh/shell/line"
	"opsh/shell/transcript"
)

// named is a number of the schema's and its caption.
type named struct {
	id      int
	caption string
}

var (
	launch    = named{1, "Launch"}
	terminate = named{2, "Terminate"}

	allowed = named{1, "Allowed"}
	denied  = named{2, "Denied"}

	informational = named{1, "Informational"}
	low           = named{2, "Low"}
	medium        = named{3, "Medium"}
	high          = named{4, "High"}

	success = named{1, "Success"}
	failure = named{2, "Failure"}

	unknown = named{0, "Unknown"} // as an activity, an action and a status
)

// other is an activity that the schema has no number for.
func other(name string) named { return named{99, name} }

// Mapper makes events of the records of one trail, in their order.
type Mapper struct {
	begin   audit.Record
	running audit.Record // the command that runs
}

// Map makes an event of the next record.
func (m *Mapper) Map(r audit.Record) (Event, error) {
	switch r.Event {
	case audit.Begin:
		m.begin = r
	case audit.Run:
		m.running = r
	}
	record, err := r.Sealed()
	if err != nil {
		return Event{}, err
	}
	e := Event{
		CategoryUID: 1, CategoryName: "System Activity", ClassUID: 1007, ClassName: "Process Activity",
		StatusDetail: r.Why, Time: max(0, r.When().UnixMilli()), Duration: small(r.Millis), Message: transcript.Line(r), Unmapped: record,
		Metadata: Metadata{
			Version: Version, Profiles: []string{"security_control"}, Product: Product{Name: "opsh", VendorName: "opsh", Version: m.begin.Opsh},
			UID: r.Hash, CorrelationUID: r.Session, Sequence: r.Seq, EventCode: string(r.Event), OriginalTime: r.Time, LogName: "opsh trail",
		},
		Device:  Device{TypeID: 99, Type: "Container", Hostname: hostname(m.begin.Host), UID: m.begin.Task},
		Actor:   Actor{Session: Session{UID: r.Session, IsRemote: true}},
		Process: m.process(r),
	}
	if !m.begin.When().IsZero() {
		e.Actor.Session.CreatedTime = m.begin.When().UnixMilli()
	}
	activity, action, severity, status := judge(r)
	e.ActivityID, e.ActivityName = activity.id, activity.caption
	e.TypeUID, e.TypeName = e.ClassUID*100+activity.id, e.ClassName+": "+activity.caption
	if activity.id == 99 {
		e.TypeName = e.ClassName + ": Other"
	}
	e.ActionID, e.Action = action.id, action.caption
	e.SeverityID, e.Severity = severity.id, severity.caption
	e.StatusID, e.Status, e.StatusCode = status.id, status.caption, string(r.Category)
	switch r.Event {
	case audit.Killed, audit.Guard:
		e.Message = strings.TrimSuffix(fmt.Sprintf("%s %s: %s", r.Event, line.Quote(r.Argv...), r.Why), ": ")
		if r.Of != "" {
			e.Actor.Session = Session{UID: r.Of, IsRemote: true}
		}
	case audit.Exec, audit.Denied:
		e.Actor.Process = &Process{UID: commandUID(r), PID: int(small(int64(r.PID))), Name: r.By}
	case audit.Exit:
		if e.Duration == r.Millis {
			e.StartTime = max(0, e.Time-r.Millis)
		}
		if r.Status != nil && small(int64(*r.Status)) == int64(*r.Status) {
			e.ExitCode = r.Status
		}
	}
	return e, nil
}

// small is a number that the schema's integer_t holds, or 0, and then the member is left out. A record of a broken trail may hold any number, and one
// member of the wrong size makes a SIEM drop the whole event; unmapped has the record's own.
func small(n int64) int64 {
	if n < 0 || n > math.MaxInt32 {
		return 0
	}
	return n
}

// judge is what a record is to the schema. An event that opsh doesn't have is in no trail but a forged one, and must not pass for something that was
// allowed and worked.
func judge(r audit.Record) (activity, action, severity, status named) {
	activity, action, severity, status = launch, allowed, informational, success
	if r.Status != nil && *r.Status != 0 {
		status = failure
	}
	switch r.Event {
	case audit.Run, audit.Exec:
	case audit.Exit:
		activity = terminate
	case audit.Refused:
		action, severity, status = denied, low, failure
	case audit.Denied:
		action, severity, status = denied, medium, failure
		if r.Call != audit.CallExec {
			activity = other("System Call")
		}
	case audit.Killed:
		action, severity, status = denied, high, failure
	case audit.Guard:
		activity = other("Guard")
	case audit.Begin:
		activity = other("Session Begin")
	case audit.Runbook:
		activity = other("Runbook Received")
	case audit.Running:
		activity = other("Still Running")
	case audit.End:
		activity = other("Session End")
	default:
		activity, action, severity, status = unknown, unknown, medium, unknown
	}
	if r.Missing > 0 {
		severity = medium
	}
	return activity, action, severity, status
}

// process is what a record is about: a program, a line that didn't start one, or the session itself.
func (m *Mapper) process(r audit.Record) Process {
	if r.Event == audit.Killed {
		p := Process{UID: r.Session + "." + strconv.Itoa(r.Seq), PID: int(small(int64(r.PID))), Name: path.Base(r.Path), CmdLine: line.Quote(r.Argv...)}
		if r.Path != "" {
			p.File = &File{Path: r.Path, Name: path.Base(r.Path), TypeID: 1, Type: "Regular File"}
		}
		return p
	}
	if r.Command == 0 {
		return Process{UID: r.Session, Name: "opsh"}
	}
	p := Process{UID: commandUID(r), Name: r.Tool, CmdLine: r.Line}
	of := r
	if (r.Event == audit.Exit || r.Event == audit.Running) && m.running.Command == r.Command {
		of = m.running
		p.Name, p.CmdLine = of.Tool, of.Line
	}
	if len(of.Argv) > 0 {
		p.CmdLine = line.Quote(of.Argv...)
	}
	if of.Path != "" {
		p.File = &File{Path: of.Path, Name: path.Base(of.Path), TypeID: 1, Type: "Regular File"}
	}
	if r.Event == audit.Exec || r.Event == audit.Denied {
		p.UID += "." + strconv.Itoa(r.Seq) // another one than the tool that tried
		p.Name = path.Base(r.Path)
		if r.Path == "" {
			p.Name = r.Tool
		}
	}
	if r.Event == audit.Exec {
		p.PID = int(small(int64(r.PID))) // the process has become the program
	}
	if of.UID != 0 {
		p.User = &User{UID: fmt.Sprint(of.UID), TypeID: 1, Type: "User"}
	}
	return p
}

// commandUID names a command's tool among all processes.
func commandUID(r audit.Record) string { return r.Session + "#" + strconv.Itoa(r.Command) }

// hostPattern is the schema's own for hostname_t.
var hostPattern = regexp.MustCompile(`\A(([a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9\-]*[a-zA-Z0-9])\.)*([A-Za-z0-9]|[A-Za-z0-9][A-Za-z0-9\-]*[A-Za-z0-9])\z`)

// hostname leaves out what the schema takes for none; the record has it.
func hostname(name string) string {
	if hostPattern.MatchString(name) {
		return name
	}
	return ""
}
