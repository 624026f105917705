package compare

import (
	"fmt"
	"slices"
	"strings"

	"opsh/cmd/opsctl/internal/compare/words"
	"opsh/policy"
	"opsh/shell/answer"
)

// search looks for commands that one line permits and the lines of another policy refuse. It walks the line and all of
// those side by side, from short commands to long ones.
type search struct {
	*comparison
	from, to Source
	line     *usage
	strict   bool // the other lines read paths: which of them decides matters
	alone    bool // the other lines are those before it in its own policy, and one command that they refuse is enough
	visited  map[string][]*state
	queue    []*state
	told     map[string]bool // what findings are about, and the words that they are made of
	found    []finding
	unknown  string // why not all was looked at, "" where it was
}

// state is where some words lead.
type state struct {
	walk    *policy.Walk
	earlier []*policy.Walk // along the lines before, of its own tool; where strict only
	others  []other        // along the other policy's lines, in their order
	before  *state
	word    string
}

type other struct {
	walk *policy.Walk
	lost *lapse // what the other line checks, and ours doesn't
}

const (
	mostPerLine  = 2000 // states
	mostFindings = 5    // of a line
)

// run searches all of it.
func (s *search) run(before, theirs []*usage) {
	first := &state{walk: s.line.rule.Walk()}
	reads := s.line.rule.Input() != nil
	for _, u := range theirs {
		if (u.rule.Input() != nil) == reads {
			first.others = append(first.others, other{walk: u.rule.Walk()})
		}
	}
	for _, u := range before {
		if s.strict && (u.rule.Input() != nil) == reads {
			first.earlier = append(first.earlier, u.rule.Walk())
		}
	}
	if len(first.others) == 0 {
		s.refused(first, "all")
		return
	}
	s.visit(first)
	for i := 0; i < len(s.queue) && len(s.found) < mostFindings && !(s.alone && len(s.found) > 0); i++ {
		if s.states--; s.states < 0 || s.pairs < 0 || i >= mostPerLine {
			s.unknown = "there are too many ways to combine its options"
			return
		}
		s.end(s.queue[i])
		s.follow(s.queue[i])
	}
}

// visit notes a state, unless all that could be found from it can be found from another.
func (s *search) visit(st *state) {
	key := s.bucket(st)
	for _, known := range s.visited[key] {
		s.pairs -= 1 + len(known.others)
		if s.covers(known, st) {
			return
		}
	}
	s.visited[key] = append(s.visited[key], st)
	s.queue = append(s.queue, st)
}

// follow takes every kind of word that the line may have next.
func (s *search) follow(st *state) {
	var sets []words.Set
	var exact []string
	ask := func(w *policy.Walk) {
		n := s.next(w)
		sets, exact = append(sets, n.sets...), append(exact, n.exact...)
	}
	ask(st.walk)
	for _, o := range st.others {
		ask(o.walk)
	}
	for _, w := range st.earlier {
		ask(w)
	}
	found, whole := s.finder.Apart(sets, exact)
	if !whole {
		s.unknown = "its patterns are too large to compare them wholly"
	}
	first := s.first(st)
	for _, word := range found {
		if first != nil && !slices.ContainsFunc(first.Forms, func(f policy.Form) bool { return isForm(f, word) }) {
			continue
		}
		next := s.step(st, word)
		switch {
		case next == nil:
		case len(next.others) == 0:
			s.refused(next, s.about(next))
		default:
			s.visit(next)
		}
	}
}

// step takes one word, nil where the line refuses it.
func (s *search) step(st *state, word string) *state {
	walk := st.walk.Step(word)
	if walk == nil {
		return nil
	}
	next := &state{walk: walk, before: st, word: word}
	where, offset := walk.Filled()
	for _, o := range st.others {
		w := o.walk.Step(word)
		if w == nil {
			continue
		}
		if o.walk = w; o.lost == nil {
			if checked, at := w.Filled(); loosened(where, offset, checked, at) {
				o.lost = &lapse{word: word[at:], checked: checked, free: where}
			}
		}
		next.others = append(next.others, o)
	}
	for _, e := range st.earlier {
		if w := e.Step(word); w != nil {
			next.earlier = append(next.earlier, w)
		}
	}
	return next
}

