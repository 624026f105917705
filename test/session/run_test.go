package session

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"math/rand"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"opsh/test/standin"
)

// TestStatuses: the exit status is the command's, whatever it is.
func TestStatuses(t *testing.T) {
	s := service(t, nil)
	for _, test := range []struct {
		words  []string
		status int
		out    string
		says   []string
	}{
		{[]string{"perl", "-e", `print "a\n"`}, 0, "a\n", []string{"opsh: begin ", "opsh: #1 ", " exit 0 ", "opsh: end 0 exit "}},
		{[]string{"perl", "-e", "exit 1"}, 1, "", []string{"opsh: end 1 exit "}},
		{[]string{"perl", "-e", `print "二\n"; exit 3`}, 3, "二\n", []string{" exit 3 "}},
		{[]string{"sh", "-c", "id"}, 126, "", []string{" refused sh -c id ", "  word 1, sh: ", "opsh: end 126 refused "}},
		{[]string{"perl", "-e", "kill INT => $$"}, 130, "", []string{" exit 130 signal INT "}},
		{[]string{"perl", "-e", "exit 255"}, 255, "", []string{"opsh: end 255 exit "}},
		{[]string{"perl", "-e", "exit 250"}, 250, "", []string{"opsh: end 250 exit "}},
	} {
		c := opsctl(t, s, nil, append([]string{"--"}, test.words...)...)
		c.ended(test.status)
		c.prints(test.out)
		c.says(test.says...)
		if strings.Contains(c.err.String(), "opsctl: ") {
			t.Errorf("%q: opsctl has something to say: %s", test.words, c.err.String())
		}
	}
}

// TestBytes: what a tool prints arrives as it printed it, whatever its line ends, with or without one at the end.
func TestBytes(t *testing.T) {
	s := service(t, nil)
	all := make([]byte, 256)
	for i := range all {
		all[i] = byte(i)
	}
	for i, text := range []string{
		"", "a", "a\n", "\n", "\r", "\r\n", "a\r\nb\r\n", "a\rb", "a\n\rb\n", "\r\r\n\n\r", "  indented\n  more\n", "\x18", "\x18\n", "\x18\nopsh", "\x18\r\nopsh:x",
		"opsh: #1 2026-11-23T18:03:01.456Z exit 0 1.333s [0b77e1d4]\n", "  try: x\nopsh: error: x", "日本語\n", "\x1b[31mred\x1b[0m", "\x1b]0;t\a\x1b[?1049hx\n\n", string(all),
	} {
		c := opsctl(t, s, nil, "--", "cat", file(t, fmt.Sprintf("bytes-%d", i), []byte(text)))
		c.ended(0)
		c.prints(text)
		c.says(" exit 0 ", "opsh: end 0 exit ")
	}
	// Several commands' output, and what is said in between.
	book := "perl -e 'print \"one\"'\nperl -e 'print \"two\\n\"; system \"/bin/sh\"; print \"three\\n\"'\nperl -e 'print \"\\e[1mfour\"'\n"
	c := opsctl(t, s, nil, "-f", file(t, "several", []byte(book)))
	c.ended(0)
	c.prints("onetwo\nthree\n\x1b[1mfour")
	c.says(" denied exec /bin/sh by perl ", "runbook ", "3 runs")

	// What stands around the output takes nothing from the session log: it agrees with the trail.
	one := s.Last(s.Opened())
	end, err := one.End(patience)
	must(t, err)
	verify := exec.Command(world.place.Opsctl, "verify", "--log", file(t, "several.log", []byte(end.Log)), filepath.Join(world.place.State, "trail", one.ID+".jsonl"))
	if said, err := verify.CombinedOutput(); err != nil {
		t.Errorf("%v: %s", err, said)
	}
}

