package main

import (
	"bufio"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"math"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"
)

// microRecord is what the micro-benchmarks have shown.
type microRecord struct {
	Date       string           `json:"date"`
	Machine    string           `json:"machine"`
	YardNanos  float64          `json:"yard_ns"` // what this machine takes for the same work of the standard library
	Benchmarks map[string]Micro `json:"benchmarks"`
}

// Micro is one benchmark: the least of its runs.
type Micro struct {
	Nanos  float64 `json:"ns"`
	Bytes  float64 `json:"bytes"`
	Allocs float64 `json:"allocs"`
}

// tolerance is from where on a difference is one.
const tolerance = 1.2

// compareMicro runs the micro-benchmarks and says which differ from the record. It is no error that they do: a machine is slow for
// reasons of its own.
func compareMicro(write bool) error {
	now := microRecord{Date: time.Now().UTC().Format("2006-01-02"), Machine: machine(), YardNanos: yard()}
	var err error
	if now.Benchmarks, err = runMicro(); err != nil {
		return err
	}
	now.YardNanos = min(now.YardNanos, yard())
	if write {
		return save(microFile, now)
	}
	var then microRecord
	text, err := os.ReadFile(microFile)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("cannot compare: there is no %s; test/bench --micro --write makes it", microFile)
	}
	if err == nil {
		err = json.Unmarshal(text, &then)
	}
	if err != nil {
		return err
	}
	for _, l := range compared(then, now) {
		fmt.Println(l)
	}
	return nil
}

// compared says which benchmarks differ by more than the tolerance, times after allowance for the machines' speeds.
func compared(then, now microRecord) (lines []string) {
	speed := now.YardNanos / then.YardNanos
	slower, faster := 0, 0
	for _, name := range slices.Sorted(maps.Keys(now.Benchmarks)) {
		is := now.Benchmarks[name]
		was, known := then.Benchmarks[name]
		if !known {
			lines = append(lines, fmt.Sprintf("new      %s: %s, %.0f allocations", name, show(is.Nanos, "ns"), is.Allocs))
			continue
		}
		switch times := is.Nanos / (was.Nanos * speed); {
		case times > tolerance:
			slower++
			lines = append(lines, fmt.Sprintf("warning  %s takes %s times as long: %s", name, short(times), show(is.Nanos, "ns")))
		case times < 1/tolerance:
			faster++
			lines = append(lines, fmt.Sprintf("faster   %s takes %s times as long: %s", name, short(times), show(is.Nanos, "ns")))
		}
		if is.Allocs > was.Allocs*tolerance {
			lines = append(lines, fmt.Sprintf("warning  %s allocates %.0f times, before %.0f", name, is.Allocs, was.Allocs))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(then.Benchmarks)) {
		if _, there := now.Benchmarks[name]; !there {
			lines = append(lines, "gone     "+name)
		}
	}
	return append(lines, fmt.Sprintf("%d micro-benchmarks beside those of %s: %d slower, %d faster by more than a fifth; this machine takes %s times as long for the same work",
		len(now.Benchmarks), then.Date, slower, faster, short(speed)))
}

// runMicro runs them many times and briefly: on a machine that does something else too, some of a dozen short runs are undisturbed, of long ones none is.
func runMicro() (map[string]Micro, error) {
	cmd := exec.Command("go", "test", "-run", "^$", "-bench", ".", "-skip", "Load10000Tools", "-benchmem", "-benchtime", "2ms", "-count", "12", "opsh/policy", "opsh/shell/line", "opsh/shell/audit")
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("cannot run the micro-benchmarks: %w\n%s", err, out)
	}
	found := parseMicro(string(out))
	if len(found) == 0 {
		return nil, fmt.Errorf("no micro-benchmark ran:\n%s", out)
	}
	return found, nil
}

// parseMicro reads what go test prints: https://golang.org/design/14313-benchmark-format.
func parseMicro(out string) map[string]Micro {
	found := map[string]Micro{}
	pkg := ""
	for lines := bufio.NewScanner(strings.NewReader(out)); lines.Scan(); {
		fields := strings.Fields(lines.Text())
		if len(fields) == 2 && fields[0] == "pkg:" {
			pkg = strings.TrimPrefix(fields[1], "opsh/")
			continue
		}
		if len(fields) < 4 || !strings.HasPrefix(fields[0], "Benchmark") {
			continue
		}
		m := Micro{}
		for i := 2; i+1 < len(fields); i += 2 {
			var v float64
			fmt.Sscan(fields[i], &v) //nolint:errcheck // 0 is seen
			switch fields[i+1] {
			case "ns/op":
				m.Nanos = v
			case "B/op":
				m.Bytes = v
			case "allocs/op":
				m.Allocs = v
			}
		}
		name := strings.TrimPrefix(fields[0], "Benchmark")
		if i := strings.LastIndexByte(name, '-'); i > 0 && strings.Trim(name[i+1:], "0123456789") == "" {
			name = name[:i] // the number of processors
		}
		name = pkg + " " + name
		if before, ok := found[name]; ok {
			m = Micro{min(m.Nanos, before.Nanos), min(m.Bytes, before.Bytes), min(m.Allocs, before.Allocs)}
		}
		found[name] = m
	}
	return found
}

// yard is what this machine takes for work of the standard library alone, such as the benchmarks do: hashing, maps, strings. The least of many.
func yard() float64 {
	least := math.Inf(1)
	for range 200 {
		start := time.Now()
		seen := map[string]int{}
		for i := range 500 {
			sum := sha256.Sum256([]byte(strings.Repeat("opsh ", 1+i%20)))
			seen[fmt.Sprintf("%x", sum[:4])]++
		}
		least = min(least, float64(time.Since(start).Nanoseconds()))
	}
	return least
}
