package words

import (
	"encoding/binary"
	"regexp/syntax"
	"slices"
)

// machine runs one set's automaton over classes of characters. Its states are made when they are first reached.
type machine struct {
	prog    *syntax.Prog
	front   []rune // must come first
	noDash  bool
	letters *letters
	around  bool // the automaton looks at which characters stand around a place
	states  []machineState
	index   map[string]int
	work    *int // what may still be done, see Finder
}

// machineState is where the automaton may be: before a character of front, or behind it at some instructions.
type machineState struct {
	front  int
	at     []uint32 // instructions before what needs no character, sorted
	before rune     // the last character, as far as the automaton can tell; -1 at the beginning
	next   []int    // by class, 0 where not known
	ends   bool     // the word may end here
}

// The states that every machine has.
const (
	unknown = iota
	dead
	start
)

func newMachine(s Set, prog *syntax.Prog, l *letters, work *int) *machine {
	m := &machine{prog: prog, front: []rune(s.Front), noDash: s.noDash(), letters: l, index: map[string]int{}, work: work}
	for i := range prog.Inst {
		m.around = m.around || prog.Inst[i].Op == syntax.InstEmptyWidth && looksAround(&prog.Inst[i])
	}
	m.states = make([]machineState, 2)
	if len(m.front) > 0 {
		m.add(machineState{front: 0})
	} else {
		m.add(m.begin())
	}
	return m
}

func (m *machine) begin() machineState {
	return machineState{front: len(m.front), at: []uint32{uint32(m.prog.Start)}, before: -1}
}

// add is the number of a state.
func (m *machine) add(s machineState) int {
	key := binary.AppendVarint(binary.AppendVarint(nil, int64(s.front)), int64(s.before))
	for _, pc := range s.at {
		key = binary.AppendUvarint(key, uint64(pc))
	}
	if n, ok := m.index[string(key)]; ok {
		return n
	}
	n := len(m.states)
	m.index[string(key)] = n
	s.next = make([]int, len(m.letters.classes))
	m.states = append(m.states, s)
	if s.front == len(m.front) {
		m.states[n].ends = m.match(s)
	}
	return n
}

// step is the state behind a character of a class.
func (m *machine) step(state, class int) int {
	if state == dead {
		return dead
	}
	if n := m.states[state].next[class]; n != unknown {
		return n
	}
	n := m.make(state, m.letters.classes[class].sample)
	m.states[state].next[class] = n
	return n
}

func (m *machine) make(state int, r rune) int {
	s := m.states[state]
	if s.front < len(m.front) {
		switch {
		case m.front[s.front] != r:
			return dead
		case s.front+1 == len(m.front):
			return m.add(m.begin())
		}
		return m.add(machineState{front: s.front + 1})
	}
	if state == start && m.noDash && r == '-' {
		return dead
	}
	at := m.behind(s, r)
	if len(at) == 0 {
		return dead
	}
	return m.add(machineState{front: s.front, at: at, before: m.remembered(r)})
}

// remembered is a character as far as what follows can depend on it.
func (m *machine) remembered(r rune) rune {
	switch {
	case m.around && r == '\n':
		return r
	case m.around && syntax.IsWordChar(r):
		return 'a'
	}
	return ' '
}

// behind is the instructions that a character leads to, sorted.
func (m *machine) behind(s machineState, r rune) (at []uint32) {
	m.reach(s, r, func(in *syntax.Inst) {
		if in.Op != syntax.InstMatch && in.MatchRune(r) {
			at = append(at, in.Out)
		}
	})
	slices.Sort(at)
	return slices.Compact(at)
}

// match says whether a word may end in the state.
func (m *machine) match(s machineState) (ends bool) {
	m.reach(s, -1, func(in *syntax.Inst) { ends = ends || in.Op == syntax.InstMatch })
	return ends
}

// reach calls found with the instructions that a state leads to without a character, where next comes.
func (m *machine) reach(s machineState, next rune, found func(*syntax.Inst)) {
	holds := syntax.EmptyOpContext(s.before, next)
	seen := make([]bool, len(m.prog.Inst))
	todo := slices.Clone(s.at)
	for len(todo) > 0 {
		pc := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if seen[pc] {
			continue
		}
		seen[pc] = true
		*m.work--
		switch in := &m.prog.Inst[pc]; in.Op {
		case syntax.InstAlt, syntax.InstAltMatch:
			todo = append(todo, in.Out, in.Arg)
		case syntax.InstCapture, syntax.InstNop:
			todo = append(todo, in.Out)
		case syntax.InstEmptyWidth:
			if syntax.EmptyOp(in.Arg)&^holds == 0 {
				todo = append(todo, in.Out)
			}
		case syntax.InstFail:
		default:
			found(in)
		}
	}
}

// shortest is a shortest word that the automaton takes, found without putting its instructions together: that takes no
// longer than the automaton is large. Front isn't looked at; ok is false where there is none, or nothing but "".
func (m *machine) shortest() (word string, ok bool) {
	type step struct {
		state machineState
		from  int
		by    rune
	}
	steps := []step{{state: m.begin(), from: -1}}
	seen := map[[2]int64]bool{}
	for i := 0; i < len(steps) && *m.work > 0; i++ {
		s := steps[i]
		if i > 0 && m.match(s.state) {
			var back []rune
			for ; steps[i].from >= 0; i = steps[i].from {
				back = append(back, steps[i].by)
			}
			slices.Reverse(back)
			return string(back), true
		}
		for _, class := range m.letters.order {
			r := m.letters.classes[class].sample
			if i == 0 && m.noDash && r == '-' {
				continue
			}
			for _, pc := range m.behind(s.state, r) {
				before := m.remembered(r)
				if key := [2]int64{int64(pc), int64(before)}; !seen[key] {
					seen[key] = true
					steps = append(steps, step{machineState{front: len(m.front), at: []uint32{pc}, before: before}, i, r})
				}
			}
		}
	}
	return "", false
}
