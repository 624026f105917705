package attack

import "testing"

// TestVim: an editor is a shell. The file has no letter where the payload's answer has the same: vim writes only what differs.
func TestVim(t *testing.T) {
	vim := func(keys ...string) trick {
		k := trick{path: "/usr/bin/vim", args: []string{"-u", "NONE", "/etc/debian_version"}, list: true, ends: "\r\r\x1b:qa!\r\r:qa!\r"}
		shows := "debian_version"
		for _, key := range keys {
			k.steps, shows = append(k.steps, step{shows, key}), ""
		}
		return k
	}
	each(t, map[string]trick{
		"bang":     vim(":!" + payload + "\r"),
		"read":     vim(":r !" + payload + "\r"),
		"filter":   vim("!!" + payload + "\r"),
		"terminal": vim(":terminal\r", payload+"\r"),
		"argument": {path: "/usr/bin/vim", args: []string{"-u", "NONE", "-c", ":!" + payload}, list: true, ends: "\r\r:qa!\r"},
	})
}
