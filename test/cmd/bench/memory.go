package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// peakOf is the sum of the peak resident memory, in KiB, of a process and its descendants, but for those of the names. It is /proc's VmHWM
// and not rusage's, which counts what a parent had when it forked. Pages that several share are counted for each.
func peakOf(pid int, but ...string) int64 {
	children := map[int][]int{}
	found, _ := filepath.Glob("/proc/[0-9]*/status") //nolint:errcheck // the pattern is right
	for _, path := range found {
		if ppid := statusValue(path, "PPid"); ppid > 0 {
			var child int
			fmt.Sscanf(path, "/proc/%d/", &child) //nolint:errcheck // the pattern found it
			children[int(ppid)] = append(children[int(ppid)], child)
		}
	}
	var sum int64
	var add func(int)
	add = func(pid int) {
		name, _ := os.ReadFile(fmt.Sprintf("/proc/%d/comm", pid)) //nolint:errcheck // it has ended, and counts for nothing
		if !slices.Contains(but, strings.TrimSpace(string(name))) {
			sum += statusValue(fmt.Sprintf("/proc/%d/status", pid), "VmHWM")
		}
		for _, c := range children[pid] {
			add(c)
		}
	}
	add(pid)
	return sum
}

// statusValue is a number of a status file; 0 where there is none.
func statusValue(path, key string) int64 {
	text, err := os.ReadFile(path)
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(text), "\n"+key+":")
	fields := strings.Fields(rest)
	if len(fields) == 0 {
		return 0
	}
	n, _ := strconv.ParseInt(fields[0], 10, 64) //nolint:errcheck // 0 is seen
	return n
}
