package lint

const (
	gitManual = "https://git-scm.com/docs/git"
	gitConfig = "https://git-scm.com/docs/git-config"
)

func gitFacts() []fact {
	const reviewed = `write a path in its where: { path = "/dir" }, or a list`
	return []fact{{
		names: "git", escape: "aliases, hooks, pagers and editors start a shell", see: gtfobins("git"), style: wordStyle,
		values: "-c --config-env -C --git-dir --work-tree --namespace",
		flags:  "--no-pager -P --bare --no-replace-objects --literal-pathspecs --no-optional-locks",
		dangers: []danger{
			{operand: firstOperand, probes: []string{"config", "bisect"}, effect: runsProgram, text: "every command of git may be typed, config and bisect run among them", instead: "write one usage line for each command", see: gtfobins("git")},
			{options: "-c --config-env", probes: []string{"core.pager=sh"}, words: `(?i)(core\.(pager|editor|sshcommand|fsmonitor|hookspath|gitproxy|askpass|attributesfile)|alias\..*|pager\..*|diff\..*|filter\..*|credential\..*|gpg\..*|include.*)=.*`, even: true, effect: runsProgram, text: "settings of git name programs that it runs", instead: "leave it out, or list the settings", see: gitConfig},
			{options: "--exec-path", probes: []string{"/tmp/x"}, words: ".+", effect: runsProgram, text: "git runs its own commands from there", instead: "leave it out", see: gitManual},
			{options: "-C --git-dir --work-tree --namespace", effect: runsProgram, text: "the configuration and hooks of that repository name programs that git runs", instead: "leave it out, and write dir = \"/the/repository\"", see: "https://nvd.nist.gov/vuln/detail/CVE-2022-24765"},
			{options: "-u --upload-pack --receive-pack --exec", effect: runsProgram, text: "git runs it as a program", instead: "leave it out", see: "https://git-scm.com/docs/git-fetch-pack"},
			{options: "-O --open-files-in-pager -x --ext-diff --extcmd", effect: runsProgram, text: "git starts a program", instead: "leave it out", see: gtfobins("git")},
			{options: "-p --paginate", effect: runsProgram, text: "git starts a pager, with its own escapes", instead: "leave it out, and write env.GIT_PAGER = \"cat\"", see: gtfobins("git")},
			{options: "--output -o", probes: []string{"/tmp/x"}, words: ".+", effect: writesFiles, text: "git writes there", instead: "leave it out: opsh records the output", see: "https://git-scm.com/docs/git-diff"},
			{verb: "diff", operand: anyOperand, probes: []string{"../../etc/passwd"}, words: anyFile, effect: readsFiles, text: "git diff shows any file of this container", instead: reviewed, see: "https://git-scm.com/docs/git-diff"},
			{options: "--no-index", effect: readsFiles, text: "git diff shows any file of this container", instead: "leave it out", see: "https://git-scm.com/docs/git-diff"},
			{options: "--template", effect: runsProgram, text: "hooks from there are run", instead: "leave it out", see: "https://git-scm.com/docs/git-init"},
			{operand: anyOperand, probes: []string{"ext::sh -c id"}, words: "ext::.*", even: true, effect: runsProgram, text: "git runs what stands behind ext:: as a program where its configuration allows that", instead: "write a list, or a match that admits no :", see: "https://git-scm.com/docs/git-remote-ext"},
			{verb: "help", effect: runsProgram, text: "it opens a pager, with its own escapes", instead: "leave it out", see: gtfobins("git")},
			{verb: "bisect run", effect: runsProgram, text: "it runs what stands behind it", instead: "leave it out", see: "https://git-scm.com/docs/git-bisect"},
			{verb: "submodule foreach", effect: runsProgram, text: "it runs what stands behind it in a shell", instead: "leave it out", see: "https://git-scm.com/docs/git-submodule"},
			{verb: "config", effect: runsProgram, text: "settings of git name programs that it runs", instead: "leave it out", see: gitConfig},
		},
	}}
}
