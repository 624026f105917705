package policy

import (
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
)

// maxPath is the longest path word in bytes: Linux's PATH_MAX less its NUL.
const maxPath = 4095

// admits says whether word may stand where the placeholder does, and if not, why (one clause that makes
// sense behind the word). It judges the word alone; Bind opens and resolves what a path names. attached:
// the word is the part behind "=" of an option, where a leading dash can't be taken for an option.
func (w *Where) admits(word string, attached bool) (ok bool, why string) {
	if w.takes(word, attached) {
		return true, ""
	}
	return false, w.why(word, attached)
}

// takes is admits without the words. Whatever it doesn't know, it refuses.
func (w *Where) takes(word string, attached bool) bool {
	switch {
	case w == nil:
		return false
	case word == "":
		// Only `empty = true` says so, not a pattern that happens to match nothing; and no file has an empty name.
		return w.Empty && w.Kind != WherePath
	case strings.IndexByte(word, 0) >= 0:
		return false // argv can't carry it: the tool would see a shorter word than the one that was judged
	case word[0] == '-' && !attached && !w.Dash:
		return false
	}
	switch w.Kind {
	case WhereAny:
		return true
	case WhereList:
		return slices.Contains(w.List, word)
	case WhereMatch:
		return w.Re != nil && w.Re.MatchString(word)
	case WhereInt:
		n, ok := wholeNumber(word)
		return ok && w.Min <= n && n <= w.Max
	case WherePath:
		return w.pathFault(word) == ""
	}
	return false
}

// dash says whether a word that begins with - may be one of w's.
func (w *Where) dash() bool { return w != nil && w.Dash }

// wholeNumber reads a decimal number that has one spelling only: no sign but a leading -, no zeros in
// front, no -0. Tools read 010 as eight or ten, each as it likes.
func wholeNumber(word string) (int64, bool) {
	digits := strings.TrimPrefix(word, "-")
	if digits == "" || digits[0] == '0' && word != "0" {
		return 0, false
	}
	for i := 0; i < len(digits); i++ {
		if digits[i] < '0' || digits[i] > '9' {
			return 0, false
		}
	}
	n, err := strconv.ParseInt(word, 10, 64)
	return n, err == nil
}

// pathFault is what is wrong with a path word by its letters, "" where nothing is.
func (w *Where) pathFault(word string) string {
	switch {
	case len(word) > maxPath:
		return "is too long for a path"
	case hasDotDot(word):
		return "may not hold .."
	case strings.HasSuffix(word, "/"):
		return "names a file, not a directory"
	case path.IsAbs(word) && !below(path.Clean(word), w.Dir):
		return "lies below " + w.Dir
	case w.Ext != "" && (!strings.HasSuffix(word, w.Ext) || path.Base(word) == w.Ext):
		return "ends in " + w.Ext
	}
	return ""
}

func hasDotDot(word string) bool {
	for part := range strings.SplitSeq(word, "/") {
		if part == ".." {
			return true
		}
	}
	return false
}

func below(file, dir string) bool {
	if dir == "/" {
		return len(file) > 1 && file[0] == '/'
	}
	return len(file) > len(dir)+1 && file[len(dir)] == '/' && file[:len(dir)] == dir
}

// why says in one clause, beginning with the placeholder's name, what takes wants of the word instead.
// It shows the policy's own text and nothing that was typed.
func (w *Where) why(word string, attached bool) string {
	if w == nil {
		return "the policy doesn't say what may stand here"
	}
	switch {
	case word == "":
		return w.Name + " may not be empty"
	case strings.IndexByte(word, 0) >= 0:
		return w.Name + " may not hold a NUL"
	case word[0] == '-' && !attached && !w.Dash:
		return w.Name + " may not begin with -"
	}
	switch w.Kind {
	case WhereList:
		if len(w.List) == 1 {
			return w.Name + " is " + show(w.List[0]) + " only"
		}
		return w.Name + " is one of " + showSome(w.List)
	case WhereMatch:
		return w.Name + " matches " + graphic(w.Pattern)
	case WhereInt:
		if n, err := strconv.ParseInt(word, 10, 64); err == nil && w.Min <= n && n <= w.Max {
			return w.Name + " is written " + strconv.FormatInt(n, 10) + " here"
		}
		return fmt.Sprintf("%s is a whole number from %d to %d", w.Name, w.Min, w.Max)
	case WherePath:
		return w.Name + " " + w.pathFault(word)
	}
	return w.Name + " admits no word"
}

// shown bounds how much of a list or a pattern one refusal repeats.
const (
	shownItems = 5
	shownRunes = 100
)

// showSome is the first few of a list, "a, b, c and 4 more".
func showSome(list []string) string {
	var b strings.Builder
	for i, s := range list {
		switch {
		case i == shownItems && len(list) > shownItems+1:
			return b.String() + fmt.Sprintf(" and %d more", len(list)-i)
		case i > 0:
			b.WriteString(", ")
		}
		b.WriteString(show(s))
	}
	return b.String()
}

// show is a word of the policy as a message holds it: as it is where it is plain, quoted where it has
// blanks or something that a terminal would act on.
func show(s string) string {
	for i := 0; i < len(s); i++ {
		if !literalByte(s[i]) {
			return shorten(strconv.QuoteToGraphic(s))
		}
	}
	if s == "" {
		return `""`
	}
	return shorten(s)
}

// graphic is a text of the policy that stays as it is unless a terminal would act on it.
func graphic(s string) string {
	for _, r := range s {
		if !strconv.IsGraphic(r) {
			return shorten(strconv.QuoteToGraphic(s))
		}
	}
	return shorten(s)
}

// shorten cuts a text of the policy that would fill the screen.
func shorten(s string) string {
	if len(s) <= shownRunes {
		return s
	}
	runes := []rune(s)
	if len(runes) <= shownRunes {
		return s
	}
	return string(runes[:shownRunes]) + "..."
}
