package source

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
)

func TestParse(t *testing.T) {
	for text, want := range map[string]Place{
		"trail.jsonl":                {Kind: File, Path: "trail.jsonl"},
		"-":                          {Kind: Stdin},
		"./-":                        {Kind: File, Path: "./-"},
		"logs:/ecs/prod/opsh:ecs-x1": {Kind: Stream, Group: "/ecs/prod/opsh", Stream: "ecs-x1"},
		"s3://b/a/b c.gz":            {Kind: Object, Bucket: "b", Key: "a/b c.gz"},
	} {
		got, err := Parse(text)
		if err != nil || got != want || got.String() != text {
			t.Errorf("%s: %+v, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "logs:", "logs:group", "logs::stream", "logs:a:b:c", "s3://", "s3://bucket", "s3://bucket/", "s3:///key"} {
		if got, err := Parse(text); err == nil {
			t.Errorf("%q is taken for %+v", text, got)
		}
	}
}

func packed(text string) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	w.Write([]byte(text))
	w.Close()
	return b.String()
}

func TestOpenFile(t *testing.T) {
	const text = "{\"a\":1}\n{\"b\":2}\n"
	dir := t.TempDir()
	for name, content := range map[string]string{"plain": text, "packed": packed(text), "empty": "", "short": "x"} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		for _, o := range []struct {
			opener Opener
			place  Place
		}{{Opener{}, Place{Kind: File, Path: path}}, {Opener{Stdin: strings.NewReader(content)}, Place{Kind: Stdin}}} {
			r, err := o.opener.Open(context.Background(), o.place)
			if err != nil {
				t.Fatal(err)
			}
			got, err := io.ReadAll(r)
			want := content
			if name == "packed" {
				want = text
			}
			if err != nil || string(got) != want {
				t.Errorf("%s: %q, %v", name, got, err)
			}
			r.Close()
		}
	}
	if _, err := (Opener{}).Open(context.Background(), Place{Kind: File, Path: filepath.Join(dir, "none")}); err == nil || !strings.Contains(err.Error(), "cannot open") {
		t.Errorf("%v", err)
	}
}

// TestUnstamped: whatever pieces it is read in.
func TestUnstamped(t *testing.T) {
	const at = "2026-11-23T18:02:11.004Z "
	long := strings.Repeat("x", 100_000)
	for _, test := range []struct{ in, want string }{
		{at + "{1}\n" + at + "{2}\n", "{1}\n{2}\n"},
		{at + long + "\n" + at + "{2}", long + "\n{2}"},
		{at + "{1}\n{2}\n\n" + at, "{1}\n{2}\n\n"},
		{at + at + "{1}\n", at + "{1}\n"}, // one stamp a line
		{"{1}\n" + at + "{2}\n", "{1}\n" + at + "{2}\n"},
		{"", ""},
	} {
		for _, slow := range []bool{false, true} {
			var in io.Reader = strings.NewReader(test.in)
			if slow {
				in = iotest.OneByteReader(in)
			}
			r := unstamped(bufio.NewReader(in))
			if slow {
				r = iotest.OneByteReader(r)
			}
			got, err := io.ReadAll(r)
			if err != nil || string(got) != test.want {
				t.Errorf("%.40q: %.60q, %v", test.in, got, err)
			}
		}
	}
}
