package policy

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
			l.missing(item, "run", item.pos, `write run = "…", a command line as it is typed`, "cannot use this test: run is missing")
		} else if l.is(m, kindString, "run") {
			// Any characters: a test may show that a control character is refused.
			t.Run, t.Pos = m.str, m.pos
			if m.str == "" {
				l.fail(m.pos, "", "cannot use run: it is empty")
			}
		}
		if m := item.table["want"]; m == nil {
			l.missing(item, "want", item.pos, `write want = "allow" or want = "refuse"`, "cannot use this test: want is missing")
		} else if m.kind != kindString || m.str != "allow" && m.str != "refuse" {
			l.fail(m.pos, hintForWord(m, "allow", "refuse"), "cannot use want: there is no such value")
		} else {
			t.Allow = m.str == "allow"
		}
		l.policy.Tests = append(l.policy.Tests, t)
	}
}

// runTests holds the policy against its own tests.
func (l *loader) runTests(split Splitter) {
	if split == nil && len(l.policy.Tests) > 0 {
		l.fail(l.policy.Tests[0].Pos, "", "cannot run this test: no line splitter was given")
		return
	}
	for _, t := range l.policy.Tests {
		r := l.policy.test(t, split)
		if why, hint := r.Why(); why != "" {
			l.fail(r.Pos, hint, "cannot pass this test: %s", why)
		}
	}
}
