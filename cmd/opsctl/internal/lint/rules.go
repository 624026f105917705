package lint

import "slices"

// mistake is the rule of whatever keeps a policy from loading.
const mistake = "does-not-load"

// Rule is one kind of finding.
type Rule struct {
	ID    string // stable: comments, SARIF and other programs use it
	About string // one sentence
	See   string // a public page about it
}

func cwe(number string) string { return "https://cwe.mitre.org/data/definitions/" + number + ".html" }

// Rules is all kinds of findings, in the order of their IDs.
func Rules() []Rule {
	const (
		execGuide = "https://gtfobins.github.io/"
		landlock  = "https://docs.kernel.org/userspace-api/landlock.html"
		tests     = "https://www.openpolicyagent.org/docs/policy-testing"
		regexps   = "https://github.com/google/re2/wiki/Syntax"
	)
	list := []Rule{
		{mistake, "The policy doesn't load.", "https://toml.io/en/v1.0.0"},
		{"allow-comment", "A comment that allows a warning is unused, without a reason, or names no rule.", cwe("1164")},
		{"bare-prompt", "A usage line opens the program's own prompt, where opsh neither checks nor records single commands.", cwe("778")},
		{"dead-line", "A usage line never decides: the lines before it permit all that it permits.", cwe("561")},
		{"editor-or-pager", "An editor or a pager as a tool opens and writes files from inside.", execGuide},
		{"exec-any", `A tool may start any program.`, cwe("250")},
		{"exec-any-shell", `A tool that is known to start shells may start any program.`, execGuide},
		{"exec-interpreter", "A list of exec holds an interpreter, which runs any code.", execGuide},
		{"landlock-best-effort", "A tool runs without files or connect where the kernel doesn't know them.", landlock},
		{"landlock-off", "Nothing holds a tool to its files or connect.", landlock},
		{"launcher", "A tool's words name the program that it starts.", execGuide},
		{"match-alternation", "^ and $ of a pattern seem to belong to some alternatives only.", cwe("777")},
		{"match-dot", "A dot of a pattern admits any character where a dot seems to be meant.", cwe("625")},
		{"match-everything", "A pattern admits any text.", cwe("625")},
		{"operand-options", "An operand admits words that the program reads as options.", cwe("88")},
		{"other-server", "The operator chooses the server that gets the tool's credentials or data.", cwe("918")},
		{"pass-aws", "A tool has the task's AWS credentials.", "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html"},
		{"pass-risky", "A variable is passed whose value leads a tool elsewhere.", cwe("15")},
		{"pass-secret", "A variable that seems to hold a secret is passed as it is, so that opsh doesn't know that it is one.", cwe("526")},
		{"prompt-timeout", "An interactive tool ends after the default of 10 minutes.", "https://man7.org/linux/man-pages/man1/timeout.1.html"},
		{"no-refuse-test", "No test says what a tool must refuse.", tests},
		{"reads-files", "The operator may read files of the container.", cwe("22")},
		{"runs-code", "The operator may run code inside the tool.", cwe("94")},
		{"runs-elsewhere", "The operator may run programs on other machines or in other containers.", cwe("441")},
		{"runs-program", "The operator may start a program through the tool.", cwe("88")},
		{"same-user", "Where opsh isn't root, tools run as its own user.", cwe("250")},
		{"secret-in-policy", "A secret stands in the policy in clear.", cwe("798")},
		{"secret-printable", "The operator may print a secret of the tool's environment.", cwe("526")},
		{"share-uid", "All sessions run a tool under one uid.", cwe("250")},
		{"shell-tool", "A shell is a tool.", execGuide},
		{"shows-secret", "The operator may have credentials printed.", cwe("200")},
		{"unjudged-command", "A command of the program isn't among those that are known to be harmless.", cwe("749")},
		{"untested-line", "No test is permitted by a usage line.", tests},
		{"untested-tool", "A tool has no test.", tests},
		{"writes-files", "The operator may write files of the container.", cwe("73")},
	}
	slices.SortFunc(list, func(a, b Rule) int {
		if a.ID < b.ID {
			return -1
		}
		return 1
	})
	return list
}

// ruleOf is the rule with the ID, an empty one where there is none.
func ruleOf(id string) Rule {
	for _, r := range Rules() {
		if r.ID == id {
			return r
		}
	}
	return Rule{}
}
