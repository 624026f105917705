package try

import (
	"errors"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"opsh/policy"
	"opsh/shell/answer"
	"opsh/shell/line"
	"opsh/shell/transcript"
)

// The exit statuses that opsh would have for a line that it doesn't run.
const (
	StatusBroken  = 125
	StatusRefused = 126
)

// Session is a policy that is tried.
type Session struct {
	Policy *policy.Policy
	Image  Image  // where files are looked at
	Reason string // --reason
}

// Verdict is what opsh would do with a line.
type Verdict struct {
	Status int      // 0: it would run
	Lines  []string // without their ends
}

// Judge takes one line as far as words, and files of the image, lead.
func (s *Session) Judge(raw string) Verdict {
	split, err := line.Split(raw)
	if err != nil {
		return refused(StatusRefused, answer.Raw(raw), answer.Unsplit(err))
	}
	c := answer.Command(split)
	m, refusal := s.Policy.Decide(c)
	if refusal != nil {
		return refused(StatusRefused, answer.Quoted(c), answer.Refusal(refusal, c))
	}
	p, err := s.plan(m)
	if errors.As(err, &refusal) {
		return refused(StatusRefused, answer.Quoted(c), answer.Refusal(refusal, c))
	}
	if err != nil {
		return refused(StatusBroken, answer.Quoted(c), answer.Fold(line.Plain(err.Error()), "  ", "  "))
	}
	lines := []string{"opsctl: would run " + answer.Quoted(c)}
	lines = append(lines, answer.Fold(fmt.Sprintf("usage: %s:%d: %s", line.Plain(s.Policy.Name), m.Rule.Pos.Line, m.Rule.Text), "  ", "         ")...)
	// One line each, whatever its width, like a record's.
	lines = append(lines, "  argv:  "+line.Quote(p.argv...))
	if p.stdin != "" {
		lines = append(lines, "  stdin: "+line.QuoteWord(p.stdin))
	}
	return Verdict{Lines: append(lines, answer.Fold("not checked here: "+strings.Join(p.open, ", "), "  ", "    ")...)}
}

func refused(status int, shown string, why []string) Verdict {
	return Verdict{Status: status, Lines: append([]string{"opsctl: refused " + shown}, why...)}
}

// plan is what a permitted command comes to.
type plan struct {
	argv  []string // {file.NAME} stands for the path that the tool finds it under; a script's interpreter is left out
	stdin string   // the file behind <
	open  []string // what only the container can tell
}

// plan makes the plan. The error is a *policy.Refusal where a file of the image may not be named.
func (s *Session) plan(m *policy.Match) (*plan, error) {
	p := &plan{argv: []string{m.Tool.Path}, open: []string{line.QuoteWord(m.Tool.Path), "user " + m.Tool.User}}
	words := slices.Clone(m.Words)
	var files []string // that nobody looked at
	for _, f := range m.Fills {
		if f.Where.Kind != policy.WherePath {
			continue
		}
		word := m.Input
		if f.Word < len(words) {
			rest := words[f.Word][f.Offset:]
			word = &rest
		}
		file, known, err := s.file(m, f, *word)
		if err != nil {
			return nil, err
		}
		if !known && !slices.Contains(files, file) {
			files = append(files, file)
		}
		if f.Word < len(words) {
			words[f.Word] = words[f.Word][:f.Offset] + file
		} else {
			p.stdin = file
		}
	}
	for _, t := range m.Tool.Insert {
		p.argv = append(p.argv, shown(t))
	}
	p.argv = append(p.argv, words[1:]...)
	p.open = append(p.open, s.needs(m.Tool)...)
	const most = 5
	for _, f := range files[:min(most, len(files))] {
		p.open = append(p.open, "that "+line.QuoteWord(f)+" is there")
	}
	if n := len(files) - most; n > 0 {
		p.open = append(p.open, transcript.Count(n, "more file"))
	}
	return p, nil
}

// file is the path that a word names; known says that the image has it.
func (s *Session) file(m *policy.Match, f policy.Fill, word string) (file string, known bool, err error) {
	file = word
	if !path.IsAbs(word) {
		file = path.Join(f.Where.Dir, word)
	}
	file = path.Clean(file)
	found, err := s.Image.below(f.Where, file)
	switch u := (*unfit)(nil); {
	case errors.As(err, &u):
		var there []string
		if u.missing {
			there, _ = s.Image.Files(f.Where, policy.ComparedFiles)
		}
		return "", false, s.Policy.RefuseFile(m, f, u.why, there)
	case err != nil:
		return "", false, fmt.Errorf("cannot run %s: where.%s: %w", m.Tool.Name, f.Where.Name, err)
	case found == "":
		return file, false, nil
	}
	return found, true, nil
}

// needs is what a tool wants of the container beside its program and user.
func (s *Session) needs(t *policy.Tool) (all []string) {
	if t.Dir != "/" {
		all = append(all, "dir "+line.QuoteWord(t.Dir))
	}
	for _, p := range t.Exec.Paths {
		all = append(all, line.QuoteWord(p))
	}
	secrets := map[string]bool{}
	for _, texts := range []map[string]policy.Template{t.Env, t.Files} {
		for _, text := range texts {
			for _, piece := range text {
				if piece.IsSecret() {
					secrets[piece.Text] = true
				}
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(secrets)) {
		all = append(all, fmt.Sprintf("secret %s (%s)", name, line.QuoteWord(s.Policy.Secrets[name].From)))
	}
	if t.Approval != nil {
		all = append(all, t.Approval.String())
	}
	if (t.Access != nil || t.ConnectOnly) && t.Landlock == policy.LandlockRequire {
		all = append(all, "that the kernel has Landlock")
	}
	return all
}

// shown is a template of a command line; no secret stands in one.
func shown(t policy.Template) string {
	var b strings.Builder
	for _, p := range t {
		if p.Kind == policy.PieceText {
			b.WriteString(p.Text)
		} else {
			b.WriteString("{file." + p.Text + "}")
		}
	}
	return b.String()
}
