package settings

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func write(t *testing.T, path, content string) string {
	t.Helper()
	must(t, os.MkdirAll(filepath.Dir(path), 0o755))
	must(t, os.WriteFile(path, []byte(content), 0o644))
	return path
}

func TestParse(t *testing.T) {
	const keys = "the keys are cluster, service, container, profile, region, broker"
	for name, test := range map[string]struct {
		content string
		want    Settings
		wrong   []string // one for each line of the error
	}{
		"all": {"cluster = 'c'\nservice = \"s\"\ncontainer = 'n'\nprofile = 'p'\nregion = 'eu-west-1'\nbroker = 'https://x.lambda-url.eu-west-1.on.aws/'\n",
			Settings{Cluster: "c", Service: "s", Container: "n", Profile: "p", Region: "eu-west-1", Broker: "https://x.lambda-url.eu-west-1.on.aws/"}, nil},
		"nothing":             {"# only a remark\n", Settings{}, nil},
		"unknown":             {"cluster = 'c'\n  clutser = 'd'\n", Settings{}, []string{"opsctl.toml:2:14: cannot set clutser: there is no such key; " + keys}},
		"another case":        {"Cluster = 'c'\n", Settings{}, []string{"opsctl.toml:1:12: cannot set Cluster: there is no such key"}},
		"both cases":          {"cluster = 'c'\nCLUSTER = 'd'\n", Settings{}, []string{"opsctl.toml:2:12: cannot set CLUSTER"}},
		"a command":           {"command = 'sh'\n", Settings{}, []string{"opsctl.toml:1:12: cannot set command"}},
		"a table":             {"[prod]\ncluster = 'c'\n", Settings{}, []string{"opsctl.toml:1:1: cannot set prod: there is no such key"}},
		"a dotted key":        {"cluster.name = 'c'\n", Settings{}, []string{"opsctl.toml: cannot set cluster: the value is not a string"}},
		"a number":            {"cluster = 1\n", Settings{}, []string{"opsctl.toml:1:11: cannot set cluster: the value is not a string"}},
		"empty":               {"cluster = ''\n", Settings{}, []string{"the value is empty; leave the key out"}},
		"an option":           {"cluster = '--profile'\n", Settings{}, []string{"not a word"}},
		"an escape sequence":  {"cluster = \"a\\u001b[2J\"\n", Settings{}, []string{"not a word"}},
		"twice":               {"cluster = 'c'\ncluster = 'd'\n", Settings{}, []string{"opsctl.toml:2:"}},
		"all that is wrong":   {"a = 1\ncluster = 2\nb = 3\n", Settings{}, []string{"opsctl.toml:1:5: cannot set a", "opsctl.toml:2:11: cannot set cluster", "opsctl.toml:3:5: cannot set b"}},
		"no TOML":             {"cluster: c\n", Settings{}, []string{"opsctl.toml:1:"}},
		"not UTF-8":           {"cluster = '\xff'\n", Settings{}, []string{"it isn't UTF-8"}},
		"an unclosed string":  {"cluster = 'c\n", Settings{}, []string{"opsctl.toml:1:"}},
		"an array of tables":  {"[[cluster]]\na = 1\n", Settings{}, []string{"cannot set cluster: the value is not a string"}},
		"a key in quotes":     {"\"cluster\" = 'c'\n", Settings{Cluster: "c"}, nil},
		"a key with a trap":   {"\"cluster\\u0000\" = 'c'\n", Settings{}, []string{"no such key"}},
		"blanks in the value": {"cluster = 'a b'\n", Settings{}, []string{"not a word"}},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := parse(Name, []byte(test.content))
			if len(test.wrong) == 0 {
				if err != nil || got != test.want {
					t.Errorf("%+v, %v", got, err)
				}
				return
			}
			if err == nil || got != (Settings{}) {
				t.Fatalf("it is taken: %+v, %v", got, err)
			}
			lines := strings.Split(err.Error(), "\n")
			if len(lines) != len(test.wrong) {
				t.Fatalf("%d lines: %v", len(lines), err)
			}
			for i, w := range test.wrong {
				if !strings.Contains(lines[i], w) {
					t.Errorf("%q, want %q", lines[i], w)
				}
			}
		})
	}
}

