package shell

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"opsh/policy"
	"opsh/shell/audit"
	"opsh/shell/ship"
	"opsh/shell/taskrole"
)

// What opsh -T finds out about recording before anyone depends on it.

// checkRecording records a probe on this machine, and has it arrive where the policy ships records and recordings to.
func (s *Session) checkRecording(p *policy.Policy) []ship.Finding {
	session, record, err := s.roundTrip()
	if err != nil {
		return []ship.Finding{{Text: err.Error(), Hint: audit.Failed(err)}}
	}
	order := ship.Proof{Ship: s.target(p), Bucket: s.bucket(p), Session: session, Record: record}
	if order.Ship == nil && order.Bucket == nil {
		return nil
	}
	out, err := s.ask(ship.ProofName, order, ship.ProofTime+starting)
	var proven ship.Proven
	if err == nil {
		err = json.Unmarshal(out, &proven)
	}
	if err != nil {
		return []ship.Finding{{Text: "cannot tell whether records arrive: " + s.beside() + ": " + err.Error()}}
	}
	for _, text := range proven.Said {
		fmt.Fprintf(s.Stdout, "opsh: %s\n", text)
	}
	return proven.Found
}

// roundTrip records a probe and reads it back. It returns the record's line, and the session that it is of.
func (s *Session) roundTrip() (session, record string, err error) {
	from, err := findOrigin(0)
	if err != nil {
		return "", "", err
	}
	trail, err := audit.Create(s.StateDir, "probe-"+from.session, s.Now)
	if err != nil {
		return "", "", err
	}
	defer func() {
		trail.Close() //nolint:errcheck // a probe
		err = errors.Join(err, os.Remove(trail.Path()))
	}()
	wrote, err := trail.Append(audit.Record{Event: audit.Begin, Mode: "probe", Opsh: s.Version})
	if err != nil {
		return "", "", err
	}
	content, err := os.ReadFile(trail.Path())
	if err != nil {
		return "", "", fmt.Errorf("cannot read back a record: %w", err)
	}
	record = strings.TrimSuffix(string(content), "\n")
	read, err := audit.Parse([]byte(record))
	if err != nil {
		return "", "", err
	}
	if read.Hash != wrote.Hash || !read.Signed(read.Key) {
		return "", "", errors.New("cannot read back a record: it is not what was written")
	}
	return trail.Session(), record, nil
}

// agentLogTail is how much of the agent's log is read, in bytes, and agentLogLines how many of its errors are shown.
const (
	agentLogTail  = 64 << 10
	agentLogLines = 5
)

// checkAgentLog shows what the agent complained about last. It tells nobody else: a session's own log may be lost, by a typo in a key's policy
// for instance, and this file is where that stands.
func (s *Session) checkAgentLog() []ship.Finding {
	path := filepath.Join(s.AgentLogs, "errors.log")
	f, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil // no agent was here, as in an image's build
	}
	if err != nil {
		return []ship.Finding{{Text: "cannot read the agent's log: " + err.Error()}}
	}
	defer f.Close()
	st, err := f.Stat()
	if err != nil {
		return []ship.Finding{{Text: "cannot read the agent's log: " + err.Error()}}
	}
	tail, err := io.ReadAll(io.NewSectionReader(f, max(0, st.Size()-agentLogTail), agentLogTail))
	if err != nil {
		return []ship.Finding{{Text: "cannot read the agent's log: " + err.Error()}}
	}
	var last []ship.Finding
	for _, l := range strings.Split(string(tail), "\n") {
		if !strings.Contains(l, " ERROR ") {
			continue
		}
		last = append(last, ship.Finding{Warning: true, Hint: agentHint(l), Text: path + ": " + readable(l)})
	}
	return last[max(0, len(last)-agentLogLines):]
}

// readable is a line of a foreign file, as much of it as fits some lines of a terminal, without what a terminal would obey.
func readable(l string) string {
	const most = 400
	if l = taskrole.Plain(l); len(l) > most {
		l = text(l[:most]) + "..."
	}
	return l
}

// agentHint knows the agent's commonest complaints about a session's log.
func agentHint(l string) string {
	low := strings.ToLower(l)
	switch {
	case strings.Contains(low, "kms"):
		return "the key of ECS Exec's log: the task role needs kms:Decrypt on it, and its policy must let the log group's service use it"
	case strings.Contains(low, "accessdenied"), strings.Contains(low, "not authorized"):
		return "the task role lacks what the line names; ECS Exec needs ssmmessages:*Channel, and logs:* or s3:PutObject for its session log"
	case strings.Contains(low, "loggroup") && strings.Contains(low, "exist"):
		return "the log group in the cluster's execute-command configuration doesn't exist: create it"
	}
	return ""
}
