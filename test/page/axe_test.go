//go:build linux

package page

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha512"
	"encoding/base64"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"opsh/test/sample"
)

// The accessibility checker, as npm has it. It is fetched, not kept here, so what comes is held against its hash.
const (
	axe    = "axe-core@4.10.3"
	axeSum = "Xm7bpRXnDSX2YE2YFfBk2FnF0ep6tmG7xPh8iHee8MIcrgq762Nkce856dYtJYLkuIoYZvGfTs/PbZhideTcEg=="
)

func fetchAxe(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	cmd := exec.Command("npm", "pack", "--silent", axe)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("cannot fetch %s with npm: %v\n%s\nthe registry must be reachable; nothing else can check this", axe, err, out)
	}
	packed, err := filepath.Glob(filepath.Join(dir, "*.tgz"))
	if err != nil || len(packed) != 1 {
		t.Fatalf("npm pack left %q, %v", packed, err)
	}
	text, err := os.ReadFile(packed[0])
	must(t, err)
	if sum := sha512.Sum512(text); base64.StdEncoding.EncodeToString(sum[:]) != axeSum {
		t.Fatalf("%s isn't what it was", axe)
	}
	unpacked, err := gzip.NewReader(bytes.NewReader(text))
	must(t, err)
	for in := tar.NewReader(unpacked); ; {
		h, err := in.Next()
		if errors.Is(err, io.EOF) {
			t.Fatalf("%s has no axe.min.js", axe)
		}
		must(t, err)
		if h.Name == "package/axe.min.js" {
			script, err := io.ReadAll(in)
			must(t, err)
			return string(script)
		}
	}
}

// violation is what axe finds.
type violation struct {
	ID, Impact, Help string
	Nodes            []struct{ HTML, FailureSummary string }
}

// TestAccessible: axe finds nothing wrong, in either language, width and color scheme, in a small report, a period's, and one of 300 commands.
func TestAccessible(t *testing.T) {
	script := fetchAxe(t)
	dir := t.TempDir()
	made, err := sample.Large(dir, 300)
	must(t, err)
	period := report(t, 1, "--lang", "ja", "--since", "2026-11-23", "--until", "2026-11-26", "--cloudtrail", "testdata/demo/events.json", "--sample", "1", "--seed", "2026Q4", "testdata/demo/trail", made.Trail)
	for _, c := range []struct {
		name, file string
		phone      int
		dark       bool
	}{
		{"ja", demo(t, "ja"), 0, false}, {"en, phone, dark", demo(t, "en"), 1, true}, {"period", period, 0, true},
		{"300 commands", report(t, 0, "--recordings", made.Recording, made.Trail), 0, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := open(t, c.file, screens[c.phone].width, screens[c.phone].height, c.dark, true)
			eval[bool](t, p, script+"; true")
			if n := eval[int](t, p, `document.querySelectorAll("h1").length`); n != 1 {
				t.Errorf("%d headings of the first order", n)
			}
			found := eval[[]violation](t, p, `axe.run().then(r => r.violations)`)
			for _, v := range found {
				t.Errorf("%s, %s: %s, %d times, first\n%s\n%s", v.Impact, v.ID, v.Help, len(v.Nodes), v.Nodes[0].HTML, v.Nodes[0].FailureSummary)
			}
			if passed := eval[int](t, p, `axe.run().then(r => r.passes.length)`); passed < 15 {
				t.Errorf("only %d rules looked at anything", passed)
			}
		})
	}
}
