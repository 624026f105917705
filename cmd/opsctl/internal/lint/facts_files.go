package lint

// What works on files: version control, archives, pagers, editors.

const (
	gitManual  = "https://git-scm.com/docs/git"
	gitConfig  = "https://git-scm.com/docs/git-config"
	tarManual  = "https://man7.org/linux/man-pages/man1/tar.1.html"
	lessManual = "https://man7.org/linux/man-pages/man1/less.1.html"
	vimManual  = "https://vimhelp.org/starting.txt.html"
)

func fileFacts() []fact {
	const reviewed = `write a path in its where: { path = "/dir" }, or a list`
	edits := func(see string) []danger {
		return []danger{{operand: anyOperand, probes: []string{"/etc/passwd", "/tmp/x"}, effect: readsFiles, text: "it opens any file", instead: reviewed, see: see}}
	}
	return []fact{{
		names: "git", escape: "aliases, hooks, pagers and editors start a shell", see: gtfobins("git"),
		dangers: []danger{
			{options: "-c --config-env", probes: []string{"core.pager=sh", "alias.x=!sh", "core.sshCommand=sh"}, effect: runsProgram, text: "settings of git name programs that it runs", instead: "leave it out, or list the settings", see: gitConfig},
			{options: "--exec-path", probes: []string{"/tmp/x"}, effect: runsProgram, text: "git runs its own commands from there", instead: "leave it out", see: gitManual},
			{options: "-C --git-dir --work-tree --namespace", probes: []string{"/tmp/x", "x"}, effect: runsProgram, text: "the configuration and hooks of that repository name programs that git runs", instead: "leave it out, and write dir = \"/the/repository\"", see: "https://nvd.nist.gov/vuln/detail/CVE-2022-24765"},
			{options: "-u --upload-pack --receive-pack --exec", probes: []string{"sh -c id"}, effect: runsProgram, text: "git runs it as a program", instead: "leave it out", see: "https://git-scm.com/docs/git-fetch-pack"},
			{options: "-O --open-files-in-pager -x --ext-diff --extcmd", effect: runsProgram, text: "git starts a program", instead: "leave it out", see: gtfobins("git")},
			{options: "-p --paginate", effect: runsProgram, text: "git starts a pager, with its own escapes", instead: "leave it out, and write env.GIT_PAGER = \"cat\"", see: gtfobins("git")},
			{options: "--output -o", probes: []string{"/tmp/x"}, effect: writesFiles, text: "git writes there", instead: "leave it out: opsh records the output", see: "https://git-scm.com/docs/git-diff"},
			{options: "--no-index", effect: readsFiles, text: "git diff shows any file of this container", instead: "leave it out", see: "https://git-scm.com/docs/git-diff"},
			{options: "--template", probes: []string{"/tmp/x"}, effect: runsProgram, text: "hooks from there are run", instead: "leave it out", see: "https://git-scm.com/docs/git-init"},
			{operand: anyOperand, probes: []string{"ext::sh -c id"}, effect: runsProgram, text: "git runs what stands behind ext:: as a program where its configuration allows that", instead: "write a list, or a match that admits no :", see: "https://git-scm.com/docs/git-remote-ext"},
			{verb: "help", effect: runsProgram, text: "it opens a pager, with its own escapes", instead: "leave it out", see: gtfobins("git")},
			{verb: "bisect run", effect: runsProgram, text: "it runs what stands behind it", instead: "leave it out", see: "https://git-scm.com/docs/git-bisect"},
			{verb: "submodule foreach", effect: runsProgram, text: "it runs what stands behind it in a shell", instead: "leave it out", see: "https://git-scm.com/docs/git-submodule"},
			{verb: "config", effect: runsProgram, text: "settings of git name programs that it runs", instead: "leave it out", see: gitConfig},
			{operand: firstOperand, probes: []string{"config", "bisect"}, effect: runsProgram, text: "every command of git may be typed, config and bisect run among them", instead: "write one usage line for each command", see: gtfobins("git")},
		},
	}, {
		names: "tar gtar bsdtar", escape: "--checkpoint-action=exec runs a program", see: gtfobins("tar"),
		dangers: []danger{
			{options: "--to-command --checkpoint-action -I --use-compress-program --rsh-command --rmt-command -F --info-script --new-volume-script", probes: []string{"sh", "exec=sh"}, effect: runsProgram, text: "tar runs it as a program", instead: "leave it out", see: gtfobins("tar")},
			{options: "-f --file", probes: []string{"/tmp/x", "/etc/x"}, effect: writesFiles, text: "tar reads and writes any file; with a : in it, on another machine", instead: reviewed, see: tarManual},
			{options: "-C --directory", probes: []string{"/tmp", "/etc"}, effect: writesFiles, text: "tar unpacks there", instead: "leave it out, and write dir", see: tarManual},
			{options: "-T --files-from -X --exclude-from", probes: []string{"/etc/passwd"}, effect: readsFiles, text: "tar reads that file; lines that begin with - are options", instead: "leave it out", see: tarManual},
			{options: "-P --absolute-names", effect: writesFiles, text: "an archive may write any file", instead: "leave it out", see: tarManual},
			{options: "--index-file -g --listed-incremental", probes: []string{"/tmp/x"}, effect: writesFiles, text: "tar writes there", instead: "leave it out", see: tarManual},
			{operand: anyOperand, probes: []string{"/etc/passwd"}, effect: readsFiles, text: "tar packs any file", instead: reviewed, see: tarManual},
		},
	}, {
		names: "less more most", kind: pager, escape: "! and v start a shell and an editor", see: gtfobins("less"),
		dangers: []danger{
			{operand: anyOperand, probes: []string{"+!id", "+v"}, effect: runsProgram, env: true, unless: "env:LESSSECURE", text: "behind + less runs a command of its own", instead: `write env.LESSSECURE = "1", and a path in its where`, see: gtfobins("less")},
			{operand: anyOperand, probes: []string{"/etc/passwd"}, effect: readsFiles, text: "it shows any file", instead: reviewed, see: lessManual},
			{options: "-o -O --log-file --LOG-FILE", probes: []string{"/tmp/x"}, effect: writesFiles, unless: "env:LESSSECURE", text: "less writes there", instead: "leave it out", see: lessManual},
			{options: "-k --lesskey-file --lesskey-src --lesskey-content", probes: []string{"/tmp/x"}, effect: runsProgram, text: "the file binds keys to commands and sets variables", instead: "leave it out", see: lessManual},
		},
	}, {
		names: "vim vi nvim view vimdiff rvim ex", kind: editor, escape: ":! starts a shell", see: gtfobins("vim"),
		dangers: append(edits(gtfobins("vim")), []danger{
			{options: "-c --cmd", effect: runsCode, env: true, text: "its value is a command of the editor, which runs scripts and programs", instead: "leave it out", see: gtfobins("vim")},
			{options: "-S -u -U -s -i", probes: []string{"/tmp/x"}, effect: runsCode, env: true, text: "vim runs the commands of that file", instead: "leave it out", see: vimManual},
			{options: "-w -W", probes: []string{"/tmp/x"}, effect: writesFiles, text: "vim writes what is typed there", instead: "leave it out", see: vimManual},
			{operand: anyOperand, probes: []string{"+!id", "+q"}, effect: runsCode, env: true, text: "behind + vim runs a command of its own", instead: reviewed, see: vimManual},
		}...),
	}, {
		names: "nano pico rnano", kind: editor, escape: "^R ^X runs a command", see: gtfobins("nano"), dangers: edits(gtfobins("nano")),
	}, {
		names: "emacs emacsclient ed joe mg micro", kind: editor, escape: "a command of it starts a shell", see: gtfobins("emacs"),
		dangers: append(edits(gtfobins("emacs")), danger{options: "--eval -eval -e --execute -l --load", effect: runsCode, env: true, text: "it runs any Lisp", instead: "leave it out", see: gtfobins("emacs")}),
	}, {
		names: "man", kind: pager, escape: "its pager starts a shell", see: gtfobins("man"),
		dangers: []danger{
			{options: "-P --pager -H --html", probes: []string{"sh"}, effect: runsProgram, text: "man runs it as a program", instead: "leave it out", see: gtfobins("man")},
			{operand: anyOperand, probes: []string{"/etc/passwd"}, effect: readsFiles, text: "man shows any file", instead: reviewed, see: gtfobins("man")},
		},
	}, {
		names: "cat head tail nl tac wc sort cut strings od xxd base64 jq yq", see: gtfobins("cat"),
		dangers: []danger{
			{operand: anyOperand, probes: []string{"/etc/passwd"}, effect: readsFiles, text: "it shows any file that the tool's user may read", instead: reviewed, see: gtfobins("cat")},
			{options: "-f --from-file --slurpfile --rawfile", probes: []string{"/etc/passwd"}, effect: readsFiles, text: "it shows any file that the tool's user may read", instead: reviewed, see: gtfobins("jq")},
		},
	}, {
		names: "grep egrep fgrep rg", see: gtfobins("grep"),
		dangers: []danger{
			{operand: laterOperand, probes: []string{"/etc/passwd"}, effect: readsFiles, text: "it shows any file that the tool's user may read", instead: reviewed, see: gtfobins("grep")},
			{options: "-f --file", probes: []string{"/etc/passwd"}, effect: readsFiles, text: "it takes its patterns from there, and its messages show them", instead: reviewed, see: gtfobins("grep")},
			{options: "--pre", probes: []string{"sh"}, effect: runsProgram, text: "rg runs it as a program", instead: "leave it out", see: "https://github.com/BurntSushi/ripgrep/blob/master/GUIDE.md"},
		},
	}, {
		names: "sed gsed", escape: "e runs a command", see: gtfobins("sed"),
		dangers: []danger{
			{options: "-e --expression", probes: []string{"1e id", "w /tmp/x"}, effect: runsProgram, text: "sed runs programs with e and writes files with w", unless: "--sandbox", instead: `write insert = ["--sandbox"]`, see: gtfobins("sed")},
			{operand: firstOperand, probes: []string{"1e id", "w /tmp/x"}, effect: writesFiles, text: "sed runs programs with e and writes files with w", unless: "--sandbox", instead: `write insert = ["--sandbox"]`, see: gtfobins("sed")},
			{options: "-i --in-place", effect: writesFiles, text: "sed changes files", instead: "leave it out", see: gtfobins("sed")},
			{operand: laterOperand, probes: []string{"/etc/passwd"}, effect: readsFiles, text: "it shows any file that the tool's user may read", instead: reviewed, see: gtfobins("sed")},
		},
	}, {
		names: "find", escape: "-exec runs a program", see: gtfobins("find"),
		dangers: []danger{
			{options: "-exec -execdir -ok -okdir", effect: runsProgram, text: "find runs what stands behind it", instead: "leave it out", see: gtfobins("find")},
			{options: "-delete -fprint -fprintf -fls -fprint0", effect: writesFiles, text: "find removes or writes files", instead: "leave it out", see: gtfobins("find")},
		},
	}}
}
