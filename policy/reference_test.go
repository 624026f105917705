package policy

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
)

// The reference: usage lines as plain data, what they mean written down as full backtracking, and the rules
// a line must keep, each as plainly as the design states it. Nothing here uses the code under test; a line
// reaches that as text only.

type refLine struct {
	parts []refPart
	input string // a placeholder, "" for none
}

type refPart struct {
	literal            string
	operand            string // a placeholder
	optional, repeated bool   // of an operand or an option
	spellings          []refSpelling
}

// refSpelling is -a (nothing else set), -a NAME, --a=NAME, --a=fixed.
type refSpelling struct {
	name, next, attached, fixed string
}

func (s refSpelling) String() string {
	switch {
	case s.next != "":
		return s.name + " " + s.next
	case s.attached != "":
		return s.name + "=" + s.attached
	case s.fixed != "":
		return s.name + "=" + s.fixed
	}
	return s.name
}

func (p refPart) String() string {
	switch {
	case p.literal != "":
		return p.literal
	case p.operand != "":
		s := p.operand
		if p.repeated {
			s += "..."
		}
		if p.optional {
			s = "[" + s + "]"
		}
		return s
	}
	var list []string
	for _, s := range p.spellings {
		list = append(list, s.String())
	}
	s := strings.Join(list, " | ")
	if p.optional {
		s = "[" + s + "]"
	}
	if p.repeated {
		s += "..."
	}
	return s
}

func (l refLine) String() string {
	words := []string{"tool"}
	for _, p := range l.parts {
		words = append(words, p.String())
	}
	if l.input != "" {
		words = append(words, "<", l.input)
	}
	return strings.Join(words, " ")
}

// refWheres is the meaning of the placeholders that refLines use, for the code under test and for the reference.
func refWheres() wheres {
	return wheres{
		"ANY": anyWord(), "LIST": oneOf("x", "y", "-a"), "DASH": dashed(anyWord()), "EMPTY": orEmpty(anyWord()),
		"INT": dashed(whole(-9, 12)), "MATCH": matching("[a-y]+|-.*"), "FILE": file("/d", ".s"), "MARK": dashed(oneOf("--", "-a", "x")),
	}
}

func refAdmits(name, word string, attached bool) bool {
	if word == "" {
		return name == "EMPTY"
	}
	dash := word[0] == '-' && !attached
	switch name {
	case "ANY", "EMPTY":
		return !dash
	case "LIST":
		return !dash && (word == "x" || word == "y" || word == "-a")
	case "DASH":
		return true
	case "INT":
		var n int
		_, err := fmt.Sscanf(word, "%d", &n)
		return err == nil && fmt.Sprint(n) == word && -9 <= n && n <= 12
	case "MATCH":
		return !dash && (strings.Trim(word, "abcdefghijklmnopqrstuvwxy") == "" || word[0] == '-')
	case "FILE":
		return !dash && len(word) > 2 && strings.HasSuffix(word, ".s") && !strings.Contains(word, "..")
	case "MARK":
		return word == "--" || word == "-a" || word == "x"
	}
	panic(name)
}

// refDerive lists every way in which the line takes the words: each as the fills "word:offset:NAME".
func refDerive(l refLine, words []string, input *string) []string {
	var found []string
	var walk func(parts []refPart, given []int, w int, fills []string)
	fill := func(fills []string, w, offset int, name string) []string {
		return append(slices.Clone(fills), fmt.Sprintf("%d:%d:%s", w, offset, name))
	}
	walk = func(parts []refPart, given []int, w int, fills []string) {
		if len(parts) == 0 {
			switch {
			case w != len(words):
			case input == nil && l.input == "":
				found = append(found, strings.Join(fills, " "))
			case input != nil && l.input != "" && refAdmits(l.input, *input, false):
				found = append(found, strings.Join(fill(fills, w, 0, l.input), " "))
			}
			return
		}
		p := parts[0]
		switch {
		case p.literal != "":
			if w < len(words) && words[w] == p.literal {
				walk(parts[1:], nil, w+1, fills)
			}
		case p.operand != "":
			if p.optional {
				walk(parts[1:], nil, w, fills)
			}
			for ; w < len(words) && refAdmits(p.operand, words[w], false); w++ {
				fills = fill(fills, w, 0, p.operand)
				walk(parts[1:], nil, w+1, fills)
				if !p.repeated {
					break
				}
			}
		default:
			run := 0
			for run < len(parts) && parts[run].spellings != nil {
				run++
			}
			if given == nil {
				given = make([]int, run)
			}
			if w < len(words) && strings.HasPrefix(words[w], "-") && words[w] != "-" && words[w] != "--" {
				// One of the run's options, or a refusal.
				for i, o := range parts[:run] {
					if given[i] > 0 && !o.repeated {
						continue
					}
					now := slices.Clone(given)
					now[i]++
					for _, s := range o.spellings {
						value, attached := strings.CutPrefix(words[w], s.name+"=")
						switch {
						case s.next != "":
							if words[w] == s.name && w+1 < len(words) && refAdmits(s.next, words[w+1], false) {
								walk(parts, now, w+2, fill(fills, w+1, 0, s.next))
							}
						case s.attached != "":
							if attached && refAdmits(s.attached, value, true) {
								walk(parts, now, w+1, fill(fills, w, len(s.name)+1, s.attached))
							}
						case words[w] == s.String():
							walk(parts, now, w+1, fills)
						}
					}
				}
				return
			}
			for i, o := range parts[:run] {
				if !o.optional && given[i] == 0 {
					return
				}
			}
			walk(parts[run:], nil, w, fills)
		}
	}
	walk(l.parts, nil, 1, nil)
	return found
}

