package attack

import "testing"

// TestGit: git's configuration is programs.
func TestGit(t *testing.T) {
	git := func(args ...string) trick {
		return trick{path: "/usr/bin/git", args: args, list: true, ends: "q\r\x03", names: ".*"}
	}
	each(t, map[string]trick{
		"pager": git("-c", "core.pager="+payload, "-p", "help", "-a"),
		"alias": git("-c", "alias.x=!"+payload, "x"),
		"ssh":   git("-c", "core.sshCommand="+payload+" >&2;:", "ls-remote", "ssh://host/x"),
		"ext":   git("-c", "protocol.ext.allow=always", "ls-remote", "ext::sh -c "+"echo% shell-$((6*7))% >&2"),
	})
}
