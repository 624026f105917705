package lint

// JSON is a report for programs.
type JSON struct {
	File     string        `json:"file"`
	Loads    bool          `json:"loads"`
	Tools    int           `json:"tools"`
	Lines    int           `json:"lines"` // usage lines
	Tests    int           `json:"tests"`
	Findings []JSONFinding `json:"findings"`
}

// JSONFinding is one finding of it.
type JSONFinding struct {
	Rule    string `json:"rule"`
	Level   string `json:"level"` // "error", "warning" or "allowed"
	Line    int    `json:"line"`
	Column  int    `json:"column"` // in characters
	Text    string `json:"text"`
	Hint    string `json:"hint,omitempty"`
	See     string `json:"see,omitempty"`
	Allowed string `json:"allowed,omitempty"` // why, where a comment allows it
}

// JSON is the report in the form in which it is encoded.
func (r *Report) JSON() JSON {
	out := JSON{File: r.Name, Loads: r.Errors() == 0, Tools: r.Tools, Lines: r.Lines, Tests: r.Tests, Findings: []JSONFinding{}}
	for i := range r.Findings {
		f := &r.Findings[i]
		level := "warning"
		switch {
		case f.Error():
			level = "error"
		case f.Reason != "":
			level = "allowed"
		}
		out.Findings = append(out.Findings, JSONFinding{f.Rule, level, f.At.Line, f.At.Col, f.Text, f.Hint, f.See, f.Reason})
	}
	return out
}
