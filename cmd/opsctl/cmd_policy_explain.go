package main

import (
	"errors"
	"fmt"
	"slices"
	"unicode/utf8"

	"opsh/cmd/opsctl/internal/explain"
	"opsh/policy"
	"opsh/shell/line"
)

func policyExplainVerb() verb {
	v := verb{
		name:  "policy explain",
		usage: "[--json] FILE LINE | [--json] FILE -- WORD...",
		about: "Shows word by word what a policy makes of a line",
		more: `
For a line that is allowed: which usage line permits it, what each word was
taken for, and what would run. For one that is refused: how far each usage line
got, why it stopped there, and a corrected line where there is one.

LINE is one argument, quoted for your shell: 'mysql -e "SELECT 1"'. Behind --
each argument is one word; a < FILE can't be given so.

It looks at the policy alone: no file but FILE is read, no secret is fetched.

The exit status is 0 where the line is allowed, 1 where it is refused, 125 where
the policy doesn't load. Where only tests of the policy fail, the line is
explained nevertheless.`,
	}
	v.run = func(p *person, args []string) int { return p.policyExplain(v, args) }
	return v
}

func (p *person) policyExplain(v verb, args []string) int {
	f := options()
	asJSON := f.Bool("json", false, "")
	var typed []string
	behind := slices.Index(args, "--")
	if behind >= 0 {
		args, typed = args[:behind], args[behind+1:]
	}
	words, err := parse(f, args)
	if err != nil && behind < 0 && len(args) > 2 && !errors.Is(err, errHelp) {
		err = fmt.Errorf("%w; quote the line as one argument, or write -- in front of its words", err)
	}
	if err != nil {
		return p.misused(v, err)
	}
	for i, w := range typed {
		if why := untypeable(w); why != "" {
			return p.misused(v, fmt.Errorf("cannot explain word %d, %s: %s, so that no line can hold it", i+1, quote(w), why))
		}
	}
	raw := line.Quote(typed...)
	switch {
	case behind < 0 && len(words) == 2:
		raw = words[1]
	case behind < 0 && len(words) > 2:
		return p.misused(v, errors.New("cannot explain several arguments as one line: quote the line, or write -- in front of its words"))
	case len(words) != 1 || behind < 0:
		return p.misused(v, errors.New("cannot explain: a policy file and a line are needed"))
	}

	pol, results, err := testPolicy(words[0])
	if err != nil {
		p.fail(err)
		return statusBroken
	}
	e := explain.Explain(pol, raw)
	if *asJSON {
		if err := p.sayJSON(e.JSON()); err != nil {
			p.fail(err)
			return statusBroken
		}
	} else {
		p.say(plain(e.Text()))
	}
	if n := failing(results); n > 0 {
		p.fail(fmt.Errorf("cannot load the policy in opsh: %s", count(n, "test fails", "tests fail")), "opsctl policy test "+quote(words[0])+" says why")
		return statusBroken
	}
	if !e.Allowed() {
		return statusFound
	}
	return 0
}

// untypeable says why a line can't hold a word, "" where it can.
func untypeable(word string) string {
	if !utf8.ValidString(word) {
		return "it isn't UTF-8"
	}
	l, err := line.Split(line.Quote(word))
	if err == nil && len(l.Words) == 1 && l.Words[0].Text == word {
		return ""
	}
	return "it holds characters that don't show"
}

// failing counts the tests that fail.
func failing(results []policy.Result) (n int) {
	for i := range results {
		if why, _ := results[i].Why(); why != "" {
			n++
		}
	}
	return n
}

func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
