package policy

import (
	"slices"
	"strings"
)

// alike is the names, at most max of them, that word may be a slip of: another case, or one or two letters
// missing, added, changed or swapped. The nearest come first.
func alike(word string, names []string, max int) []string {
	if word == "" || len(word) > nearLength {
		return nil
	}
	type found struct {
		name string
		far  int
	}
	var list []found
	for _, n := range names[:min(len(names), nearNames)] {
		if len(n) > len(word)+2 || len(word) > len(n)+2 {
			continue
		}
		// A third of the letters may be wrong: -n isn't a slip of -t.
		far := 0
		if !strings.EqualFold(n, word) {
			far = distance(word, n)
		}
		if far <= 2 && far*3 <= len(strings.TrimLeft(n, "-")) {
			list = append(list, found{n, far})
		}
	}
	slices.SortStableFunc(list, func(a, b found) int { return a.far - b.far })
	var out []string
	for _, f := range list[:min(len(list), max)] {
		out = append(out, f.name)
	}
	return out
}

// distance counts the letters to add, leave out, change, or swap with their neighbour to make b of a.
func distance(a, b string) int {
	var rows [3][nearLength + 3]int
	for j := range len(b) + 1 {
		rows[0][j] = j
	}
	for i := range len(a) {
		before, last, row := &rows[(i+2)%3], &rows[i%3], &rows[(i+1)%3]
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			row[j+1] = min(last[j]+cost, last[j+1]+1, row[j]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
	}
	return rows[len(a)%3][len(b)]
}
