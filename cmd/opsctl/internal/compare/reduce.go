package compare

import (
	"fmt"
	"slices"
	"strings"

	"opsh/policy"
)

// A row of options may be typed in any order, so that it has as many states as it has subsets. Two observations keep the
// search small where policies are alike; where they aren't, mostPerLine ends it.

// bucket is equal for states of which one can cover the other.
func (s *search) bucket(st *state) string {
	var b strings.Builder
	fmt.Fprint(&b, st.walk.At(), st.walk.Begun())
	fmt.Fprintf(&b, "%p", st.walk.Pending())
	for _, o := range s.line.options {
		if o.Required && o.element >= st.walk.At() {
			fmt.Fprint(&b, st.walk.Given(o.Index))
		}
	}
	return b.String()
}

// covers is the first observation: an option that was given, may not be given again, and changes nothing else, only
// takes away. It says whether each command that would be found from b is found from a: our line permits from a what it
// permits from b, and of that the other lines permit from a no more than from b. Both are of one bucket.
func (s *search) covers(a, b *state) bool {
	for _, o := range s.line.options {
		if !o.Required && !o.Repeats && a.walk.Given(o.Index) && !b.walk.Given(o.Index) && o.element >= a.walk.At() {
			return false
		}
	}
	if !s.strict {
		for _, o := range a.others {
			if !slices.ContainsFunc(b.others, func(p other) bool { return s.permitsNoMore(o.walk, p.walk, b.walk) }) {
				return false
			}
		}
		return true
	}
	// Which line decides matters: they must be the same ones.
	return slices.EqualFunc(a.others, b.others, func(o, p other) bool {
		return (o.lost == nil) == (p.lost == nil) && s.permitsNoMore(o.walk, p.walk, b.walk)
	}) && slices.EqualFunc(a.earlier, b.earlier, func(v, w *policy.Walk) bool { return s.permitsNoMore(v, w, b.walk) })
}

// permitsNoMore says whether all that ours may still bring and a permits, b permits. Where strict, b permits no more
// than a, either.
func (s *search) permitsNoMore(a, b, ours *policy.Walk) bool {
	if a.Rule() != b.Rule() || a.At() != b.At() || a.Begun() != b.Begun() || a.Pending() != b.Pending() {
		return false
	}
	for _, o := range s.usage(a.Rule()).options {
		given, givenB := a.Given(o.Index), b.Given(o.Index)
		if given == givenB || o.Repeats || o.element < a.At() {
			continue
		}
		if o.Required && (s.strict || given) || (s.strict || givenB) && !s.spent(ours, o.Option) {
			return false
		}
	}
	return true
}

// spent says whether the walk brings no spelling of the option any more.
func (s *search) spent(ours *policy.Walk, option policy.Option) bool {
	if s.line.grabs {
		return false
	}
	for _, o := range s.line.options {
		if o.element < ours.At() || !o.Repeats && ours.Given(o.Index) {
			continue
		}
		for _, f := range o.Forms {
			if slices.ContainsFunc(option.Forms, func(g policy.Form) bool { return overlap(f, g) }) {
				return false
			}
		}
	}
	return true
}

// first is the second observation: where the order of a row's options makes no difference to any line, a required one
// may as well come first. It is such an option that wasn't given, nil where there is none or the order may matter.
func (s *search) first(st *state) *policy.Option {
	run, _ := s.line.run(st.walk)
	if run == nil {
		return nil
	}
	i := slices.IndexFunc(run.Options, func(o policy.Option) bool { return o.Required && !st.walk.Given(o.Index) })
	if i < 0 || &s.line.elements[st.walk.At()] != run {
		return nil
	}
	for _, o := range st.others {
		if !s.anyOrder(run, o.walk) {
			return nil
		}
	}
	for _, w := range st.earlier {
		if !s.anyOrder(run, w) {
			return nil
		}
	}
	return &run.Options[i]
}

// anyOrder says whether the walk takes the row's options in any order, or none of them: each as one of its own options,
// with a value where ours has one.
func (s *search) anyOrder(ours *policy.Element, w *policy.Walk) bool {
	run, grabs := s.usage(w.Rule()).run(w)
	if grabs {
		return false
	}
	if run == nil {
		return true
	}
	takesNext := func(f policy.Form) bool { return f.Where != nil && !f.Attached }
	for _, o := range ours.Options {
		for _, f := range o.Forms {
			for _, p := range run.Options {
				for _, g := range p.Forms {
					if overlap(f, g) && takesNext(f) != takesNext(g) {
						return false
					}
				}
			}
		}
	}
	return true
}
