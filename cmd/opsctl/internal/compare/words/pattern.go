package words

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// numbers is a pattern of the whole numbers from least to most, as policies read them: no sign but a leading -, no
// zeros in front.
func numbers(least, most int64) string {
	var ways []string
	if least < 0 {
		low := uint64(1)
		if most < 0 {
			low = -uint64(most)
		}
		for _, p := range digits(low, -uint64(least)) {
			ways = append(ways, "-"+p)
		}
	}
	if most >= 0 {
		ways = append(ways, digits(uint64(max(least, 0)), uint64(most))...)
	}
	return strings.Join(ways, "|")
}

// digits is patterns of the numbers from least to most, one for each count of digits.
func digits(least, most uint64) (ways []string) {
	for low := least; ; {
		text := strconv.FormatUint(low, 10)
		nines := strings.Repeat("9", len(text))
		high, err := strconv.ParseUint(nines, 10, 64)
		if err != nil || high >= most {
			return append(ways, between(text, strconv.FormatUint(most, 10)))
		}
		ways = append(ways, between(text, nines))
		low = high + 1
	}
}

// between is a pattern of the digit strings from low to high, which are of one length.
func between(low, high string) string {
	n := len(low)
	switch {
	case n == 0:
		return ""
	case low == strings.Repeat("0", n) && high == strings.Repeat("9", n):
		return fmt.Sprintf("[0-9]{%d}", n)
	case low[0] == high[0]:
		return low[:1] + between(low[1:], high[1:])
	}
	ways := []string{low[:1] + between(low[1:], strings.Repeat("9", n-1))}
	if low[0]+1 < high[0] {
		ways = append(ways, fmt.Sprintf("[%c-%c][0-9]{%d}", low[0]+1, high[0]-1, n-1))
	}
	ways = append(ways, high[:1]+between(strings.Repeat("0", n-1), high[1:]))
	return "(?:" + strings.Join(ways, "|") + ")"
}

// paths is a pattern of the words that may name a file below dir: relative, or absolute and below dir by their letters;
// without "..", without a slash at the end, and with ext behind something.
func paths(dir, ext string) string {
	const (
		named = `(?:[^/.][^/]*|\.[^/.][^/]*|\.\.[^/]+)`      // a part that isn't . or ..
		part  = `(?:[^/.][^/]*|\.(?:[^/.][^/]*)?|\.\.[^/]+)` // a part that isn't ..
		slash = `/+(?:\./+)*`                                // and parts that are .
	)
	last, lastNamed := part, named
	if ext != "" {
		last = `(?:[^/]+` + regexp.QuoteMeta(ext) + `)`
		lastNamed = last
	}
	above := ""
	if dir != "/" {
		for p := range strings.SplitSeq(dir[1:], "/") {
			above += slash + regexp.QuoteMeta(p)
		}
	}
	return fmt.Sprintf(`(?:%[1]s/+)*%[2]s|%[3]s%[4]s(?:%[5]s|%[6]s(?:/+%[1]s)*/+%[2]s)`, part, last, above, slash, lastNamed, named)
}
