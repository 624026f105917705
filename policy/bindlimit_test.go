//go:build linux

package policy

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

const manyPolicy = head + `
[tool.t]
path  = "DIR/bin/t"
user  = "daemon"
allow = ["t FILE...", "t FILE... < INPUT"]
where.FILE = { path = "DIR/ops" }
where.INPUT = { path = "DIR/ops" }
`

// A file that is named often is hashed once. Too many names are a refusal, which is recorded; a command
// whose record has more than 900 KiB would not be.
func TestBindManyFiles(t *testing.T) {
	dir := rootDir(t)
	writeProgram(t, dir+"/bin/t")
	for i := range 3000 {
		writeFile(t, fmt.Sprintf("%s/ops/%d", dir, i), "x")
	}
	p := load(t, dir, manyPolicy)
	hash := FileHash{dir + "/ops/7", sum("x")}

	g := mustBind(t, p, "t"+strings.Repeat(" 7 ./7", 500), seat())
	equal(t, "hashes", g.Hashes(), []FileHash{hash})
	if argv := g.Argv(); len(argv) != 1001 || argv[1] != hash.Path || argv[1000] != hash.Path {
		t.Errorf("%d words", len(argv))
	}
	g = mustBind(t, p, "t 7 8 7 < 7", seat())
	equal(t, "hashes", g.Hashes(), []FileHash{hash, {dir + "/ops/8", sum("x")}})

	// Read ten times, it would make more than all of a command's files together may.
	must(t, os.Truncate(writeFile(t, dir+"/ops/large", ""), maxContentFile/2+1))
	g = mustBind(t, p, "t"+strings.Repeat(" large", 10), seat())
	if h := g.Hashes(); len(h) != 1 || len(g.Argv()) != 11 {
		t.Errorf("%+v", h)
	}

	distinct := ""
	for i := range 3000 {
		distinct += fmt.Sprintf(" %d", i)
	}
	for name, words := range map[string]string{"one file": strings.Repeat(" 7", 32000), "many files": distinct} {
		_, err := p.Bind(decide(t, p, "t"+words), seat())
		r := (*Refusal)(nil)
		if !errors.As(err, &r) || r.Reason != "is one file too many: the paths make more than 262144 bytes" || r.Word < 1000 {
			t.Fatalf("%s: %v, %+v", name, err, r)
		}
		// One fewer is granted, and its record can be kept.
		fields := strings.Fields(words)[:r.Word-1]
		g := mustBind(t, p, "t "+strings.Join(fields, " "), seat())
		record, err := json.Marshal([]any{g.Argv(), g.Hashes()})
		if err != nil || len(record) > 500<<10 {
			t.Errorf("%s: %v, %d bytes", name, err, len(record))
		}
	}
}

func TestBindContentBound(t *testing.T) {
	file := func(size int64) *node { return &node{st: unix.Stat_t{Size: size}} }
	var b binder
	for i, c := range []struct {
		size int64
		ok   bool
	}{{0, true}, {1 << 29, true}, {1 << 29, true}, {1, false}, {0, true}} {
		err := b.content(file(c.size))
		if u := (*unfit)(nil); (err == nil) != c.ok || err != nil && !errors.As(err, &u) {
			t.Errorf("%d: %v", i, err)
		}
	}
}
