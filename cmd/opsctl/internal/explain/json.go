package explain

import (
	"opsh/policy"
	"opsh/shell/answer"
)

// Places and offsets in JSON count as people do: lines, columns and words from 1, a column is a character.

type jsonAnswer struct {
	Line     string        `json:"line"`
	Verdict  string        `json:"verdict"` // allow, refuse
	Rule     string        `json:"rule,omitempty"`
	Reason   string        `json:"reason,omitempty"` // refuse
	Word     int           `json:"word,omitempty"`   // that is at fault; one more than there are: something is missing
	Column   int           `json:"column,omitempty"` // of the line, where it doesn't split
	Hint     string        `json:"hint,omitempty"`
	Try      string        `json:"try,omitempty"` // a corrected line that is allowed
	Words    []jsonWord    `json:"words"`
	Attempts []jsonAttempt `json:"usage_lines"` // of the tool, in the policy's order
	Run      *Run          `json:"run,omitempty"`
}

type jsonWord struct {
	Text   string `json:"text"`
	Column int    `json:"column"`
	Input  bool   `json:"input,omitempty"` // it stands behind "<"
}

type jsonAttempt struct {
	Place string     `json:"place"`
	Usage string     `json:"usage"`
	Fits  bool       `json:"fits"`
	Takes []jsonTake `json:"takes"`
	Stop  *jsonStop  `json:"stop,omitempty"`
}

type jsonTake struct {
	Word  int    `json:"word"`
	Part  string `json:"part"`
	Value string `json:"value,omitempty"` // what the placeholder admitted
	Where string `json:"where,omitempty"` // the placeholder
	Means string `json:"means,omitempty"` // what it admits
	Place string `json:"place,omitempty"` // where the policy says so
}

type jsonStop struct {
	Word   int    `json:"word"`
	Place  string `json:"place"`
	Part   string `json:"part,omitempty"`
	Reason string `json:"reason"`
}

// JSON is the explanation for programs.
func (e *Explanation) JSON() any {
	a := jsonAnswer{Line: e.Raw, Verdict: "refuse", Words: []jsonWord{}, Attempts: []jsonAttempt{}}
	for i, w := range e.words {
		a.Words = append(a.Words, jsonWord{w.Text, w.Col, i == len(e.cmd.Words)})
	}
	for _, t := range e.Attempts {
		a.Attempts = append(a.Attempts, e.attempt(t))
	}
	switch {
	case e.Unsplit != nil:
		a.Reason, a.Column, a.Hint = e.Unsplit.Msg, e.Unsplit.Col, e.Unsplit.Hint
	case e.Match != nil:
		a.Verdict, a.Rule, a.Run = "allow", e.place(e.Match.Rule.Pos), whatRuns(e.Policy, e.Match)
	default:
		a.Reason, a.Word = e.Refusal.Reason, e.Refusal.Word+1
		if e.Refusal.Try != nil {
			a.Try = answer.Quoted(*e.Refusal.Try)
		}
	}
	return a
}

func (e *Explanation) attempt(t policy.Attempt) jsonAttempt {
	parts := t.Rule.Parts()
	out := jsonAttempt{Place: e.place(t.Rule.Pos), Usage: t.Rule.Text, Fits: t.Stop == nil, Takes: []jsonTake{}}
	for _, k := range t.Takes {
		p := parts[k.Part]
		one := jsonTake{Word: k.Word + 1, Part: t.Rule.Text[p.From:p.To]}
		if k.Where != nil {
			one.Value, one.Where = e.words[k.Word].Text[k.Offset:], k.Where.Name
			one.Means, one.Place = meaning(k.Where), e.place(k.Where.Pos)
		}
		out.Takes = append(out.Takes, one)
	}
	if s := t.Stop; s != nil {
		out.Stop = &jsonStop{s.Word + 1, e.place(t.Rule.At(s.From)), t.Rule.Text[s.From:s.To], s.Reason}
	}
	return out
}
