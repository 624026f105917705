package policy

import (
	"strings"
)

var envName = upTo(128, `^[A-Za-z_][A-Za-z0-9_]*$`)

// templates reads insert, env and file.
func (l *loader) templates(t *Tool, n *tomlNode) {
	files := l.subtable(n, "file")
	used := map[string]bool{}
	read := func(m *tomlNode, what string, secrets bool) Template {
		tpl, errs := parseTemplate(m.str)
		for _, e := range errs {
			l.fail(m.at(e.offset), e.hint, "%s", e.msg)
			// What it means isn't reported as unused, too.
			used[e.meant.Text] = used[e.meant.Text] || e.meant.Kind == PieceFile
			l.secrets[e.meant.Text] = l.secrets[e.meant.Text] || e.meant.IsSecret()
		}
		for _, p := range tpl {
			switch {
			case p.Kind == PieceFile:
				used[p.Text] = true
				if files == nil || files.table[p.Text] == nil {
					hint := "write file." + p.Text + " = '…' in this tool"
					if files != nil {
						if near := nearestOf(l, p.Text, files.table); near != "" {
							hint, used[near] = "did you mean {file."+near+"}?", true
						}
					}
					l.absent(m.at(placeOfReference(m.str, p)), hint, "cannot use {file.%s}: this tool has no such file", p.Text)
				}
			case p.IsSecret():
				l.secrets[p.Text] = true
				pos := m.at(placeOfReference(m.str, p))
				if !secrets {
					// Every process of the machine can read a command line.
					l.fail(pos, "hand it over in env or in a file", "cannot use {secret.%s} in %s: a secret never stands in a command line", p.Text, what)
				}
				if !l.hasSecret(p.Text) && !l.misspeltSecrets {
					hint := "write [secret." + p.Text + "]"
					if near := nearestOf(l, p.Text, l.policy.Secrets); near != "" {
						hint, l.secrets[near] = "did you mean {secret."+near+"}?", true
					}
					l.absent(pos, hint, "cannot use {secret.%s}: the policy has no such secret", p.Text)
				}
			}
		}
		return tpl
	}

	if m := n.table["insert"]; m != nil {
		for _, item := range l.list(m, "insert", maxWords) {
			if _, ok := l.text(item, "an element of insert"); ok {
				t.Insert = append(t.Insert, read(item, "insert", false))
			}
		}
	}
	if m := l.subtable(n, "env"); m != nil {
		t.Env = map[string]Template{}
		for _, name := range m.keys {
			v := m.table[name]
			if !envName.MatchString(name) {
				hint := "letters, digits and _"
				if plain := strings.ReplaceAll(name, "-", "_"); envName.MatchString(plain) {
					hint = "write " + plain
				}
				l.fail(v.key, hint, "cannot set %s: it isn't the name of a variable", keyText(name))
			}
			if l.is(v, kindString, "env."+keyText(name)) && l.printable(v, "env."+keyText(name), "\t\n") {
				t.Env[name] = read(v, "env", true)
			}
		}
	}
	if files == nil {
		return
	}
	t.Files = map[string]Template{}
	for _, name := range files.keys {
		v := files.table[name]
		if !entryName.MatchString(name) {
			l.fail(v.key, "lower-case letters, digits, - and _", "cannot name a file %s", keyText(name))
		}
		if l.is(v, kindString, "file."+keyText(name)) && l.printable(v, "file."+keyText(name), "\t\n\r") {
			t.Files[name] = read(v, "file", true)
		}
	}
	for _, name := range files.keys {
		if !used[name] && entryName.MatchString(name) {
			l.absent(files.table[name].key, "remove it, or write {file."+name+"} where the tool shall find its path", "cannot use file.%s: nothing refers to it", name)
		}
	}
}

// placeOfReference is the byte offset of a reference in a text.
func placeOfReference(s string, p Piece) int {
	return max(0, strings.Index(s, p.Reference()))
}

// pass reads pass and pass_aws. A passed variable has the value that the container has, which whoever may
// edit the task definition chooses; so what could take the tool over, or hand it the task's credentials,
// can't be passed. What the security team writes in env is reviewed with the policy, and free.
func (l *loader) pass(t *Tool, n *tomlNode) {
	t.PassAWS = l.flag(n, "pass_aws")
	aws := false
	if m := n.table["pass"]; m != nil {
		l.texts(m, "pass", maxWords, func(item *tomlNode) {
			name := item.str
			switch {
			case !envName.MatchString(name):
				hint := "name each variable; there are no wildcards"
				if left, right, ok := strings.Cut(name, "="); ok && envName.MatchString(left) {
					hint = "write env." + left + " = " + quoted(right)
				}
				l.fail(item.pos, hint, "cannot pass %s: it isn't the name of a variable", quoted(name))
			case credential(name):
				aws = true
				if !t.PassAWS {
					l.absent(item.pos, "write pass_aws = true, if the tool shall act with the task's AWS credentials", "cannot pass %s: it gives the task's AWS credentials away", name)
				}
			case takesOver(name):
				l.fail(item.pos, "write it in env, with the value it shall have", "cannot pass %s: its value can make the tool run other code", name)
			}
			if secret := l.fromEnv[name]; secret != "" {
				l.fail(item.pos, "write env = { "+keyText(name)+` = "{secret.`+secret+`}" }`, "cannot pass %s: it is the secret %s", keyText(name), secret)
			}
			if env := n.table["env"]; env != nil && env.kind == kindTable && env.table[name] != nil {
				l.fail(item.pos, "remove one of them", "cannot pass %s: env sets it", keyText(name))
			}
			t.Pass = append(t.Pass, name)
		})
	}
	if t.PassAWS && !aws {
		l.absent(n.table["pass_aws"].pos, "remove it", "cannot use pass_aws: pass names no AWS variable")
	}
}

// credential says that a variable is, or leads to, the task's AWS credentials.
func credential(name string) bool {
	return strings.HasPrefix(name, "AWS_") || strings.HasPrefix(name, "ECS_CONTAINER_METADATA_URI")
}

// codeVariables name code, or a program, that the tool or its interpreter then runs.
const codeVariables = " GCONV_PATH GLIBC_TUNABLES BASH_ENV ENV SHELL PATH HOME" +
	" RUBYOPT RUBYLIB GEM_HOME GEM_PATH BUNDLE_GEMFILE BUNDLE_PATH BUNDLE_APP_CONFIG IRBRC" +
	" PERL5OPT PERL5LIB PERLLIB PERL5DB PYTHONPATH PYTHONHOME PYTHONSTARTUP PYTHONINSPECT" +
	" NODE_OPTIONS NODE_PATH JAVA_TOOL_OPTIONS _JAVA_OPTIONS JDK_JAVA_OPTIONS CLASSPATH" +
	" LIBMYSQL_PLUGINS LIBMYSQL_PLUGIN_DIR MYSQL_HOME EDITRC INPUTRC PSQLRC" +
	" EDITOR VISUAL PAGER LESSOPEN LESSCLOSE BROWSER GIT_SSH GIT_SSH_COMMAND TERMINFO TERMCAP "

func takesOver(name string) bool {
	return strings.HasPrefix(name, "LD_") || strings.HasPrefix(name, "DYLD_") || strings.Contains(codeVariables, " "+name+" ")
}
