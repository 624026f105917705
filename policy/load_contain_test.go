package policy

import (
	"fmt"
	"os"
	"path"
	"slices"
	"strings"
	"testing"
	"time"
)

var brokenContain = []broken{
	one("limits as a number", inTool("limits = "+mark+"64"), "it must be a table, not a whole number"),
	one("limits unknown key", inTool("limits = { "+mark+"proceses = 64 }"), "limits has no such key"),
	one("limits in capitals", inTool("limits = { "+mark+"CPU = \"1m\" }"), "keys are written in lower case"),
	one("processes none", inTool("limits = { processes = "+mark+"0 }"), "no tool runs with so few"),
	one("processes negative", inTool("limits.processes = "+mark+"-1"), "no tool runs with so few"),
	one("processes too many", inTool("limits = { processes = "+mark+"32769 }"), "that limits nothing"),
	one("processes as a text", inTool("limits = { processes = "+mark+"\"64\" }"), "it must be a whole number, not a string"),
	one("open_files too few", inTool("limits = { open_files = "+mark+"15 }"), "no tool runs with so few"),
	one("open_files too many", inTool("limits = { open_files = "+mark+"1048577 }"), "that limits nothing"),
	one("memory as a number", inTool("limits = { memory = "+mark+"512 }"), "it must be a string, not a whole number"),
	one("memory without a unit", inTool("limits = { memory = "+mark+"\"512\" }"), "it isn't a size"),
	one("memory in M", inTool("limits = { memory = "+mark+"\"512M\" }"), "it isn't a size"),
	one("memory in mb", inTool("limits = { memory = "+mark+"\"512mb\" }"), "it isn't a size"),
	one("memory with a blank", inTool("limits = { memory = "+mark+"\"512 MiB\" }"), "it isn't a size"),
	one("memory with a fraction", inTool("limits = { memory = "+mark+"\"1.5GiB\" }"), "it isn't a size"),
	one("memory with a zero in front", inTool("limits = { memory = "+mark+"\"0512MiB\" }"), "it isn't a size"),
	one("memory negative", inTool("limits = { memory = "+mark+"\"-1GiB\" }"), "it isn't a size"),
	one("memory empty", inTool("limits = { memory = "+mark+"\"\" }"), "it is empty"),
	one("memory zero", inTool("limits = { memory = "+mark+"\"0GiB\" }"), "no tool runs with so little"),
	one("memory too little", inTool("limits = { memory = "+mark+"\"16383KiB\" }"), "no tool runs with so little"),
	one("memory too much", inTool("limits = { memory = "+mark+"\"1025GiB\" }"), "that limits nothing"),
	one("memory far too much", inTool("limits = { memory = "+mark+"\"17179869184GiB\" }"), "that limits nothing"), // 2^64 bytes
	one("memory beyond counting", inTool("limits = { memory = "+mark+"\"99999999999999999999kB\" }"), "that limits nothing"),
	one("output too little", inTool("limits = { output = "+mark+"\"0kB\" }"), "no tool runs with so little"),
	one("output too much", inTool("limits = { output = "+mark+"\"1100GB\" }"), "that limits nothing"),
	one("cpu as a number", inTool("limits = { cpu = "+mark+"300 }"), "it must be a string, not a whole number"),
	one("cpu in milliseconds", inTool("limits = { cpu = "+mark+"\"1500ms\" }"), "it isn't a duration"),
	one("cpu with a fraction", inTool("limits = { cpu = "+mark+"\"1.5s\" }"), "it isn't a duration"),
	one("cpu zero", inTool("limits = { cpu = "+mark+"\"0s\" }"), "it must be longer"),
	one("cpu over a day", inTool("limits = { cpu = "+mark+"\"24h1s\" }"), "it is longer than 24h"),

	one("files as a list", inTool("files = "+mark+"[\"/etc\"]"), "it must be a table, not a list"),
	one("files meant as file", inTool("insert = [\"x\"]\nfiles."+mark+"client = \"x\""), "files has no such key"),
	one("files read as a text", inTool("files.read = "+mark+"\"/etc\""), "it must be a list, not a string"),
	one("files read empty", inTool("files = { read = "+mark+"[] }"), "the list is empty"),
	one("files read relative", inTool("files = { read = ["+mark+"\"etc\"] }"), "it must be an absolute path"),
	one("files read with ..", inTool("files = { read = ["+mark+"\"/etc/../x\"] }"), `without "..", "." and spare slashes`),
	one("files read with a slash at its end", inTool("files = { read = ["+mark+"\"/etc/\"] }"), "spare slashes"),
	one("files read twice", inTool("files = { read = [\"/etc\", "+mark+"\"/etc\"] }"), "it stands there twice"),
	one("files read with NUL", inTool("files = { read = ["+mark+"\"/etc\\u0000\"] }"), "it holds U+0000"),
	one("files write everything", inTool("files = { write = [\"/x\", "+mark+"\"/\"] }"), "it would hold the tool back from nothing"),
	one("files both", inTool("files = { read = [\"/etc\", "+mark+"\"/x\"], write = [\"/x\"] }"), "files.write lists it"),

	one("connect as a text", inTool("connect = "+mark+"\"db:3306\""), "it must be a list, not a string"),
	one("connect as a number", inTool("connect = ["+mark+"3306]"), "it must be a string, not a whole number"),
	one("connect twice", inTool("connect = [\"db:3306\", "+mark+"\"db:3306\"]"), "it stands there twice"),
	one("connect without a port", inTool("connect = ["+mark+"\"db\"]"), "its port is missing"),
	one("connect with an empty port", inTool("connect = ["+mark+"\"db:\"]"), "its port is no number from 1 to 65535"),
	one("connect to port 0", inTool("connect = ["+mark+"\"db:0\"]"), "its port is no number"),
	one("connect to a port too high", inTool("connect = ["+mark+"\"db:65536\"]"), "its port is no number"),
	one("connect to a port with a zero in front", inTool("connect = ["+mark+"\"db:03306\"]"), "its port is no number"),
	one("connect to a port with a sign", inTool("connect = ["+mark+"\"db:+3306\"]"), "its port is no number"),
	one("connect to a service", inTool("connect = ["+mark+"\"db:mysql\"]"), "its port is no number"),
	one("connect to a range", inTool("connect = ["+mark+"\"db:1-9\"]"), "its port is no number"),
	one("connect without a host", inTool("connect = ["+mark+"\":3306\"]"), "it doesn't begin with a host's name or address"),
	one("connect anywhere", inTool("connect = ["+mark+"\"*:3306\"]"), "it doesn't begin with a host"),
	one("connect to a URL", inTool("connect = ["+mark+"\"http://db:80\"]"), "an address with colons stands in brackets"),
	one("connect to a host with a blank", inTool("connect = ["+mark+"\"d b:80\"]"), "it doesn't begin with a host"),
	one("connect to a host in capitals", inTool("connect = ["+mark+"\"DB:3306\"]"), "hosts are written in lower case"),
	one("connect to a host with a dot at its end", inTool("connect = ["+mark+"\"db.internal.:3306\"]"), "it doesn't begin with a host"),
	one("connect to a host too long", inTool("connect = ["+mark+"\""+strings.Repeat("a", 254)+":3306\"]"), "it doesn't begin with a host"),
	one("connect to no address", inTool("connect = ["+mark+"\"10.0.0.256:3306\"]"), "there is no such address"),
	one("connect to half an address", inTool("connect = ["+mark+"\"10.0.5:3306\"]"), "there is no such address"),
	one("connect to an address with zeros", inTool("connect = ["+mark+"\"10.0.0.005:3306\"]"), "there is no such address"),
	one("connect without brackets", inTool("connect = ["+mark+"\"::1:3306\"]"), "an address with colons stands in brackets"),
	one("connect to a network", inTool("connect = ["+mark+"\"10.0.0.0/8:3306\"]"), "it doesn't begin with a host"),
	one("connect to a v4 address in brackets", inTool("connect = ["+mark+"\"[10.0.0.5]:3306\"]"), "there is no such address in brackets"),
	one("connect to a name in brackets", inTool("connect = ["+mark+"\"[db]:3306\"]"), "there is no such address in brackets"),
	one("connect to open brackets", inTool("connect = ["+mark+"\"[::1:3306\"]"), "there is no such address in brackets"),
	one("connect to double brackets", inTool("connect = ["+mark+"\"[[::1]]:3306\"]"), "there is no such address in brackets"),
	one("connect to a zone", inTool("connect = ["+mark+"\"[fe80::1%eth0]:3306\"]"), "there is no such address in brackets"),
	one("connect to an address at length", inTool("connect = ["+mark+"\"[0:0::1]:3306\"]"), "the address is written [::1]"),

	one("landlock alone", inTool(mark+"landlock = \"require\""), "this tool has neither files nor connect"),
	one("landlock unknown", inTool("files = {}\nlandlock = "+mark+"\"maybe\""), "there is no such value"),
	one("landlock false", inTool("connect = []\nlandlock = "+mark+"false"), "it must be a string, not true or false"),
	{"landlock beside what can't be read", inTool("connect = " + mark + "1\nlandlock = \"off\""), []string{"it must be a list"}},
	{"all at once", inTool("limits = { processes = " + mark + "0, memory = " + mark + "\"1B\", cpu = " + mark + "\"1\" }\n" +
		"files = { read = [" + mark + "\"a\", \"/b\", " + mark + "\"/b\"], write = [" + mark + "\"/\", " + mark + "7] }\n" +
		"connect = [" + mark + "\"a\", \"b:1\", " + mark + "\"c:d\"]\nlandlock = " + mark + "\"on\""),
		[]string{"processes", "memory", "cpu", "absolute", "twice", "nothing", "a string, not", "port is missing", "no number", "no such value"}},
}

