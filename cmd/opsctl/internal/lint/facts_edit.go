package lint

// Pagers and editors.

const (
	lessManual = "https://man7.org/linux/man-pages/man1/less.1.html"
	vimManual  = "https://vimhelp.org/starting.txt.html"
)

func editFacts() []fact {
	const reviewed = `write a path in its where: { path = "/dir" }, or a list`
	edits := func(see string) []danger {
		return []danger{{operand: anyOperand, probes: []string{"/etc/passwd"}, words: anyFile, effect: readsFiles, text: "it opens any file", instead: reviewed, see: see}}
	}
	return []fact{{
		names: "less more most", kind: pager, escape: "! and v start a shell and an editor", see: gtfobins("less"),
		dangers: []danger{
			{operand: anyOperand, probes: []string{"+!id"}, words: `\+.*`, even: true, effect: runsProgram, env: true, unless: "env:LESSSECURE", text: "behind + less runs a command of its own", instead: `write env.LESSSECURE = "1", and a path in its where`, see: gtfobins("less")},
			{operand: anyOperand, probes: []string{"/etc/passwd"}, words: anyFile, effect: readsFiles, text: "it shows any file", instead: reviewed, see: lessManual},
			{options: "-o -O --log-file --LOG-FILE", effect: writesFiles, unless: "env:LESSSECURE", text: "less writes there", instead: "leave it out", see: lessManual},
			{options: "-k --lesskey-file --lesskey-src --lesskey-content", effect: runsProgram, text: "the file binds keys to commands and sets variables", instead: "leave it out", see: lessManual},
		},
	}, {
		names: "vim vi nvim view vimdiff rvim ex", kind: editor, escape: ":! starts a shell", see: gtfobins("vim"),
		dangers: append(edits(gtfobins("vim")), []danger{
			{options: "-c --cmd", effect: runsCode, env: true, text: "its value is a command of the editor, which runs scripts and programs", instead: "leave it out", see: gtfobins("vim")},
			{options: "-S -u -U -s -i", effect: runsCode, env: true, text: "vim runs the commands of that file", instead: "leave it out", see: vimManual},
			{options: "-w -W", effect: writesFiles, text: "vim writes what is typed there", instead: "leave it out", see: vimManual},
			{operand: anyOperand, probes: []string{"+!id"}, words: `\+.*`, even: true, effect: runsCode, env: true, text: "behind + vim runs a command of its own", instead: reviewed, see: vimManual},
		}...),
	}, {
		names: "nano pico rnano", kind: editor, escape: "^R ^X runs a command", see: gtfobins("nano"), dangers: edits(gtfobins("nano")),
	}, {
		names: "emacs emacsclient ed joe mg micro", kind: editor, escape: "a command of it starts a shell", see: gtfobins("emacs"),
		dangers: append(edits(gtfobins("emacs")), danger{options: "--eval -eval -e --execute -l --load", effect: runsCode, env: true, text: "it runs any Lisp", instead: "leave it out", see: gtfobins("emacs")}),
	}, {
		names: "man", kind: pager, escape: "its pager starts a shell", see: gtfobins("man"),
		dangers: []danger{
			{options: "-P --pager -H --html", effect: runsProgram, text: "man runs it as a program", instead: "leave it out", see: gtfobins("man")},
			{operand: anyOperand, probes: []string{"/etc/passwd"}, words: anyFile, effect: readsFiles, text: "man shows any file", instead: reviewed, see: gtfobins("man")},
		},
	}}
}
