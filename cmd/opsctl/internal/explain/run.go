package explain

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"opsh/policy"
	"opsh/shell/answer"
	"opsh/shell/line"
)

// always is the variables that each tool has, whatever the policy says.
const always = "HOME LANG LOGNAME PATH TERM USER"

// Run is what would run, as far as the policy and the words say it. It holds no secret's value: nothing has fetched one.
type Run struct {
	Path    string   `json:"path"`
	Argv    []string `json:"argv"`            // as the policy says it: {file.NAME} stands for a path of opsh's own
	Insert  []string `json:"insert"`          // the words of Argv that the policy puts behind the first
	Input   string   `json:"input,omitempty"` // the file that standard input is a copy of
	Dir     string   `json:"dir"`
	User    string   `json:"user"`
	Set     []string `json:"env_set"`    // names of variables that the policy sets
	Passed  []string `json:"env_passed"` // names of those that the container's are handed through
	Files   []string `json:"files"`      // names of files that exist while it runs
	Secrets []string `json:"secrets"`    // names of those that are fetched for it
	Exec    string   `json:"exec"`       // none, list, any
	May     []string `json:"exec_list,omitempty"`
	Timeout string   `json:"timeout"`
	Later   []string `json:"not_checked"` // what only the machine that runs it can decide
}

// whatRuns is what the permitted command would run.
func whatRuns(p *policy.Policy, m *policy.Match) *Run {
	t := m.Tool
	r := &Run{
		Path: t.Path, Dir: t.Dir, User: t.User, Exec: string(t.Exec.Mode), May: t.Exec.Paths, Timeout: answer.Brief(t.Timeout),
		Insert: []string{}, Set: slices.AppendSeq([]string{}, maps.Keys(t.Env)), Passed: slices.Clone(t.Pass),
		Files: slices.AppendSeq([]string{}, maps.Keys(t.Files)), Secrets: secrets(t),
	}
	for _, list := range []*[]string{&r.Set, &r.Passed, &r.Files} {
		slices.Sort(*list)
	}
	for _, i := range t.Insert {
		r.Insert = append(r.Insert, template(i))
	}
	words := slices.Clone(m.Words)
	for _, f := range m.Fills {
		if f.Where.Kind != policy.WherePath {
			continue
		}
		if f.Word == len(m.Words) {
			r.Input = below(f.Where, *m.Input)
			r.Later = append(r.Later, mustBe(f.Where, r.Input)+"; the tool reads a copy of it")
			continue
		}
		file := below(f.Where, words[f.Word][f.Offset:])
		words[f.Word] = words[f.Word][:f.Offset] + file
		r.Later = append(r.Later, mustBe(f.Where, file)+"; where it is a link, the tool gets the path of the file itself")
	}
	r.Argv = slices.Concat([]string{t.Path}, r.Insert, words[1:])
	r.later(p, t)
	return r
}

// later is what must hold of the machine for every command of the tool.
func (r *Run) later(p *policy.Policy, t *policy.Tool) {
	say := func(format string, args ...any) { r.Later = append(r.Later, fmt.Sprintf(format, args...)) }
	say("%s is a program, or a script whose interpreter is one, that only root can change", line.QuoteWord(t.Path))
	say("the user %s exists and isn't root", t.User)
	if t.Dir != "/" {
		say("the directory %s exists", line.QuoteWord(t.Dir))
	}
	if t.Exec.Mode == policy.ExecList {
		say("what exec lists is there (%s), only root can change it, and none leads to a shell", line.Quote(t.Exec.Paths...))
	}
	for _, name := range r.Secrets {
		say("the secret %s can be fetched from %s", name, line.QuoteWord(p.Secrets[name].From))
	}
	if (t.Access != nil || t.ConnectOnly) && t.Landlock == policy.LandlockRequire {
		say("the kernel has the Landlock that files and connect need")
	}
	if t.Approval != nil {
		say("the line stands in a runbook that was approved with %s", t.Approval)
	}
	if p.Audit.WhenDown == policy.WhenDownRefuse {
		say("the record of it has left the machine")
	}
}

