package compare

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"opsh/policy"
	"opsh/shell/answer"
)

// Random policies as text, random changes of them, and random commands: what is compared is what Parse makes of text.

// A longer run, with others: go test -run NothingWider -compare.pairs 100000 -compare.seed 7
var (
	pairs = flag.Int("compare.pairs", 400, "how many random pairs of policies TestNothingWiderIsMissed compares")
	seed  = flag.Uint64("compare.seed", 26, "where its randomness begins")
)

// spec is one tool.
type spec struct {
	lines  [][]string // the elements behind the name
	wheres map[string]string
}

func pick[T any](r *rand.Rand, list ...T) T { return list[r.IntN(len(list))] }

var placeholders = []string{"A", "B", "C", "D"}

func randomWhere(r *rand.Rand) string {
	flags := pick(r, "", "", "", ", dash = true", ", empty = true")
	switch r.IntN(6) {
	case 0:
		return "{ any = true" + flags + " }"
	case 1:
		return fmt.Sprintf("{ list = [%q, %q]%s }", pick(r, "x", "y", "-a"), pick(r, "zz", "--", "--aa=x", "q.s"), flags)
	case 2:
		return fmt.Sprintf("{ match = '%s'%s }", pick(r, "[a-y]+", "[a-z]+", ".*", "-.*|x", "(x|y)*", "[^.]+", ".*[.]s", "(?s:.*)", "x*y?"), flags)
	case 3:
		return fmt.Sprintf("{ int = [%d, %d]%s }", r.IntN(12)-6, 6+r.IntN(12), strings.Replace(flags, ", empty = true", "", 1))
	case 4:
		return fmt.Sprintf(`{ path = "%s"%s%s }`, pick(r, "/d", "/d/e", "/f"), pick(r, "", `, ext = ".s"`), strings.Replace(flags, ", empty = true", "", 1))
	}
	return `"any"`
}

func randomForm(r *rand.Rand) string {
	name := pick(r, "-a", "-b", "-c", "--aa", "--bb")
	return name + pick(r, "", "", " "+pick(r, placeholders...), "="+pick(r, placeholders...), "=x", "=y")
}

func randomElement(r *rand.Rand) string {
	switch r.IntN(9) {
	case 0:
		return pick(r, "x", "y", "run", "--", "-")
	case 1, 2:
		return pick(r, "%s", "%s", "[%s]", "%s...", "[%s...]")
	case 3:
		return randomForm(r)
	case 4:
		return "[" + randomForm(r) + " | " + randomForm(r) + "]" + pick(r, "", "...")
	}
	return "[" + randomForm(r) + "]" + pick(r, "", "", "...")
}

// randomRow is a line of many options: each order and each part of them is a command.
func randomRow(r *rand.Rand) (line []string) {
	names := []string{"-a", "-b", "-c", "--aa", "--bb"}
	r.Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
	for _, name := range names[:3+r.IntN(3)] {
		form := name + pick(r, "", "", "", " A", "=B", "=x")
		line = append(line, pick(r, "["+form+"]", "["+form+"]", "["+form+"]...", form, "["+form+" | "+name+"x]"))
	}
	return append(line, pick(r, nil, []string{"C"}, []string{"[C]"}, []string{"[C...]", "[-b]"})...)
}

func randomLine(r *rand.Rand) (line []string) {
	if r.IntN(3) == 0 {
		return randomRow(r)
	}
	for range r.IntN(5) {
		e := randomElement(r)
		if strings.Contains(e, "%s") {
			e = fmt.Sprintf(e, pick(r, placeholders...))
		}
		line = append(line, e)
	}
	if r.IntN(8) == 0 {
		line = append(line, "< "+pick(r, placeholders...))
	}
	return line
}

func randomSpec(r *rand.Rand) spec {
	s := spec{wheres: map[string]string{}}
	for range 1 + r.IntN(3) {
		s.lines = append(s.lines, randomLine(r))
	}
	for _, name := range placeholders {
		s.wheres[name] = randomWhere(r)
	}
	return s
}

