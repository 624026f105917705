package lint

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"opsh/policy"
)

// patterns warns of the tool's patterns that admit more, or other words, than they seem to.
func (t *tool) patterns() {
	for _, name := range slices.Sorted(maps.Keys(t.Where)) {
		if w := t.Where[name]; w.Kind == policy.WhereMatch && w.Re != nil {
			t.pattern(w.Pattern, "where."+name, "tool", t.Name, "where", name, "match")
		}
	}
}

// anything is texts that no pattern admits all of which was meant to hold its words to something.
func anything() []string {
	return []string{"x", "x y", "/etc/passwd", "../x", "a;b|c", "$(id)", `\! id`, "--x=y", "a@b:c#d,e", "~{x}[y]*?<>&%^!", "'\"`+_", "日本"}
}

// pattern judges one pattern; names lead to it.
func (c *checker) pattern(text, what string, names ...string) {
	at := func(offset int) policy.Pos {
		pos, _ := c.layout.In(offset, names...)
		return pos
	}
	re, err := regexp.Compile(`\A(?:` + text + `)\z`)
	if err != nil {
		return // reported
	}
	if !slices.ContainsFunc(anything(), func(s string) bool { return !re.MatchString(s) }) && what != "reason" {
		c.warn(Finding{Rule: "match-everything", At: at(0), Text: "this pattern admits any text, as " + what + ` = "any" does`, Hint: `write "any" if that is meant, otherwise the characters that the words are made of: '[a-z0-9_]+'`})
		return
	}
	if offset, ok := looseDot(text); ok {
		from, to := offset, offset+1
		for from > 0 && labelByte(text[from-1]) {
			from--
		}
		for to < len(text) && labelByte(text[to]) {
			to++
		}
		for text[from] == '.' {
			from++
		}
		name := text[from:to]
		c.warn(Finding{Rule: "match-dot", At: at(offset),
			Text: fmt.Sprintf(`the dot in %s admits any character: %s, too`, name, text[from:offset]+"x"+text[offset+1:to]),
			Hint: `write \. for each dot that is one: ` + strings.ReplaceAll(name, ".", `\.`)})
	}
	if unevenAnchors(text) {
		c.warn(Finding{Rule: "match-alternation", At: at(0), Text: "^ and $ stand at some alternatives only, as if the others weren't bound: each of them must match the whole word in any case",
			Hint: "write " + strings.NewReplacer("^", "", "$", "").Replace(text)})
	}
}

func alphanumeric(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
}

// labelByte says which bytes the names around a dot are shown with.
func labelByte(c byte) bool { return alphanumeric(c) || c == '-' || c == '.' }

// looseDot is the offset of the first unescaped dot between letters or digits that are taken as written, as in db.example.com. A dot that
// repeats is meant as one that admits anything.
func looseDot(text string) (offset int, ok bool) {
	literal := false // the byte before is a letter or digit that stands for itself
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '\\':
			if strings.HasPrefix(text[i:], `\Q`) {
				end := strings.Index(text[i:], `\E`)
				if end < 0 {
					return 0, false
				}
				i += end
			}
			i++
			literal = false
		case c == '[':
			i = classEnd(text, i)
			literal = false
		case strings.HasPrefix(text[i:], "(?"):
			for i < len(text) && text[i] != ')' && text[i] != ':' && text[i] != '>' {
				i++
			}
			literal = false
		case c == '.' && literal && i+1 < len(text) && alphanumeric(text[i+1]):
			return i, true
		default:
			literal = alphanumeric(c)
		}
	}
	return 0, false
}

// classEnd is the offset of the ] that closes the class which begins at i.
func classEnd(text string, i int) int {
	i++
	if i < len(text) && text[i] == '^' {
		i++
	}
	for first := true; i < len(text) && (first || text[i] != ']'); i++ {
		first = false
		if text[i] == '\\' {
			i++
		} else if strings.HasPrefix(text[i:], "[:") {
			if end := strings.Index(text[i:], ":]"); end >= 0 {
				i += end + 1
			}
		}
	}
	return i
}

// unevenAnchors says whether some of a pattern's alternatives are anchored in another way than the others: ^a|b$.
func unevenAnchors(text string) bool {
	var parts []string
	from, depth := 0, 0
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case '[':
			i = classEnd(text, i)
		case '(':
			depth++
		case ')':
			depth--
		case '|':
			if depth == 0 {
				parts, from = append(parts, text[from:i]), i+1
			}
		}
	}
	if parts = append(parts, text[min(from, len(text)):]); len(parts) < 2 {
		return false
	}
	anchors := func(s string) string {
		return fmt.Sprint(strings.HasPrefix(s, "^"), strings.HasSuffix(s, "$") && !strings.HasSuffix(s, `\$`))
	}
	return slices.ContainsFunc(parts, func(s string) bool { return anchors(s) != anchors(parts[0]) })
}
