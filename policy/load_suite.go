package policy

import "strconv"

// tests reads every [[test]]; n is nil where the file has none.
func (l *loader) tests(n *tomlNode) {
	if n == nil {
		return
	}
	if n.kind != kindList {
		l.fail(n.pos, "write [[test]] with double brackets", "cannot use test: it must be a list of tables, not %s", n.kind)
		return
	}
	for _, item := range l.list(n, "test", maxTests) {
		if !l.is(item, kindTable, "a test") {
			continue
		}
		l.checkKeys(item, "a test", testKeys)
		t := Test{Pos: item.pos}
		if m := item.table["run"]; m == nil {
			l.absent(item.pos, "", "cannot use this test: run is missing")
		} else if l.is(m, kindString, "run") {
			// Any characters: a test may show that a control character is refused.
			t.Run, t.Pos = m.str, m.pos
			if m.str == "" {
				l.fail(m.pos, "", "cannot use run: it is empty")
			}
		}
		if m := item.table["want"]; m == nil {
			l.absent(item.pos, `write want = "allow" or want = "refuse"`, "cannot use this test: want is missing")
		} else if m.kind != kindString || m.str != "allow" && m.str != "refuse" {
			l.fail(m.pos, `write "allow" or "refuse"`, "cannot use want: there is no such value")
		} else {
			t.Allow = m.str == "allow"
		}
		l.policy.Tests = append(l.policy.Tests, t)
	}
}

// runTests holds the policy against its own tests. They use what the prompt uses, so that what they say
// holds there.
func (l *loader) runTests(split Splitter) {
	for _, t := range l.policy.Tests {
		if split == nil {
			l.fail(t.Pos, "", "cannot run this test: no line splitter was given")
			return
		}
		c, err := split(t.Run)
		if err != nil {
			if t.Allow {
				l.fail(t.Pos, "", "cannot pass this test: it wants allow, but the line is refused: %v", err)
			}
			continue
		}
		match, refusal := l.policy.Decide(c)
		switch {
		case t.Allow && refusal != nil:
			hint := ""
			if refusal.Usage != "" {
				hint = "usage: " + refusal.Usage
			}
			l.fail(t.Pos, hint, "cannot pass this test: it wants allow, but the policy refuses %s%s", blamed(c, refusal), refusal.Reason)
		case !t.Allow && match != nil:
			l.fail(t.Pos, "usage: "+match.Rule.Text, "cannot pass this test: it wants refuse, but line %d of the policy permits it", match.Rule.Pos.Line)
		}
	}
}

// blamed names the word that a refusal is about, counted from 1 as people do.
func blamed(c Command, r *Refusal) string {
	word := "the end of the line"
	switch {
	case r.Word < 0:
		return "it: "
	case r.Word < len(c.Words):
		word = "word " + strconv.Itoa(r.Word+1) + ", " + quoted(c.Words[r.Word])
	case c.Input != nil:
		word = "the word behind <, " + quoted(*c.Input)
	}
	return word + ": "
}
