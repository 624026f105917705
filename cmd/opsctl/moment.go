package main

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// moment reads a time as people give it: a day, a time, or how long ago. All are UTC.
func moment(text string, now time.Time) (time.Time, error) {
	for _, form := range []string{"2006-01-02", "2006-01-02T15:04", "2006-01-02T15:04:05", "2006-01-02 15:04", "2006-01-02 15:04:05", time.RFC3339} {
		if at, err := time.Parse(form, text); err == nil {
			return at.UTC(), nil
		}
	}
	if days, ok := strings.CutSuffix(text, "d"); ok {
		if n, err := strconv.Atoi(days); err == nil && n >= 0 && n <= 36500 {
			return now.UTC().Add(-time.Duration(n) * 24 * time.Hour), nil
		}
	}
	if ago, err := time.ParseDuration(text); err == nil && ago >= 0 {
		return now.UTC().Add(-ago), nil
	}
	return time.Time{}, fmt.Errorf("cannot read %s: a time is written 2026-11-23, 2026-11-23T18:00:00Z, or 36h or 7d for so long ago", quote(text))
}
