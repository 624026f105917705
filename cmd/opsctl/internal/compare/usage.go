package compare

import (
	"fmt"
	"slices"
	"strings"

	"opsh/cmd/opsctl/internal/compare/words"
	"opsh/policy"
)

// usage is a usage line as the search sees it.
type usage struct {
	rule     *policy.Rule
	elements []policy.Element
	options  []place // by Index
	grabs    bool    // a placeholder of it may take a word that options are made of
	meaning  string  // equal where two lines permit the same for the same reasons
	wants    map[wantKey]want
}

// place is an option and the element that it belongs to.
type place struct {
	policy.Option
	element int
}

type wantKey struct {
	at      int
	pending *policy.Where
}

// want is what a line compares the next word with.
type want struct {
	sets  []words.Set
	exact []string
}

func (c *comparison) usage(r *policy.Rule) *usage {
	u := c.usages[r]
	if u != nil {
		return u
	}
	u = &usage{rule: r, elements: r.Elements(), wants: map[wantKey]want{}}
	c.usages[r] = u
	key := func(w *policy.Where) string { return c.finder.Of(w, "").Key() }
	var b strings.Builder
	for i, e := range u.elements {
		switch {
		case e.Word != "":
			fmt.Fprintf(&b, " %q", e.Word)
		case e.Where != nil:
			u.grabs = u.grabs || e.Where.Dash
			fmt.Fprintf(&b, " operand %v %v %q", e.Optional, e.Repeated, key(e.Where))
		default:
			var all []string
			for _, o := range e.Options {
				u.options = append(u.options, place{o, i})
				text := fmt.Sprint(o.Required, o.Repeats)
				for _, f := range o.Forms {
					text += fmt.Sprintf(" %q", f.Word)
					if f.Where != nil {
						u.grabs = u.grabs || f.Where.Dash && !f.Attached
						text += fmt.Sprintf(" %v %q", f.Attached, key(f.Where))
					}
				}
				all = append(all, text)
			}
			slices.Sort(all)
			fmt.Fprintf(&b, " options %q", all)
		}
	}
	if in := r.Input(); in != nil {
		fmt.Fprintf(&b, " < %q", key(in))
	}
	u.meaning = b.String()
	return u
}

// readsPaths says whether the line has a placeholder whose words Bind looks up.
func (u *usage) readsPaths() bool {
	is := func(w *policy.Where) bool { return w != nil && w.Kind == policy.WherePath }
	for _, e := range u.elements {
		if is(e.Where) {
			return true
		}
	}
	for _, o := range u.options {
		if slices.ContainsFunc(o.Forms, func(f policy.Form) bool { return is(f.Where) }) {
			return true
		}
	}
	return is(u.rule.Input())
}

// next is what the walk compares the next word with, and perhaps more.
func (c *comparison) next(w *policy.Walk) want {
	u := c.usage(w.Rule())
	key := wantKey{w.At(), w.Pending()}
	if got, ok := u.wants[key]; ok {
		return got
	}
	var n want
	if key.pending != nil {
		n.sets = append(n.sets, c.finder.Of(key.pending, ""))
		u.wants[key] = n
		return n
	}
	for _, e := range u.elements[min(key.at, len(u.elements)):] {
		if e.Word != "" {
			n.exact = append(n.exact, e.Word)
			break
		}
		if e.Where != nil {
			n.sets = append(n.sets, c.finder.Of(e.Where, ""))
			if !e.Optional && !e.Repeated {
				break
			}
		}
		for _, o := range e.Options {
			for _, f := range o.Forms {
				if f.Attached {
					n.sets = append(n.sets, c.finder.Of(f.Where, f.Word))
				} else {
					n.exact = append(n.exact, f.Word)
				}
			}
		}
	}
	u.wants[key] = n
	return n
}

// run is the element whose options the walk takes next, nil where it takes none. grabs: an operand would take an
// option's word before.
func (u *usage) run(w *policy.Walk) (run *policy.Element, grabs bool) {
	if w.Pending() != nil {
		return nil, true
	}
	for i := w.At(); i < len(u.elements); i++ {
		e := &u.elements[i]
		switch {
		case e.Options != nil:
			return e, false
		case e.Where == nil:
			return nil, false
		case e.Where.Dash:
			return nil, true
		case !e.Optional && !(i == w.At() && w.Begun()):
			return nil, false
		}
	}
	return nil, false
}

// overlap says whether a word can be both spellings.
func overlap(a, b policy.Form) bool {
	return a.Word == b.Word || a.Attached && strings.HasPrefix(b.Word, a.Word) || b.Attached && strings.HasPrefix(a.Word, b.Word)
}

// isForm says whether the word is the spelling, with whatever value.
func isForm(f policy.Form, word string) bool { return overlap(f, policy.Form{Word: word}) }
