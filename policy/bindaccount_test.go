//go:build linux

package policy

import (
	"slices"
	"strings"
	"testing"
)

const (
	passwdText = "root:x:0:0:root:/root:/bin/bash\n# a comment\n\nops:x:1001:1001:Ops,,,:/home/ops:/bin/sh\nops:x:0:0::/root:/bin/sh\n" +
		"toor:x:0:100::/root:/bin/sh\nwheel:x:1002:0::/:/bin/sh\nadmin:x:1003:100::/:/bin/sh\nhomeless:x:1004:100:::/bin/sh\nshort:x:1005:100\n" +
		"minus:x:-1:100::/:\nhuge:x:4294967295:100::/:\nmore:x:4294967296:100::/:\nblank:x: 7:100::/:\nlast:x:1006:100::/h:"
	groupText = "root:x:0:admin\nops:x:1001:\nbeta:x:30:ops,last\nalpha:x:20:other,ops\nagain:x:20:ops\nprimary:x:1001:ops\nlike:x:40:opsx,xops\nbad:x:nine:homeless\nshort:x:9"
)

func TestAccount(t *testing.T) {
	for _, c := range []struct {
		name   string
		want   account
		why    string
		refuse string
	}{
		{"ops", account{1001, 1001, "/home/ops", []uint32{20, 30}}, "", ""},
		{"last", account{1006, 100, "/h", []uint32{30}}, "", ""},
		{"root", account{0, 0, "/root", nil}, "", "the user root is root: its uid is 0"},
		{"toor", account{0, 100, "/root", nil}, "", "the user toor is root: its uid is 0"},
		{"wheel", account{1002, 0, "/", nil}, "", "the user wheel is in root's group: its gid is 0"},
		{"admin", account{1003, 100, "/", []uint32{0}}, "", "the user admin is in root's group, gid 0"},
		{"homeless", account{}, `/etc/group: the gid of bad: "nine" isn't one`, ""},
		{"nobody", account{}, "there is no user nobody in /etc/passwd", ""},
		{"op", account{}, "there is no user op in /etc/passwd", ""},
		{"short", account{}, "/etc/passwd: the line of short has 4 fields, not 7", ""},
		{"minus", account{}, `/etc/passwd: the uid of minus: "-1" isn't one`, ""},
		{"huge", account{}, `/etc/passwd: the uid of huge: "4294967295" isn't one`, ""},
		{"more", account{}, `/etc/passwd: the uid of more: "4294967296" isn't one`, ""},
		{"blank", account{}, `/etc/passwd: the uid of blank: " 7" isn't one`, ""},
	} {
		a, err := parseAccount(passwdText, groupText, c.name)
		if c.why != "" {
			if err == nil || err.Error() != c.why {
				t.Errorf("%s: %v", c.name, err)
			}
			continue
		}
		if err != nil || a.uid != c.want.uid || a.gid != c.want.gid || a.home != c.want.home || !slices.Equal(a.groups, c.want.groups) {
			t.Errorf("%s: %+v, %v", c.name, a, err)
			continue
		}
		if err := a.check(c.name); (err == nil) != (c.refuse == "") || err != nil && err.Error() != c.refuse {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	if a, err := parseAccount("x:x:5:6:::", "", "x"); err != nil || a.home != "/" {
		t.Errorf("%+v, %v", a, err)
	}
}

func TestBindShareUID(t *testing.T) {
	for user, want := range map[string]string{"daemon": "", "nosuchuser": "cannot run t: there is no user nosuchuser in /etc/passwd"} {
		p := load(t, "", head+"[tool.t]\npath = \"/usr/bin/sleep\"\nuser = \""+user+"\"\nshare_uid = true\nallow = [\"t\"]\n")
		g, err := p.Bind(decide(t, p, "t"), Seat{UID: testUID})
		if want != "" {
			if err == nil || err.Error() != want {
				t.Error(err)
			}
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		if id := g.Identity(); id.UID != 1 || id.GID != 1 || strings.Contains(strings.Join(g.Env(), " "), "61999") {
			t.Errorf("%+v", id)
		}
		g.Close()
	}
}
