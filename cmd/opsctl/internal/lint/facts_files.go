package lint

// What works on files.

const (
	tarManual  = "https://man7.org/linux/man-pages/man1/tar.1.html"
	findManual = "https://man7.org/linux/man-pages/man1/find.1.html"
)

func fileFacts() []fact {
	const reviewed = `write a path in its where: { path = "/dir" }, or a list`
	const sandbox = `write insert = ["--sandbox"]`
	const sedCommand = `(.*[;}{\n/!0-9$,])?\s*[rRwWe](\s.*|/.*)?`
	return []fact{{
		names: "tar gtar bsdtar", escape: "--checkpoint-action=exec runs a program", see: gtfobins("tar"), style: oldStyle, shortens: true,
		values: "-g --listed-incremental --add-file -C --directory --exclude --exclude-tag --exclude-ignore -T --files-from -X --exclude-from --to-command --group --mode --mtime --owner --sort -f --file -F --info-script --new-volume-script -L --tape-length --rmt-command --rsh-command --volno-file -b --blocking-factor --record-size -H --format --pax-option -V --label -I --use-compress-program -K --starting-file --newer-mtime -N --newer --suffix --strip-components --transform --xform --checkpoint-action --index-file --quoting-style --warning",
		flags:  "-c -x -t -r -u -A -d -z -j -J -a -Z -p -v -w -k -m -O -S -h -l -n -o -s -P -W -B -G -i -R -U",
		dangers: []danger{
			{options: "--to-command --checkpoint-action -I --use-compress-program --rsh-command --rmt-command -F --info-script --new-volume-script", effect: runsProgram, text: "tar runs it as a program", instead: "leave it out", see: gtfobins("tar")},
			{options: "-f --file", effect: writesFiles, text: "tar reads and writes any file; with a : in it, on another machine", instead: reviewed, see: tarManual},
			{options: "-C --directory", effect: writesFiles, text: "tar unpacks there", instead: "leave it out, and write dir", see: tarManual},
			{options: "-T --files-from -X --exclude-from --add-file", effect: readsFiles, text: "tar reads that file; lines that begin with - are options", instead: "leave it out", see: tarManual},
			{options: "-P --absolute-names", effect: writesFiles, text: "an archive may write any file", instead: "leave it out", see: tarManual},
			{options: "--index-file -g --listed-incremental --volno-file", effect: writesFiles, text: "tar writes there", instead: "leave it out", see: tarManual},
			{operand: anyOperand, probes: []string{"/etc/passwd"}, words: anyFile, effect: readsFiles, text: "tar packs any file", instead: reviewed, see: tarManual},
		},
	}, {
		names: "cat head tail nl tac wc sort cut strings od xxd base64 jq yq", see: gtfobins("cat"),
		dangers: []danger{
			{operand: anyOperand, probes: []string{"/etc/passwd"}, words: anyFile, effect: readsFiles, text: "it shows any file that the tool's user may read", instead: reviewed, see: gtfobins("cat")},
			{options: "-f --from-file --slurpfile --rawfile", probes: []string{"/etc/passwd"}, words: anyFile, effect: readsFiles, text: "it shows any file that the tool's user may read", instead: reviewed, see: gtfobins("jq")},
		},
	}, {
		names: "grep egrep fgrep rg", see: gtfobins("grep"), shortens: true,
		flags:  "-i -v -c -n -l -L -r -R -E -F -G -P -w -x -h -H -o -q -s -a -z -b -u -I",
		values: "-e --regexp -f --file -m --max-count -A --after-context -B --before-context -C --context --include --exclude --exclude-dir --exclude-from --color --label -d --directories -D --devices --pre -g --glob -t --type",
		dangers: []danger{
			{operand: laterOperand, probes: []string{"/etc/passwd"}, words: anyFile, effect: readsFiles, text: "it shows any file that the tool's user may read", instead: reviewed, see: gtfobins("grep")},
			{options: "-f --file", probes: []string{"/etc/passwd"}, words: anyFile, effect: readsFiles, text: "it takes its patterns from there, and its messages show them", instead: reviewed, see: gtfobins("grep")},
			{options: "--pre", effect: runsProgram, text: "rg runs it as a program", instead: "leave it out", see: "https://github.com/BurntSushi/ripgrep/blob/master/GUIDE.md"},
		},
	}, {
		names: "sed gsed", escape: "e runs a command", see: gtfobins("sed"), shortens: true, values: "-e --expression -f --file -l --line-length", flags: "-n -E -r -s -z -u --quiet --posix --debug --sandbox",
		dangers: []danger{
			{options: "-e --expression", probes: []string{"1e id"}, words: sedCommand, effect: runsProgram, env: true, unless: "--sandbox", text: "sed runs programs with e", instead: sandbox, see: gtfobins("sed")},
			{options: "-e --expression", probes: []string{"w /tmp/x"}, words: sedCommand, effect: writesFiles, unless: "--sandbox", text: "sed reads files with r and writes them with w", instead: sandbox, see: gtfobins("sed")},
			{operand: firstOperand, probes: []string{"1e id"}, words: sedCommand, effect: runsProgram, env: true, unless: "--sandbox", text: "sed runs programs with e", instead: sandbox, see: gtfobins("sed")},
			{operand: firstOperand, probes: []string{"w /tmp/x"}, words: sedCommand, effect: writesFiles, unless: "--sandbox", text: "sed reads files with r and writes them with w", instead: sandbox, see: gtfobins("sed")},
			{options: "-f --file", effect: writesFiles, unless: "--sandbox", text: "sed runs the commands of that file", instead: sandbox, see: gtfobins("sed")},
			{options: "-i --in-place", effect: writesFiles, text: "sed changes files", instead: "leave it out", see: gtfobins("sed")},
			{operand: laterOperand, probes: []string{"/etc/passwd"}, words: anyFile, effect: readsFiles, text: "it shows any file that the tool's user may read", instead: reviewed, see: gtfobins("sed")},
		},
	}, {
		names: "find", escape: "-exec runs a program", see: gtfobins("find"), style: wordStyle,
		values: "-name -iname -path -ipath -regex -iregex -type -mtime -mmin -newer -size -user -group -perm -maxdepth -mindepth -fprint -fprintf -fls -fprint0 -files0-from -printf",
		dangers: []danger{
			{options: "-exec -execdir -ok -okdir", effect: runsProgram, text: "find runs what stands behind it", instead: "leave it out", see: gtfobins("find")},
			{options: "-delete", effect: writesFiles, text: "find removes files", instead: "leave it out", see: gtfobins("find")},
			{options: "-fprint -fprintf -fls -fprint0", effect: writesFiles, text: "find writes there", instead: "leave it out", see: gtfobins("find")},
			{options: "-files0-from", effect: readsFiles, text: "find reads that file, and its messages show it", instead: "leave it out", see: findManual},
			{operand: anyOperand, probes: []string{"/etc"}, words: "/(etc|root|proc|home|tmp|run)?|" + anyFile, effect: readsFiles, text: "find lists any directory", instead: reviewed, see: findManual},
		},
	}, {
		names: "tee", see: gtfobins("tee"), dangers: []danger{
			{operand: anyOperand, probes: []string{"/tmp/x"}, words: ".+", effect: writesFiles, text: "tee writes there", instead: "leave it out: opsh records the output", see: gtfobins("tee")},
		},
	}, {
		names: "dd", see: gtfobins("dd"), dangers: []danger{
			{operand: anyOperand, probes: []string{"if=/etc/passwd"}, words: "if=.*", effect: readsFiles, text: "dd shows any file", instead: "write a list", see: gtfobins("dd")},
			{operand: anyOperand, probes: []string{"of=/tmp/x"}, words: "of=.*", effect: writesFiles, text: "dd writes there", instead: "write a list", see: gtfobins("dd")},
		},
	}, {
		names: "cp mv ln install rsync scp sftp rm chmod chown touch mkdir truncate split zip unzip gzip gunzip bzip2 xz zstd cpio", see: gtfobins("cp"), escape: "rsync and scp start programs",
		values: "-e --rsh --rsync-path -S --files-from --password-file --log-file --temp-dir -F -i -o -P",
		dangers: []danger{
			{options: "-e --rsh --rsync-path -S", effect: runsProgram, text: "it is run as a program", instead: "leave it out", see: gtfobins("rsync")},
			{options: "--files-from --password-file --log-file --temp-dir", effect: writesFiles, text: "it reads or writes that file", instead: "leave it out", see: gtfobins("rsync")},
			{operand: anyOperand, probes: []string{"/etc/passwd"}, words: anyFile + "|" + anyURL, effect: writesFiles, text: "it changes or copies any file", instead: reviewed, see: gtfobins("cp")},
		},
	}}
}
