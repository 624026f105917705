package lint

import (
	"net/url"
	"path/filepath"
	"strings"
	"unicode/utf16"
)

// SARIF 2.1.0 (https://docs.oasis-open.org/sarif/sarif/v2.1.0/), as far as a policy needs it: code hosts show it beside the lines of a change.

type (
	// SARIF is a log with one run.
	SARIF struct {
		Schema  string     `json:"$schema"`
		Version string     `json:"version"`
		Runs    []sarifRun `json:"runs"`
	}
	sarifRun struct {
		Tool       sarifTool     `json:"tool"`
		ColumnKind string        `json:"columnKind"`
		Results    []sarifResult `json:"results"`
		// Invocations say whether all files could be looked at.
		Invocations []sarifInvocation `json:"invocations"`
	}
	sarifTool struct {
		Driver sarifDriver `json:"driver"`
	}
	sarifDriver struct {
		Name    string      `json:"name"`
		Version string      `json:"version"`
		Rules   []sarifRule `json:"rules"`
	}
	sarifRule struct {
		ID      string       `json:"id"`
		About   sarifText    `json:"shortDescription"`
		HelpURI string       `json:"helpUri"`
		Default sarifDefault `json:"defaultConfiguration"`
	}
	sarifDefault struct {
		Level string `json:"level"`
	}
	sarifText struct {
		Text string `json:"text"`
	}
	sarifResult struct {
		RuleID       string             `json:"ruleId"`
		RuleIndex    int                `json:"ruleIndex"`
		Level        string             `json:"level"`
		Message      sarifText          `json:"message"`
		Locations    []sarifLocation    `json:"locations"`
		Suppressions []sarifSuppression `json:"suppressions,omitempty"`
	}
	sarifSuppression struct {
		Kind          string `json:"kind"`
		Justification string `json:"justification"`
	}
	sarifLocation struct {
		Physical sarifPhysical `json:"physicalLocation"`
	}
	sarifPhysical struct {
		Artifact sarifArtifact `json:"artifactLocation"`
		Region   sarifRegion   `json:"region"`
	}
	sarifArtifact struct {
		URI string `json:"uri"`
	}
	sarifRegion struct {
		StartLine   int `json:"startLine"`
		StartColumn int `json:"startColumn"` // in UTF-16 code units, as ColumnKind says
	}
	sarifInvocation struct {
		Successful    bool        `json:"executionSuccessful"`
		Notifications []sarifNote `json:"toolExecutionNotifications,omitempty"`
	}
	sarifNote struct {
		Level   string    `json:"level"`
		Message sarifText `json:"message"`
	}
)

// LogOf is the reports as one log. version is this program's; unread says which files couldn't be looked at, and why.
func LogOf(version string, reports []*Report, unread []error) SARIF {
	run := sarifRun{ColumnKind: "utf16CodeUnits", Results: []sarifResult{}, Tool: sarifTool{sarifDriver{Name: "opsctl policy check", Version: version}}}
	index := map[string]int{}
	for i, r := range Rules() {
		level := "warning"
		if r.ID == mistake {
			level = "error"
		}
		index[r.ID] = i
		run.Tool.Driver.Rules = append(run.Tool.Driver.Rules, sarifRule{r.ID, sarifText{r.About}, r.See, sarifDefault{level}})
	}
	for _, r := range reports {
		for i := range r.Findings {
			f := &r.Findings[i]
			one := sarifResult{RuleID: f.Rule, RuleIndex: index[f.Rule], Level: "warning", Message: sarifText{f.paragraph()}}
			if f.Error() {
				one.Level = "error"
			}
			one.Locations = []sarifLocation{{sarifPhysical{sarifArtifact{uri(r.Name)}, sarifRegion{f.At.Line, units(r.line(f.At.Line), f.At.Col)}}}}
			if f.Reason != "" {
				one.Suppressions = []sarifSuppression{{"inSource", f.Reason}}
			}
			run.Results = append(run.Results, one)
		}
	}
	call := sarifInvocation{Successful: len(unread) == 0}
	for _, err := range unread {
		call.Notifications = append(call.Notifications, sarifNote{"error", sarifText{err.Error()}})
	}
	run.Invocations = []sarifInvocation{call}
	return SARIF{Schema: "https://json.schemastore.org/sarif-2.1.0.json", Version: "2.1.0", Runs: []sarifRun{run}}
}

// paragraph is the finding as a code host shows it: text only, below the line.
func (f *Finding) paragraph() string {
	text := f.Text + "."
	if f.Hint != "" {
		text += " Hint: " + f.Hint + "."
	}
	if f.See != "" {
		text += " See " + f.See
	}
	return text
}

// units is the column of a line's character in UTF-16 code units, from 1.
func units(line string, col int) int {
	n := 1
	for _, r := range line {
		if col--; col < 1 {
			break
		}
		n += utf16.RuneLen(r)
	}
	return n
}

// uri is a file's name as a reference: relative where the name is.
func uri(name string) string {
	slashed := filepath.ToSlash(name)
	u := url.URL{Path: slashed}
	if filepath.IsAbs(name) {
		u.Scheme = "file"
		if !strings.HasPrefix(slashed, "/") { // C:/policy.toml
			u.Path = "/" + slashed
		}
	}
	return u.String()
}
