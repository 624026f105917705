package lint

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"opsh/policy"
)

// givenAway is what opsh itself says that the policy gives away. That connect holds to ports only is documented with it and no reason to
// warn whoever uses it.
func (c *checker) givenAway() {
	ids := map[string]string{"share_uid": "share-uid", "same_user": "same-user", "pass_aws": "pass-aws", "landlock": "landlock-off"}
	hints := map[string]string{
		"share_uid": "remove share_uid, if the tool's files don't need its owner",
		"same_user": "remove same_user where the container starts opsh as root",
		"pass_aws":  "give the tool a role of its own, or remove pass_aws",
		"landlock":  `write landlock = "require"`,
	}
	for _, w := range c.policy.GivesAway() {
		id := ids[w.Key]
		if t := c.policy.Tool(w.Tool); w.Key == "landlock" && t != nil && t.Landlock == policy.LandlockBestEffort {
			id = "landlock-best-effort"
		}
		if id != "" { // exec is told with what is known of the program
			c.warn(Finding{Rule: id, At: w.Pos, Text: w.Text, Hint: hints[w.Key]})
		}
	}
}

// program warns of tools that are dangerous whatever their usage lines say.
func (t *tool) program() {
	at := t.key("path")
	base := path.Base(t.Path)
	switch t.fact.kind {
	case shell:
		t.warn(Finding{Rule: "shell-tool", At: at, See: t.fact.see, Text: base + " is a shell: it reads and writes files by itself, and opsh checks nothing that is typed there",
			Hint: "write a tool for each program that is needed"})
		t.shows = base + " prints its environment"
	case editor, pager:
		what := map[kind]string{editor: "an editor", pager: "a pager"}[t.fact.kind]
		t.warn(Finding{Rule: "editor-or-pager", At: at, See: t.fact.see, Text: base + " is " + what + ": inside it any file is opened that the tool's user may read or write",
			Hint: `write files = { read = ["/the/directory"] } in this tool, or a tool like cat with a path in its where`})
		t.prompt = true
	case launcher:
		if t.Exec.Mode != policy.ExecNone {
			t.warn(Finding{Rule: "launcher", At: at, See: t.fact.see, Text: base + " starts the program that its words name", Hint: "make that program the tool"})
		}
	case envPrinter:
		t.shows = base + " prints it"
	}
}

// exec warns of what a tool may start.
func (t *tool) exec() {
	at := t.key("exec")
	switch t.Exec.Mode {
	case policy.ExecAny:
		f := Finding{Rule: "exec-any", At: at, Text: `exec = "any": it may start any program`, Hint: `write exec = "none", or the list of the programs it needs: opsh prints each one that it starts`}
		if t.fact.escape != "" {
			f.Rule, f.See, f.Text = "exec-any-shell", t.fact.see, fmt.Sprintf(`exec = "any": in %s, %s`, path.Base(t.Path), t.fact.escape)
		}
		t.warn(f)
		if t.shows == "" {
			t.shows = `with exec = "any" it starts env`
		}
	case policy.ExecList:
		for i, p := range t.Exec.Paths {
			f := of(t.facts, p)
			if f == nil || f.kind != interpreter && f.kind != launcher && f.kind != editor && f.kind != pager || t.ownLanguage(p) {
				continue
			}
			what := map[kind]string{interpreter: "runs any code that it is given", launcher: "starts the program that its words name", editor: "opens and writes any file", pager: "opens any file"}[f.kind]
			t.warn(Finding{Rule: "exec-interpreter", At: t.key("exec", fmt.Sprint(i)), See: f.see,
				Text: path.Base(p) + " " + what + ", so whatever starts it from inside this tool isn't held to reviewed files",
				Hint: "remove it, or write # opsctl: allow exec-interpreter: and which reviewed files it runs"})
		}
	}
}

// languages are programs that are written in an interpreter's language, so that starting it adds nothing to what they do anyway.
func languages() [][]string {
	return [][]string{
		{"ruby", "irb", "jruby", "rails", "rake", "bundle", "bundler", "sidekiq", "puma", "rspec", ".rb"},
		{"python", "pypy", "ipython", "manage", "django-admin", "celery", "flask", "ansible", "aws", "pip", "alembic", ".py"},
		{"node", "nodejs", "npm", "npx", "yarn", "pnpm", ".js", ".mjs", ".cjs"},
		{"perl", ".pl"}, {"php", "artisan", "composer", "wp", ".php"}, {"java", "gradle", "mvn"},
	}
}

// ownLanguage says whether the tool is written in the interpreter's language.
func (t *tool) ownLanguage(interpreter string) bool {
	bare := func(file string) string {
		base := path.Base(file)
		return strings.TrimRight(strings.TrimSuffix(base, path.Ext(base)), "0123456789.-")
	}
	for _, l := range languages() {
		if slices.Contains(l, bare(interpreter)) {
			return slices.Contains(l, bare(t.Path)) || slices.Contains(l, path.Ext(t.Path))
		}
	}
	return false
}