// TestLoad: where a file is looked for, and which one counts.
func TestLoad(t *testing.T) {
	for name, test := range map[string]struct {
		files []string // below the root; each sets cluster to its own path
		git   string   // the directory of the repository
		named string
		want  string
	}{
		"none":                                 {nil, "", "", ""},
		"here":                                 {[]string{"w/a/opsctl.toml"}, "", "", "w/a/opsctl.toml"},
		"at the repository's root":             {[]string{"w/opsctl.toml"}, "w", "", "w/opsctl.toml"},
		"the nearest":                          {[]string{"w/opsctl.toml", "w/a/opsctl.toml"}, "w", "", "w/a/opsctl.toml"},
		"above the repository":                 {[]string{"opsctl.toml"}, "w", "", ""},
		"above, without a repository":          {[]string{"w/opsctl.toml"}, "", "", ""},
		"the user's":                           {[]string{"config/opsh/opsctl.toml"}, "w", "", "config/opsh/opsctl.toml"},
		"the working tree's before the user's": {[]string{"config/opsh/opsctl.toml", "w/opsctl.toml"}, "w", "", "w/opsctl.toml"},
		"the one named":                        {[]string{"other.toml", "w/a/opsctl.toml"}, "w", "other.toml", "other.toml"},
	} {
		t.Run(name, func(t *testing.T) {
			root := t.TempDir()
			must(t, os.MkdirAll(root+"/w/a", 0o755))
			if test.git != "" {
				must(t, os.MkdirAll(filepath.Join(root, test.git, ".git"), 0o755))
			}
			for _, f := range test.files {
				write(t, filepath.Join(root, f), "cluster = '"+f+"'\n")
			}
			p := Places{Dir: root + "/w/a", Config: root + "/config", Home: root}
			if test.named != "" {
				p.Named = filepath.Join(root, test.named)
			}
			s, err := Load(p)
			want := ""
			if test.want != "" {
				want = filepath.Join(root, test.want)
			}
			if err != nil || s.Cluster != test.want || s.File != want {
				t.Errorf("%+v, %v", s, err)
			}
		})
	}
	if _, err := Load(Places{Named: filepath.Join(t.TempDir(), "none")}); err == nil {
		t.Error("a named file that isn't there is no error")
	}
}

// TestTrust: a file that somebody else can write is refused, not passed over: the next one would name another target. Naming it is consent.
func TestTrust(t *testing.T) {
	for name, test := range map[string]struct {
		harm func(t *testing.T, file string)
		want string
	}{
		"mine":                          {func(*testing.T, string) {}, ""},
		"another user's":                {func(t *testing.T, f string) { must(t, os.Chown(f, 1000, 0)) }, "it belongs to uid 1000"},
		"writable by all":               {func(t *testing.T, f string) { must(t, os.Chmod(f, 0o646)) }, "it can be written by its group or by others (mode 0646)"},
		"writable by another group":     {func(t *testing.T, f string) { must(t, os.Chown(f, 0, 1)); must(t, os.Chmod(f, 0o664)) }, "it can be written by its group"},
		"writable by one's own group":   {func(t *testing.T, f string) { must(t, os.Chmod(f, 0o664)) }, ""},
		"a directory of another user's": {func(t *testing.T, f string) { must(t, os.Chown(filepath.Dir(f), 1000, 0)) }, "its directory belongs to uid 1000"},
		"a directory like /tmp":         {func(t *testing.T, f string) { must(t, os.Chmod(filepath.Dir(f), 0o777|os.ModeSticky)) }, "its directory can be written"},
		"a link to another user's": {func(t *testing.T, f string) {
			theirs := write(t, t.TempDir()+"/x", "cluster = 'theirs'\n")
			must(t, os.Chown(theirs, 1000, 0))
			must(t, os.Remove(f))
			must(t, os.Symlink(theirs, f))
		}, "it belongs to uid 1000"},
		"a pipe": {func(t *testing.T, f string) { must(t, os.Remove(f)); must(t, syscall.Mkfifo(f, 0o600)) }, "not a regular file"},
		"huge":   {func(t *testing.T, f string) { must(t, os.Truncate(f, maxBytes+1)) }, "has more than"},
	} {
		t.Run(name, func(t *testing.T) {
			root := t.TempDir()
			write(t, root+"/config/opsh/opsctl.toml", "cluster = 'mine'\n")
			file := write(t, root+"/w/opsctl.toml", "cluster = 'theirs'\n")
			test.harm(t, file)
			s, err := Load(Places{Dir: root + "/w", Config: root + "/config"})
			if test.want == "" {
				if err != nil || s.Cluster != "theirs" {
					t.Errorf("%+v, %v", s, err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), test.want) || s.Cluster != "" {
				t.Errorf("%+v, %v", s, err)
			}
			if strings.Contains(err.Error(), Variable) {
				if s, err := Load(Places{Named: file}); err != nil || s.Cluster != "theirs" {
					t.Errorf("named: %+v, %v", s, err)
				}
			}
		})
	}
}

func TestIdentity(t *testing.T) {
	s := Settings{Profile: "file"}
	for _, test := range []struct {
		asked string
		env   []string
		want  string
	}{
		{"", nil, "file"},
		{"asked", []string{"AWS_PROFILE=env"}, "asked"},
		{"", []string{"AWS_PROFILE=env"}, ""},
		{"", []string{"AWS_PROFILE=", "AWS_REGION=x"}, "file"},
		{"", []string{"AWS_ACCESS_KEY_ID=A"}, ""},
		{"", []string{"AWS_WEB_IDENTITY_TOKEN_FILE=/t"}, ""},
	} {
		if got := s.Identity(test.asked, test.env); got != test.want {
			t.Errorf("%q, %q: %q", test.asked, test.env, got)
		}
	}
}