// TestLarge: 50 MB of anything.
func TestLarge(t *testing.T) {
	s := service(t, nil)
	content := make([]byte, 50<<20)
	rand.New(rand.NewSource(6)).Read(content)
	path := file(t, "large", content)
	defer os.Remove(path)
	got, err := os.Create(path + ".out")
	must(t, err)
	defer os.Remove(got.Name())
	defer got.Close()
	c := opsctl(t, s, func(cmd *exec.Cmd) { cmd.Stdout = got }, "--", "cat", path)
	c.ended(0)
	back, err := os.ReadFile(got.Name())
	must(t, err)
	if sha256.Sum256(back) != sha256.Sum256(content) {
		t.Errorf("%d bytes came of %d, and not the same", len(back), len(content))
	}
}

// TestLargeRunbook: it arrives whole, and its hash is in the trail's line.
func TestLargeRunbook(t *testing.T) {
	s := service(t, nil)
	var book bytes.Buffer
	for i := 0; book.Len() < 1200<<10; i++ {
		fmt.Fprintf(&book, "# 行 %d: %s\n", i, strings.Repeat("x", i%97))
	}
	book.WriteString("\n\nperl -e 'print \"end\\n\"'\n")
	c := opsctl(t, s, func(cmd *exec.Cmd) { cmd.Stdin = bytes.NewReader(book.Bytes()) }, "-f", "-")
	c.ended(0)
	c.prints("end\n")
	c.says(fmt.Sprintf("runbook %d bytes sha256 %x", book.Len(), sha256.Sum256(book.Bytes())))
}

// TestStdin: opsctl runs without a terminal, and without standard input at all.
func TestStdin(t *testing.T) {
	s := service(t, nil)
	for name, set := range map[string]func(*exec.Cmd){
		"closed": func(cmd *exec.Cmd) {
			cmd.Path, cmd.Args = "/bin/sh", append([]string{"sh", "-c", `exec "$0" "$@" <&-`}, cmd.Args...)
		},
		"/dev/null": func(cmd *exec.Cmd) {},
		"a pipe":    func(cmd *exec.Cmd) { cmd.Stdin = strings.NewReader("never read\n") },
	} {
		t.Run(name, func(t *testing.T) {
			c := opsctl(t, s, func(cmd *exec.Cmd) { cmd.Args[0] = cmd.Path; set(cmd) }, "--reason", `INC-7 it's "なぜ" \`, "--", "perl", "-e", `print -t STDIN ? "terminal\n" : "none\n", $ENV{TERM}`)
			c.ended(0)
			c.prints("none\ndumb")
		})
	}
	if got := s.Last(1).Command; got != `opsh -s --reason "INC-7 it's \"なぜ\" \\"` {
		t.Errorf("the command is %q", got)
	}
}

// TestEncrypted: the data channel's key is one of KMS's.
func TestEncrypted(t *testing.T) {
	key, environ := keyOf(t)
	s := service(t, func(o *standin.Options) { o.KMS = key })
	c := opsctl(t, s, func(cmd *exec.Cmd) { cmd.Env = append(cmd.Env, environ) }, "--", "perl", "-e", `print "暗号\n"; exit 3`)
	c.ended(3)
	c.prints("暗号\n")

	c = opsctl(t, s, func(cmd *exec.Cmd) { cmd.Env = append(cmd.Env, "AWS_ENDPOINT_URL_KMS="+s.URL) }, "--", "perl", "-e", "1")
	c.ended(125)
	c.says("opsh did not start", "GenerateDataKey")
}

// TestNotStarted: what is wrong in the container is told, and is no status of a command.
func TestNotStarted(t *testing.T) {
	s := service(t, nil)
	must(t, world.place.WritePolicy("version = 1\n"))
	c := opsctl(t, s, nil, "--", "perl", "-e", "1")
	c.ended(125)
	c.says("opsh did not start")

	must(t, world.place.WritePolicy(policyText(`reason = "required"`)))
	c = opsctl(t, s, nil, "--", "perl", "-e", "1")
	c.ended(126)
	c.says("--reason")
}