// below is the path of a file that a word names; links in it are not resolved.
func below(w *policy.Where, word string) string {
	if path.IsAbs(word) {
		return path.Clean(word)
	}
	return path.Join(w.Dir, word)
}

func mustBe(w *policy.Where, file string) string {
	return fmt.Sprintf("%s: %s exists, is a regular file below %s when all links are followed, and only root can change it",
		w.Name, line.QuoteWord(file), line.QuoteWord(w.Dir))
}

// template is a text of the policy with its references as the policy writes them.
func template(t policy.Template) string {
	var b strings.Builder
	for _, p := range t {
		switch p.Kind {
		case policy.PieceText:
			b.WriteString(p.Text)
		case policy.PieceFile:
			b.WriteString("{file." + p.Text + "}")
		default: // none in insert; should one come, its name says enough
			b.WriteString("{secret." + p.Text + "}")
		}
	}
	return b.String()
}

// secrets is the names of those that the tool's environment and files refer to, sorted.
func secrets(t *policy.Tool) []string {
	names := map[string]bool{}
	for _, set := range []map[string]policy.Template{t.Env, t.Files} {
		for _, tpl := range set {
			for _, p := range tpl {
				if p.IsSecret() {
					names[p.Text] = true
				}
			}
		}
	}
	return slices.Sorted(maps.Keys(names))
}

// run says what would run.
func (e *Explanation) run() []string {
	t, r := e.Match.Tool, whatRuns(e.Policy, e.Match)
	out := []string{"would run:"}
	add := func(name, text string) {
		out = append(out, fold(text, indent+pad(name, 9), indent+pad("", 9))...)
	}
	// One line each, whatever their width: a fold in a quoted word would be read as a part of it.
	exact := func(name, text string) { out = append(out, indent+pad(name, 9)+text) }
	exact("program", line.QuoteWord(r.Path))
	if len(r.Insert) > 0 {
		exact("inserted", line.Quote(r.Insert...))
	}
	exact("argv", line.Quote(r.Argv...))
	for _, name := range r.Files {
		add("file", "{file."+name+"}: the path of a file in memory that only the tool can read")
	}
	if r.Input != "" {
		add("input", "a copy of "+line.QuoteWord(r.Input))
	}
	add("in", line.QuoteWord(r.Dir))
	as := "the session's own uid, with the home and the groups of "
	if t.ShareUID {
		as = "the uid, the home and the groups of "
	}
	if e.Policy.Session.SameUser {
		as = "opsh's own uid where opsh isn't root; otherwise " + as
	}
	add("as", as+r.User)
	env := ""
	if len(r.Set) > 0 {
		env = strings.Join(r.Set, " ") + " (set by the policy); "
	}
	if len(r.Passed) > 0 {
		env += strings.Join(r.Passed, " ") + " (the container's); "
	}
	add("env", env+always+"; no other")
	for _, name := range r.Secrets {
		add("secret", name+", from "+line.QuoteWord(e.Policy.Secrets[name].From))
	}
	add("exec", e.may(t))
	if t.Access != nil {
		add("opens", "files below "+line.Quote(slices.Concat(t.Access.Read, t.Access.Write)...)+" only; writes below "+none(line.Quote(t.Access.Write...)))
	}
	if t.ConnectOnly {
		var to []string
		for _, c := range t.Connect {
			to = append(to, fmt.Sprintf("%s:%d", c.Host, c.Port))
		}
		add("connects", "to "+none(strings.Join(to, " "))+"; the kernel looks at the port")
	}
	add("timeout", r.Timeout)
	out = append(out, "", "not checked here; opsh refuses the command unless:")
	for _, l := range r.Later {
		out = append(out, fold(l, indent+"- ", indent+indent)...)
	}
	return out
}

func (e *Explanation) may(t *policy.Tool) string {
	switch t.Exec.Mode {
	case policy.ExecNone:
		return "none: it may start no other program"
	case policy.ExecList:
		return "it may start " + line.Quote(t.Exec.Paths...) + ", nothing else"
	}
	return "any: it may start any program"
}

func none(text string) string {
	if text == "" {
		return "nothing"
	}
	return text
}
