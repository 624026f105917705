package lint

// Shells, and programs whose words name another program.

func launcherFacts() []fact {
	return []fact{
		{names: "sh ash bash rbash dash zsh ksh mksh csh tcsh fish busybox toybox pwsh", kind: shell, escape: "every line may start programs", see: gtfobins("bash")},
		{names: "lua tclsh expect guile gdb", kind: interpreter, escape: "it runs any code", see: gtfobins("gdb")},
		{names: "java", kind: interpreter, see: "https://docs.oracle.com/en/java/javase/21/docs/specs/man/java.html"},
		{names: "env printenv", kind: envPrinter, escape: "env runs what its words name", see: gtfobins("env")},
		{names: "sudo su doas ssh docker podman nsenter chroot unshare strace ltrace script xargs nohup timeout nice setsid stdbuf flock watch time parallel tmux screen",
			kind: launcher, escape: "it runs what its words name", see: "https://gtfobins.github.io/"},
	}
}
