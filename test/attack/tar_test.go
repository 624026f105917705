package attack

import "testing"

// TestTar: an archiver that runs what its options say.
func TestTar(t *testing.T) {
	each(t, map[string]trick{
		"checkpoint": {path: "/usr/bin/tar", args: []string{"-cf", "/dev/null", "--checkpoint=1", "--checkpoint-action=exec=" + payload, "/etc/hostname"}, list: true},
		"compress":   {path: "/usr/bin/tar", args: []string{"-cf", "/dev/null", "--use-compress-program=sh -c '" + payload + " >&2'", "/etc/hostname"}},
	})
}
