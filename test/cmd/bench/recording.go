package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"opsh/test/fixture"
)

// recordedSession compares sessions that differ in this alone, that one is recorded. Recordings are removed in between: they would fill the disk.
func recordedSession(place fixture.Place, lines string, size int64) error {
	with := fmt.Sprintf(trivial, lines)
	without := strings.Replace(with, "[audit]\n", "[audit]\nrecordings = \"off\"\n", 1)
	var peak int64
	session := func(policy string) func() (time.Duration, error) {
		return func() (time.Duration, error) {
			if err := place.WritePolicy(policy); err != nil {
				return 0, err
			}
			d, rss, err := drain(exec.Command(place.Opsh, "-c", "head -c 200000000 "+lines), size)
			peak = max(peak, rss)
			if err := os.RemoveAll(filepath.Join(place.State, "recording")); err != nil {
				return 0, err
			}
			return d, err
		}
	}
	off, on, err := pairs(9, session(without), session(with))
	if err != nil {
		return err
	}
	row("200 MB, recordings = \"off\"", off)
	row("200 MB, recorded", on)
	ratios := make([]time.Duration, len(on))
	for i := range on {
		ratios[i] = time.Duration(float64(on[i]) / float64(off[i]) * float64(time.Second))
	}
	fmt.Printf("%-46s %12.3f   target: at most 1.10\n", "  median of the pairs' ratios", median(ratios).Seconds())
	fmt.Printf("%-46s %9d KiB   target: under 25 MB\n", "  opsh's peak resident memory", peak)
	return nil
}