// changed is the spec with one to three changes, some of which change nothing.
func (s spec) changed(r *rand.Rand) spec {
	n := spec{wheres: map[string]string{}}
	for _, l := range s.lines {
		n.lines = append(n.lines, slices.Clone(l))
	}
	for name, w := range s.wheres {
		n.wheres[name] = w
	}
	for range 1 + r.IntN(3) {
		i := r.IntN(len(n.lines))
		l := &n.lines[i]
		at := 0
		if len(*l) > 0 {
			at = r.IntN(len(*l))
		}
		switch r.IntN(10) {
		case 8: // a required option instead of one that may be left out, or the other way round
			if e := strings.Trim(strings.TrimSuffix(strings.Join((*l)[at:min(at+1, len(*l))], ""), "..."), "[]"); strings.HasPrefix(e, "-") && !strings.Contains(e, "|") {
				(*l)[at] = pick(r, e, "["+e+"]", "["+e+"]...")
			}
		case 9:
			r.Shuffle(len(*l), func(i, j int) { (*l)[i], (*l)[j] = (*l)[j], (*l)[i] })
		case 0:
			n.wheres[pick(r, placeholders...)] = randomWhere(r)
		case 1:
			e := strings.ReplaceAll(randomElement(r), "%s", pick(r, placeholders...))
			*l = slices.Insert(*l, at, e)
		case 2:
			if len(*l) > 0 {
				*l = slices.Delete(*l, at, at+1)
			}
		case 3:
			if len(n.lines) > 1 {
				n.lines = slices.Delete(n.lines, i, i+1)
			}
		case 4:
			n.lines = append(n.lines, randomLine(r))
		case 5:
			r.Shuffle(len(n.lines), func(i, j int) { n.lines[i], n.lines[j] = n.lines[j], n.lines[i] })
		case 6: // one line for one option less and one for the option
			if len(*l) > 0 && strings.HasPrefix((*l)[at], "[-") && strings.HasSuffix((*l)[at], "]") && !strings.Contains((*l)[at], "|") {
				with, without := slices.Clone(*l), slices.Delete(slices.Clone(*l), at, at+1)
				with[at] = strings.Trim(with[at], "[]")
				n.lines[i] = with
				n.lines = append(n.lines, without)
			}
		case 7:
			if len(*l) > 0 {
				(*l)[at] = strings.ReplaceAll(randomElement(r), "%s", pick(r, placeholders...))
			}
		}
	}
	return n
}

// text is the policy, with those placeholders only that its lines use.
func (s spec) text() string {
	var lines []string
	used := map[string]bool{}
	for _, l := range s.lines {
		lines = append(lines, fmt.Sprintf("%q", strings.Join(append([]string{"t"}, l...), " ")))
		for _, e := range l {
			for _, name := range placeholders {
				used[name] = used[name] || strings.ContainsAny(e, name)
			}
		}
	}
	text := head + "[tool.t]\npath = \"/bin/t\"\nuser = \"ops\"\nallow = [" + strings.Join(lines, ", ") + "]\n"
	for _, name := range placeholders {
		if used[name] {
			text += "where." + name + " = " + s.wheres[name] + "\n"
		}
	}
	return text
}

const head = "version = 1\n[audit]\nwhen_down = \"spool\"\n"

// randomPair is two policies that load, the second one a change of the first.
func randomPair(r *rand.Rand) (older, newer *policy.Policy) {
	for {
		s := randomSpec(r)
		p, err := policy.Parse("old.toml", []byte(s.text()), answer.Split)
		if err != nil {
			continue
		}
		for range 20 {
			if q, err := policy.Parse("new.toml", []byte(s.changed(r).text()), answer.Split); err == nil {
				return p, q
			}
		}
	}
}

// vocabulary is words that the random policies could tell apart, and some more.
var vocabulary = []string{"x", "y", "z", "zz", "run", "", "-", "--", "-a", "-b", "-c", "--aa", "--bb", "--aa=x", "--aa=y", "--aa=", "--bb=x", "--bb=zz",
	"-a=x", "-b=5", "-ax", "-bx", "--aax", "5", "-5", "17", "05", "q.s", "-q.s", ".s", "e/q.s", "/d/q.s", "/d/e/q.s", "/f/q", "../q.s", "A B", "a\n"}

// decided says whether a command is permitted, and the match. It walks first: to explain a refusal takes long.
func decided(p *policy.Policy, c policy.Command) *policy.Match {
	for _, r := range p.Tool("t").Rules {
		w := r.Walk()
		for _, word := range c.Words[1:] {
			if w = w.Step(word); w == nil {
				break
			}
		}
		if w != nil && w.Ends() && (r.Input() == nil) == (c.Input == nil) && (c.Input == nil || r.Input().Takes(*c.Input, false)) {
			m, _ := p.Decide(c)
			return m
		}
	}
	return nil
}

