package secret

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// spellings is a password as it might be found.
func spellings(password string) [][]byte {
	all := [][]byte{[]byte(password), []byte(url.QueryEscape(password)), []byte(strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(password)),
		[]byte(strings.ReplaceAll(password, "'", "''"))}
	for before := range 3 {
		all = append(all, []byte(base64.StdEncoding.EncodeToString([]byte(strings.Repeat("x", before) + password))[4:40]))
	}
	return all
}

// holds says which sources' passwords stand in some bytes.
func (w *world) holds(b []byte) (names []string) {
	for _, s := range w.sources {
		for _, one := range spellings(s.password) {
			if bytes.Contains(b, one) {
				names = append(names, s.name)
				break
			}
		}
	}
	return names
}

// searchDir looks into every file below dir but w.file, and returns how many there were.
func (w *world) searchDir(t *testing.T, dir string) (read int) {
	t.Helper()
	must(t, filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || !e.Type().IsRegular() || path == w.file {
			return err
		}
		b, err := os.ReadFile(path)
		must(t, err)
		read++
		if names := w.holds(b); names != nil {
			t.Errorf("%s holds the password of %v", path, names)
		}
		return nil
	}))
	return read
}

// processes watches what /proc shows of every process while a session runs.
type processes struct {
	w     *world
	over  chan struct{}
	ended sync.WaitGroup

	looks int
	mu    sync.Mutex
	seen  map[string]int // by the first word of the command line
	found map[string]bool
}

// agents are the programs that the agent starts in the container's environment, which holds a secret: opsh, and what writes the session log.
var agents = []string{"opsh", "script", "sh", "cat"}

// watch begins to watch.
func (w *world) watch() *processes {
	p := &processes{w: w, over: make(chan struct{}), seen: map[string]int{}, found: map[string]bool{}}
	p.ended.Go(func() {
		for {
			select {
			case <-p.over:
				return
			case <-time.After(5 * time.Millisecond):
				p.look()
			}
		}
	})
	return p
}

func (p *processes) look() {
	dirs, _ := filepath.Glob("/proc/[0-9]*") //nolint:errcheck // the pattern is right
	for _, dir := range dirs {
		if dir == fmt.Sprintf("/proc/%d", os.Getpid()) {
			continue
		}
		line, _ := os.ReadFile(dir + "/cmdline") //nolint:errcheck // it may have ended
		environ, _ := os.ReadFile(dir + "/environ")
		name, _, _ := bytes.Cut(line, []byte{0})
		if slices.Contains(agents, string(name)) {
			environ = bytes.ReplaceAll(environ, []byte("DB_PASSWORD="+password("env")), nil)
		}
		p.mu.Lock()
		p.seen[string(name)]++
		for what, b := range map[string][]byte{"cmdline": line, "environ": environ} {
			if names := p.w.holds(b); names != nil {
				p.found[fmt.Sprintf("%s of %q: the password of %v", what, name, names)] = true
			}
		}
		if string(name) == "opsh: watcher" && p.looks%10 == 9 { // it takes its time
			b := memory(dir)
			for _, s := range p.w.sources {
				if bytes.Contains(b, []byte(s.password)) {
					p.found[fmt.Sprintf("memory of %q: the password of %s", name, s.name)] = true
				}
			}
			p.seen["memory"]++
		}
		p.mu.Unlock()
	}
	p.looks++
}

// memory is what a process can write to, which is where a secret would be.
func memory(dir string) (all []byte) {
	maps, err := os.ReadFile(dir + "/maps")
	if err != nil {
		return nil
	}
	mem, err := os.Open(dir + "/mem")
	if err != nil {
		return nil
	}
	defer mem.Close()
	for l := range strings.Lines(string(maps)) {
		var from, to int64
		if n, _ := fmt.Sscanf(l, "%x-%x rw", &from, &to); n != 2 || !strings.Contains(l, " rw") || to-from > 64<<20 { //nolint:errcheck // n tells
			continue
		}
		b := make([]byte, to-from)
		n, _ := mem.ReadAt(b, from) //nolint:errcheck // what can be read counts
		all = append(all, b[:n]...)
	}
	return all
}

// end reports what was found. must were seen running.
func (p *processes) end(t *testing.T, must ...string) {
	t.Helper()
	close(p.over)
	p.ended.Wait()
	for what := range p.found {
		t.Error(what)
	}
	t.Logf("%d looks at %d programs", p.looks, len(p.seen))
	for _, name := range must {
		if p.seen[name] == 0 {
			t.Errorf("%s was never seen: nothing was looked at", name)
		}
	}
}
