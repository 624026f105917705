package compare

import (
	"fmt"
	"slices"
	"strings"

	"opsh/cmd/opsctl/internal/compare/words"
	"opsh/policy"
)

// difference is a word that only the one admits, and one that only the other does.
type difference struct {
	more, less     string
	isMore, isLess bool
	whole          bool // there is nothing else
}

// difference compares two meanings of a placeholder. It looks at letters only.
func (c *comparison) difference(before, after *policy.Where) difference {
	old, now := c.finder.Of(before, ""), c.finder.Of(after, "")
	if old.Key() == now.Key() {
		return difference{whole: true}
	}
	found, whole := c.finder.Apart([]words.Set{old, now}, nil)
	d := difference{whole: whole}
	for _, w := range found {
		switch {
		case now.Has(w) && !old.Has(w) && !d.isMore:
			d.more, d.isMore = w, true
		case old.Has(w) && !now.Has(w) && !d.isLess:
			d.less, d.isLess = w, true
		}
	}
	return d
}

func (d difference) effect() Effect {
	switch {
	case d.isMore:
		return Wider
	case !d.whole:
		return Unknown
	case d.isLess:
		return Narrower
	}
	return Note
}

func (d difference) text() string {
	var parts []string
	if d.isMore {
		parts = append(parts, shown(d.more)+" is new")
	}
	if d.isLess {
		parts = append(parts, shown(d.less)+" is out")
	}
	switch {
	case !d.whole:
		parts = append(parts, "the patterns are too large to compare them wholly")
	case len(parts) == 0:
		parts = append(parts, "the same words")
	}
	return ": " + strings.Join(parts, ", ")
}

// wheres says what changed about placeholders that both tools have. Whether that permits more is for the usage lines
// to say, which hold them.
func (c *comparison) wheres(before, after *policy.Tool) {
	for _, name := range sorted(after.Where) {
		old, now := before.Where[name], after.Where[name]
		if old == nil || c.finder.Of(old, "").Key() == c.finder.Of(now, "").Key() {
			continue
		}
		text := was(meaning(old), meaning(now))
		if old.Kind == policy.WhereList && now.Kind == policy.WhereList {
			text = gained(old.List, now.List)
		}
		if old.Kind == policy.WherePath && now.Kind == policy.WherePath && old.Dir != now.Dir {
			text += "; relative words name other files now, and if " + shown(now.Dir) + " is a link in the image, it leads elsewhere"
		}
		c.add(Change{Subject: "tool " + after.Name, Setting: "where." + name, Effect: Note, At: c.newer.at(now.Pos), Text: text + flags(old, now)})
	}
}

// meaning is a where in the policy's words.
func meaning(w *policy.Where) string {
	switch w.Kind {
	case policy.WhereList:
		return "one of " + some(w.List)
	case policy.WhereMatch:
		return "match " + shown(w.Pattern)
	case policy.WhereInt:
		return fmt.Sprintf("a number from %d to %d", w.Min, w.Max)
	case policy.WherePath:
		text := "a file below " + shown(w.Dir)
		if w.Ext != "" {
			text += " that ends in " + shown(w.Ext)
		}
		return text
	}
	return "any word"
}

// flags says what changed beside the words.
func flags(old, now *policy.Where) string {
	text := ""
	for _, f := range []struct {
		name     string
		old, now bool
	}{{"empty", old.Empty, now.Empty}, {"dash", old.Dash, now.Dash}} {
		if f.old != f.now {
			text += fmt.Sprintf(", %s = %v", f.name, f.now)
		}
	}
	return text
}

// gained says what a list has more and less than it had.
func gained(before, after []string) string {
	var parts []string
	if more := onlyIn(after, before); len(more) > 0 {
		parts = append(parts, "also "+some(more))
	}
	if less := onlyIn(before, after); len(less) > 0 {
		parts = append(parts, "no longer "+some(less))
	}
	if len(parts) == 0 {
		return "the same in another order"
	}
	return strings.Join(parts, ", ")
}

// within says whether each file that now may be, old might have been, by the letters of their directories.
func within(now, old *policy.Where) bool {
	return covered(now.Dir, []string{old.Dir}) && strings.HasSuffix(now.Ext, old.Ext)
}

// covered says whether a path is one of dirs or lies below one.
func covered(path string, dirs []string) bool {
	return slices.ContainsFunc(dirs, func(d string) bool {
		return path == d || d == "/" || strings.HasPrefix(path, d+"/")
	})
}