// more says whether the command is permitted by the new policy and not, or not so freely, by the old one.
func more(older, newer *policy.Policy, c policy.Command) bool {
	now := decided(newer, c)
	if now == nil {
		return false
	}
	before := decided(older, c)
	if before == nil {
		return true
	}
	for _, f := range before.Fills {
		if f.Where.Kind == policy.WherePath && !slices.ContainsFunc(now.Fills, func(g policy.Fill) bool {
			return g.Word == f.Word && g.Offset == f.Offset && g.Where.Kind == policy.WherePath &&
				strings.HasPrefix(g.Where.Dir+"/", f.Where.Dir+"/") && (f.Where.Ext == "" || strings.HasSuffix(g.Where.Ext, f.Where.Ext))
		}) {
			return true // a file that was checked isn't any more, or may lie elsewhere
		}
	}
	return false
}

// commands is all commands of up to two words, and random ones that are longer.
func commands(r *rand.Rand) (all []policy.Command) {
	add := func(words ...string) { all = append(all, policy.Command{Words: append([]string{"t"}, words...)}) }
	add()
	for _, a := range vocabulary {
		add(a)
		for _, b := range vocabulary {
			add(a, b)
		}
	}
	for range 2000 {
		var words []string
		for range 3 + r.IntN(4) {
			words = append(words, pick(r, vocabulary...))
		}
		add(words...)
	}
	for i := range all {
		if r.IntN(6) == 0 {
			word := pick(r, vocabulary...)
			all[i].Input = &word
		}
	}
	return all
}

// derived is commands along a policy's usage lines.
func derived(r *rand.Rand, p *policy.Policy) (all []policy.Command) {
	rules := p.Tool("t").Rules
	for range 300 {
		rule := pick(r, rules...)
		w, words := rule.Walk(), []string{"t"}
		for range 9 {
			if w.Ends() && r.IntN(3) == 0 {
				break
			}
			var next []string
			for _, word := range vocabulary {
				if w.Step(word) != nil {
					next = append(next, word)
				}
			}
			if len(next) == 0 {
				break
			}
			word := pick(r, next...)
			w, words = w.Step(word), append(words, word)
		}
		c := policy.Command{Words: words}
		if rule.Input() != nil {
			word := pick(r, "q.s", "/d/q.s", "/d/e/q.s", "/f/q.s", "x")
			c.Input = &word
		}
		all = append(all, c)
	}
	return all
}

// TestNothingWiderIsMissed is the promise: no command is permitted by the new policy and refused by the old one, unless
// the comparison says that it got wider. And what it shows is so.
func TestNothingWiderIsMissed(t *testing.T) {
	r := rand.New(rand.NewPCG(*seed, 11))
	fixed := commands(r)
	wide, unknown, same := 0, 0, 0
	for range *pairs {
		older, newer := randomPair(r)
		report := Policies(Source{"old.toml", older}, Source{"new.toml", newer})
		for _, c := range report.Changes {
			if c.Effect == Unknown {
				unknown++
			}
			if c.Example == nil {
				continue
			}
			command := policy.Command{Words: c.Example.Words, Input: c.Example.Input}
			from, to := older, newer
			if c.Effect == Narrower {
				from, to = newer, older
			}
			if !more(from, to, command) || c.Example.Line != answer.Quoted(command) {
				t.Fatalf("%s\n%s\n%s is no example of %s", usages(older), usages(newer), c.Example.Line, c.Effect)
			}
		}
		isWider, isNarrower := report.Widened(), report.Count(Narrower) > 0
		if isWider {
			wide++
		} else {
			same++
		}
		for _, c := range slices.Concat(fixed, derived(r, newer), derived(r, older)) {
			if !isWider && more(older, newer, c) {
				t.Fatalf("%s\n%s\n%q got through: %+v", usages(older), usages(newer), c.Words, report.Changes)
			}
			if !isNarrower && more(newer, older, c) {
				t.Fatalf("%s\n%s\n%q is refused now: %+v", usages(older), usages(newer), c.Words, report.Changes)
			}
		}
	}
	t.Logf("%d pairs, %d wider, %d not, %d unknown", *pairs, wide, same, unknown)
	if wide < *pairs/4 || same < *pairs/5 || unknown > *pairs/100 {
		t.Errorf("the mix tests little: %d pairs, %d wider, %d not, %d unknown", *pairs, wide, same, unknown)
	}
}

func usages(p *policy.Policy) string {
	t := p.Tool("t")
	text := fmt.Sprintf("%q", t.Usage())
	for _, name := range sorted(t.Where) {
		text += fmt.Sprintf(" %s: %s dash=%v empty=%v", name, meaning(t.Where[name]), t.Where[name].Dash, t.Where[name].Empty)
	}
	return text
}