// The new keys' mistakes say what to write instead.
func TestContainHints(t *testing.T) {
	for _, c := range brokenContain {
		src, _ := marked(c.src)
		_, err := Parse("policy.toml", []byte(src), splitPlainly)
		for _, e := range err.(*Errors).List {
			own := strings.Contains(e.Msg, "limits nothing") || strings.Contains(e.Msg, "so few") || strings.Contains(e.Msg, "so little") || strings.Contains(e.Msg, "size") ||
				strings.Contains(e.Msg, "files.") && strings.HasPrefix(e.Msg, "cannot list") || strings.HasPrefix(e.Msg, "cannot connect") || strings.Contains(e.Msg, "landlock = ")
			if own && e.Hint == "" {
				t.Errorf("%s: %s: no hint", c.name, e.Msg)
			}
		}
	}
}

func TestLoadsContainment(t *testing.T) {
	src, err := os.ReadFile("testdata/load/full.toml")
	if err != nil {
		t.Fatal(err)
	}
	p := mustLoad(t, string(src))
	a, ab, b := p.Tool("a"), p.Tool("a.b"), p.Tool("b")
	if a.Limits != (Limits{32768, 16 << 20, 61 * time.Second, 16, 1000}) || ab.Limits != b.Limits || b.Limits.Memory != 4<<30 {
		t.Errorf("limits: %+v, %+v", a.Limits, ab.Limits)
	}
	if got := fmt.Sprint(a.ConnectOnly, a.Connect, a.Landlock, a.Access.Read, a.Access.Write); got !=
		"true [{db 3306} {10.0.0.5 65535} {::1 1} {a_b.example-1.com 80}]best-effort[/etc /] [/var/tmp/日本 x]" {
		t.Error(got)
	}
	if at := a.Access.at; at["/"] != (Pos{61, 17}) || at["/var/tmp/日本 x"] != (Pos{63, 3}) {
		t.Errorf("places: %v", at)
	}
	// Nothing is another thing than what was left out.
	if !ab.ConnectOnly || len(ab.Connect) != 0 || ab.Access == nil || len(ab.Access.Read)+len(ab.Access.Write) != 0 || ab.Landlock != LandlockOff {
		t.Errorf("empty: %+v", ab)
	}
	if b.ConnectOnly || b.Access != nil || b.Landlock != LandlockRequire {
		t.Errorf("left out: %+v", b)
	}
	want := []string{
		"policy.toml:11:1: same_user = true: where opsh isn't root, tools run as its own user, and may end it and read and change what is its own",
		`policy.toml:18:53: b: exec = "any": it may start any program`,
		"policy.toml:18:87: b: share_uid = true: all sessions run it under one uid, and may end each other's and read its memory",
		`policy.toml:27:1: a.b: landlock = "off": nothing holds it to files and connect`,
		"policy.toml:46:1: a: pass_aws = true: it has the task's AWS credentials",
		"policy.toml:48:1: a: connect: the kernel holds it to these ports, not to these hosts",
		`policy.toml:49:1: a: landlock = "best-effort": where the kernel can't hold it to files and connect, it runs nevertheless`,
	}
	if got := p.Warnings(); !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestWarnings(t *testing.T) {
	const at, connect = "policy.toml:7:1: t: ", "connect: the kernel holds it to these ports, not to these hosts"
	for _, c := range []struct{ lines, want string }{
		{"share_uid = false", ""},
		{"exec = [\"/bin/x\"]", ""},
		{"connect = []", ""},
		{"connect = [\"db:1\"]", at + connect},
		{"files = {}", ""},
		{"landlock = \"require\"\nfiles = {}", ""},
		{"landlock = \"off\"\nfiles = {}", at + `landlock = "off": nothing holds it to files`},
		{"landlock = \"off\"\nconnect = [\"db:1\"]", at + `landlock = "off": nothing holds it to connect`},
		{"landlock = \"best-effort\"\nfiles.read = [\"/\"]", at + `landlock = "best-effort": where the kernel can't hold it to files, it runs nevertheless`},
	} {
		if got := strings.Join(mustLoad(t, inTool(c.lines)).Warnings(), "\n"); got != c.want {
			t.Errorf("%s:\ngot  %s\nwant %s", c.lines, got, c.want)
		}
	}
	for lines, want := range map[string]string{
		"same_user = false":                 "",
		"guard = \"require\"":               "",
		"origin = \"any\"":                  "",
		"origin = \"any\"\nguard = \"off\"": "",
		"guard = \"off\"":                   `guard = "off": whoever may use ECS Exec may start a shell as root instead of opsh`,
	} {
		if got := strings.Join(mustLoad(t, inSession(lines)).Warnings(), "\n"); !strings.HasSuffix(got, want) || want == "" && got != "" {
			t.Errorf("%s: %q", lines, got)
		}
	}
	// A file's name is the machine's.
	p, err := Parse("p\x1b.toml", []byte(inTool("connect = [\"db:1\"]")), nil)
	if err != nil || p.Warnings()[0] != "p<U+001B>.toml:7:1: t: "+connect {
		t.Errorf("%v %q", err, p.Warnings())
	}
}

func TestSizes(t *testing.T) {
	for text, want := range map[string]int64{
		"1kB": 1000, "1KiB": 1024, "999MB": 999e6, "1GB": 1e9, "2MiB": 2 << 20, "1024GiB": 1 << 40, "1099511627kB": 1099511627e3, "1099GB": 1099e9,
	} {
		if got := mustLoad(t, inTool("limits.output = \""+text+"\"")).Tool("t").Limits.Output; got != want {
			t.Errorf("%s: %d, want %d", text, got, want)
		}
	}
}

// fitContainment is what holds for every tool that loads.
func fitContainment(t *testing.T, tool *Tool) {
	t.Helper()
	l := tool.Limits
	if l.Processes < 1 || l.Processes > 32768 || l.Memory < 16<<20 || l.Memory > 1<<40 || l.OpenFiles < 16 || l.OpenFiles > 1<<20 ||
		l.Output < 1000 || l.Output > 1<<40 || l.CPU < 0 || l.CPU > 24*time.Hour || l.CPU%time.Second != 0 {
		t.Errorf("odd limits: %+v", l)
	}
	for _, p := range tool.Access.paths() {
		if p.path != path.Clean(p.path) || p.path[0] != '/' || p.key == "write" && p.path == "/" || tool.Access.at[p.path] == (Pos{}) {
			t.Errorf("odd files: %+v", tool.Access)
		}
	}
	for _, e := range tool.Connect {
		if !tool.ConnectOnly || e.Host == "" || e.Port == 0 || strings.Trim(e.Host, "abcdefghijklmnopqrstuvwxyz0123456789._-:") != "" {
			t.Errorf("odd connect: %+v", e)
		}
	}
}