// refLegal says whether the design permits the line itself.
func refLegal(l refLine) bool {
	dash := func(p refPart) bool { return p.operand == "DASH" || p.operand == "INT" || p.operand == "MARK" }
	tail := false
	run := map[string]bool{}
	for i, p := range l.parts {
		last := refPart{}
		if i > 0 {
			last = l.parts[i-1]
		}
		if p.spellings == nil {
			clear(run)
			if p.literal == "--" {
				tail = false
			}
			if tail {
				return false
			}
			tail = p.operand != "" && (p.optional || p.repeated)
			if dash(p) && last.spellings != nil || p.literal == "--" && dash(last) && (last.optional || last.repeated) {
				return false
			}
			continue
		}
		if dash(last) || p.repeated && !p.optional {
			return false
		}
		for n, s := range p.spellings {
			if run[s.name] || len(p.spellings) > 1 && !p.optional {
				return false
			}
			for _, other := range p.spellings[:n] {
				if s.String() == other.String() || s.name == other.name &&
					((s.fixed != "") != (other.fixed != "") && s.attached+other.attached != "" || s.attached != "" && other.attached != "" ||
						s.fixed+s.attached == "" && other.fixed+other.attached == "") {
					return false
				}
			}
		}
		for _, s := range p.spellings {
			run[s.name] = true
		}
	}
	return l.input == "" || l.input == "FILE"
}

var (
	refNames    = []string{"-a", "-b", "-c", "--aa", "--bb", "--cc"}
	refPlaces   = []string{"ANY", "ANY", "LIST", "DASH", "EMPTY", "INT", "MATCH", "FILE", "MARK"}
	refLiterals = []string{"x", "y", "run", "-", "--", "--"}
	refWords    = []string{"x", "y", "zz", "run", "", "-", "--", "-a", "-b", "-c", "--aa", "--bb", "--cc", "--aa=x", "--aa=", "--bb=y", "--bb=-a", "--cc=5", "-ab", "--a", "5", "-5", "05", "q.s", "-q.s", "../q.s", "12345678901234567890"}
)

func pick[T any](r *rand.Rand, list []T) T { return list[r.IntN(len(list))] }

// refRandom makes a usage line; about half of them keep the design's rules.
func refRandom(r *rand.Rand) refLine {
	var l refLine
	for range r.IntN(6) {
		switch r.IntN(6) {
		case 0:
			l.parts = append(l.parts, refPart{literal: pick(r, refLiterals)})
		case 1, 2:
			l.parts = append(l.parts, refPart{operand: pick(r, refPlaces), optional: r.IntN(3) == 0, repeated: r.IntN(4) == 0})
		default:
			p := refPart{optional: r.IntN(3) > 0}
			for n := 1 + r.IntN(8)/6 + r.IntN(8)/7; len(p.spellings) < n; {
				s := refSpelling{name: pick(r, refNames)}
				switch r.IntN(5) {
				case 0:
					s.next = pick(r, refPlaces)
				case 1:
					s.attached = pick(r, refPlaces)
				case 2:
					s.fixed = pick(r, []string{"x", "y", "5"})
				}
				p.spellings = append(p.spellings, s)
			}
			p.optional = p.optional || len(p.spellings) > 1
			p.repeated = p.optional && r.IntN(5) == 0
			l.parts = append(l.parts, p)
		}
		// A bare option takes the placeholder behind it as its value: that is another line than this one.
		if n := len(l.parts); n > 1 {
			o, v := l.parts[n-2], l.parts[n-1]
			if v.operand != "" && !v.optional && len(o.spellings) > 0 && !o.optional && o.spellings[0].String() == o.spellings[0].name {
				l.parts[n-1].optional = true
			}
		}
	}
	if r.IntN(8) == 0 {
		l.input = pick(r, []string{"FILE", "FILE", "FILE", "ANY"})
	}
	return l
}

// refCommand makes words for the line: some that it shows, then a few mistakes.
func refCommand(r *rand.Rand, l refLine) ([]string, *string) {
	words := []string{"tool"}
	parts := slices.Clone(l.parts)
	for i := 0; i+1 < len(parts); i++ {
		if parts[i].spellings != nil && parts[i+1].spellings != nil && r.IntN(3) == 0 {
			parts[i], parts[i+1] = parts[i+1], parts[i]
		}
	}
	value := func(name string, attached bool) string {
		for range 30 {
			if w := pick(r, refWords); refAdmits(name, w, attached) {
				return w
			}
		}
		return "x"
	}
	for _, p := range parts {
		times := 1
		if p.optional {
			times = r.IntN(2)
		}
		if p.repeated {
			times *= 1 + r.IntN(3)
		}
		for range times {
			switch {
			case p.literal != "":
				words = append(words, p.literal)
			case p.operand != "":
				words = append(words, value(p.operand, false))
			default:
				switch s := pick(r, p.spellings); {
				case s.next != "":
					words = append(words, s.name, value(s.next, false))
				case s.attached != "":
					words = append(words, s.name+"="+value(s.attached, true))
				default:
					words = append(words, s.String())
				}
			}
		}
	}
	for range max(0, r.IntN(5)-1) {
		i := 1 + r.IntN(len(words))
		switch r.IntN(4) {
		case 0:
			words = slices.Insert(words, i, pick(r, refWords))
		case 1:
			if i < len(words) {
				words = slices.Delete(words, i, i+1)
			}
		case 2:
			if i < len(words) {
				words[i] = pick(r, refWords)
			}
		case 3:
			if j := 1 + r.IntN(len(words)); i < len(words) && j < len(words) {
				words[i], words[j] = words[j], words[i]
			}
		}
	}
	if (l.input != "") != (r.IntN(20) == 0) {
		in := pick(r, []string{"q.s", "q.s", "q.s", "-q.s", "q.t", ""})
		return words, &in
	}
	return words, nil
}
