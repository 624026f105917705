package lint

// Shells, and programs whose words name another program.

func launcherFacts() []fact {
	const loader = "https://man7.org/linux/man-pages/man8/ld.so.8.html"
	return []fact{
		{names: "sh ash bash rbash dash zsh ksh mksh csh tcsh fish busybox toybox pwsh", kind: shell, escape: "every line may start programs", see: gtfobins("bash")},
		{names: "env printenv", kind: envPrinter, escape: "env runs what its words name", see: gtfobins("env")},
		{names: "sudo su doas ssh docker podman nsenter chroot unshare strace ltrace script xargs nohup timeout nice setsid stdbuf flock watch time parallel tmux screen",
			kind: launcher, escape: "it runs what its words name", see: "https://gtfobins.github.io/"},
		// It maps the program itself: no exec, and exec = "none" doesn't hold it.
		{names: "ld-linux-x86-64 ld-linux-aarch64 ld-linux ld-musl-x86_64 ld-musl-aarch64 ld.so", kind: launcher, escape: "it runs what its words name", see: loader, style: wordStyle,
			values: "--library-path --preload --audit --argv0 --inhibit-rpath",
			dangers: []danger{
				{options: "--library-path --preload --audit", effect: runsCode, env: true, text: "it loads a library from there", instead: "make the program the tool", see: loader},
				{operand: firstOperand, probes: []string{"/bin/sh"}, words: ".+", even: true, effect: runsCode, env: true, text: "it runs that program, whatever exec says", instead: "make the program the tool", see: loader},
			}},
	}
}