// end judges the commands that end in the state.
func (s *search) end(st *state) {
	if !st.walk.Ends() {
		return
	}
	var others []other
	for _, o := range st.others {
		if o.walk.Ends() {
			others = append(others, o)
		}
	}
	var earlier []*policy.Walk
	for _, w := range st.earlier {
		if w.Ends() {
			earlier = append(earlier, w)
		}
	}
	in := s.line.rule.Input()
	if in == nil {
		s.judge(st, others, earlier, nil)
		return
	}
	sets := []words.Set{s.finder.Of(in, "")}
	for _, o := range others {
		sets = append(sets, s.finder.Of(o.walk.Rule().Input(), ""))
	}
	for _, w := range earlier {
		sets = append(sets, s.finder.Of(w.Rule().Input(), ""))
	}
	found, whole := s.finder.Apart(sets, nil)
	if !whole {
		s.unknown = "its patterns are too large to compare them wholly"
	}
	for _, word := range found {
		if !in.Takes(word, false) {
			continue
		}
		var fit []other
		for _, o := range others {
			if checked := o.walk.Rule().Input(); checked.Takes(word, false) {
				if o.lost == nil && loosened(in, 0, checked, 0) {
					o.lost = &lapse{word: word, checked: checked, free: in}
				}
				fit = append(fit, o)
			}
		}
		taken := slices.DeleteFunc(slices.Clone(earlier), func(w *policy.Walk) bool { return !w.Rule().Input().Takes(word, false) })
		s.judge(st, fit, taken, &word)
	}
}

// judge looks at one command. others and earlier are the lines that permit it, in their order.
func (s *search) judge(st *state, others []other, earlier []*policy.Walk, input *string) {
	switch {
	case len(others) == 0 && input != nil && len(st.others) > 0:
		s.tell("input", st.words(), input, nil)
	case len(others) == 0:
		s.tell("end of "+s.about(st), st.words(), input, nil)
	case others[0].lost != nil && len(earlier) == 0:
		l := others[0].lost
		about := "check of " + l.checked.Name
		if l.free != nil {
			about += " against " + l.free.Name
		}
		s.tell(about, st.words(), input, l)
	}
}

// refused tells of a state that no line of the other policy leads to.
func (s *search) refused(st *state, about string) {
	if s.told[about] {
		return
	}
	rest, input, ok := s.complete(st.walk)
	if ok {
		s.tell(about, slices.Concat(st.words(), rest), input, nil)
	}
}

// words is what leads to the state, the tool's name not among them.
func (st *state) words() (list []string) {
	for ; st.before != nil; st = st.before {
		list = append(list, st.word)
	}
	slices.Reverse(list)
	return list
}

// about is the part of the line that took the state's last word.
func (s *search) about(st *state) string {
	if st.before == nil {
		return "all"
	}
	about := fmt.Sprint(st.before.walk.At(), st.walk.At())
	if st.before.walk.Pending() != nil {
		return about + " value of " + st.before.word
	}
	if !strings.HasPrefix(st.word, "-") {
		return about
	}
	for _, o := range s.line.options {
		for _, f := range o.Forms {
			if o.element == st.walk.At() && isForm(f, st.word) {
				return about + f.Word
			}
		}
	}
	return about
}

// tell notes a command, if nothing was told about the same and the policies agree with what was found.
func (s *search) tell(about string, list []string, input *string, l *lapse) {
	command := policy.Command{Words: append([]string{s.line.rule.Tool.Name}, list...), Input: input}
	same := slices.Clone(command.Words)
	slices.Sort(same)
	same = append(same, answer.Quoted(policy.Command{Input: input})) // the order of options makes no other command
	if s.told[about] || s.told[fmt.Sprintf("%q", same)] {
		return
	}
	if s.alone {
		if m, _ := s.from.Policy.Decide(command); m == nil || m.Rule != s.line.rule {
			s.unknown = "the policy decides an example otherwise than was thought"
			return
		}
		s.found = append(s.found, finding{})
		return
	}
	example, match, err := s.prove(command, l)
	if err != nil {
		s.unknown = err.Error()
		return
	}
	s.told[about], s.told[fmt.Sprintf("%q", same)] = true, true
	s.found = append(s.found, finding{example, match, l})
}
