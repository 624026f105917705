package main

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"opsh/cmd/opsctl/internal/cover"
	"opsh/policy"
	"opsh/shell/line"
)

// This file isn't cmd_policy_test.go because Go would take that for a test of opsctl.

// shownGaps is how many gaps are listed without -v.
const shownGaps = 10

func policyTestVerb() verb {
	v := verb{
		name:  "policy test",
		usage: "[-v] [--json] [--coverage-min PERCENT] FILE",
		about: "Runs a policy's tests, and says what they don't cover",
		more: `
Tests that fail are shown with why, with -v the others, too. Then what no test
touches: usage lines, options and operands that were never given or never left
out, words of lists, and each where that no test is refused because of; with
tests to add, which the policy as it is passes. All gaps with -v, otherwise the
first ` + fmt.Sprint(shownGaps) + `.

The exit status is 0 where all tests pass, 1 where one fails or less than
PERCENT is covered, 125 where the policy doesn't load for another reason.`,
	}
	v.run = func(p *person, args []string) int { return p.policyTest(v, args) }
	return v
}

func (p *person) policyTest(v verb, args []string) int {
	f := options()
	verbose, asJSON, least := f.Bool("v", false, ""), f.Bool("json", false, ""), f.String("coverage-min", "0", "")
	words, err := parse(f, args)
	percent, notNumber := strconv.Atoi(strings.TrimSuffix(*least, "%"))
	switch {
	case err != nil:
	case len(words) != 1:
		err = errors.New("cannot test: one policy file is needed")
	case notNumber != nil || percent < 0 || percent > 100:
		err = errors.New("cannot use --coverage-min: it is a percentage, from 0 to 100")
	}
	if err != nil {
		return p.misused(v, err)
	}
	pol, results, err := testPolicy(words[0])
	if err != nil {
		p.fail(err)
		return statusBroken
	}
	report := cover.Of(pol, results)
	if *asJSON {
		if err := p.sayJSON(testJSON(pol, results, report)); err != nil {
			p.fail(err)
			return statusBroken
		}
	} else {
		p.say(plain(strings.Join(append(testLines(pol, results, *verbose), coverLines(pol, report, *verbose)...), "\n")))
	}
	status := 0
	if failing(results) > 0 {
		status = statusFound
	}
	if report.Covered*100 < percent*report.Goals {
		p.fail(fmt.Errorf("cannot pass: the tests cover %d%% of the policy, at least %d%% is wanted", report.Percent(), percent))
		status = statusFound
	}
	return status
}

// testLines is how the tests fared.
func testLines(pol *policy.Policy, results []policy.Result, verbose bool) []string {
	var out []string
	first := ""
	for i := range results {
		r := &results[i]
		why, hint := r.Why()
		switch {
		case why != "":
			out = append(out, fmt.Sprintf("FAIL  %s:%s: %s", pol.Name, r.Pos, oneLine(r.Run)), "      "+why)
			if hint != "" {
				out = append(out, "      "+hint)
			}
			if first == "" {
				first = r.Run
			}
		case verbose:
			out = append(out, fmt.Sprintf("ok    %s:%s: %s", pol.Name, r.Pos, oneLine(r.Run)), "      "+got(r))
		}
	}
	if first != "" {
		out = append(out, "", "hint: opsctl policy explain "+quote(pol.Name)+" "+quote(first))
	}
	if len(out) > 0 {
		out = append(out, "")
	}
	n := failing(results)
	text := count(len(results), "test", "tests")
	switch {
	case len(results) == 0:
		text = "no tests: whoever changes the policy has nothing to hold it to"
	case n == 0:
		text += ", all ok"
	default:
		text += fmt.Sprintf(": %d ok, %d FAIL", len(results)-n, n)
	}
	return append(out, text)
}

// got says what became of a test's line.
func got(r *policy.Result) string {
	switch {
	case r.Match != nil:
		return fmt.Sprintf("allowed by line %d: %s", r.Match.Rule.Pos.Line, r.Match.Rule.Text)
	case r.Err != nil:
		return "refused: " + r.Err.Error()
	case r.Refusal.Word == len(r.Command.Words) && r.Command.Input != nil:
		return fmt.Sprintf("refused: behind <, %s: %s", quote(*r.Command.Input), r.Refusal.Reason)
	case r.Refusal.Word >= 0 && r.Refusal.Word < len(r.Command.Words):
		return fmt.Sprintf("refused: word %d, %s: %s", r.Refusal.Word+1, quote(r.Command.Words[r.Refusal.Word]), r.Refusal.Reason)
	}
	return "refused: " + r.Refusal.Reason
}

// oneLine is a line as it is, or quoted where it holds what a terminal obeys or doesn't show.
func oneLine(text string) string {
	if strings.ContainsAny(text, "\n\t") || line.Plain(text) != text {
		return quote(text)
	}
	return text
}

// coverLines is what the tests don't touch, and tests that would.
func coverLines(pol *policy.Policy, report *cover.Report, verbose bool) []string {
	out := []string{fmt.Sprintf("coverage %d%%: %d of %d", report.Percent(), report.Covered, report.Goals)}
	gaps := report.Gaps
	if !verbose {
		gaps = gaps[:min(len(gaps), shownGaps)]
	}
	if len(gaps) > 0 {
		out = append(out, "", "not covered:")
	}
	proposed := map[cover.Proposal]bool{}
	var tests []string
	for _, g := range gaps {
		what := g.What
		if g.Usage != "" {
			what += ": " + g.Usage
		}
		out = append(out, fmt.Sprintf("  %s:%s: %s", pol.Name, g.Pos, what))
		if g.Test == nil {
			out = append(out, "    (found no line for a test of it)")
			continue
		}
		if !proposed[*g.Test] {
			proposed[*g.Test] = true
			tests = append(tests, "", "[[test]]", "run  = "+tomlText(g.Test.Run), "want = "+tomlText(want(g.Test.Allow)))
		}
	}
	if n := len(report.Gaps) - len(gaps); n > 0 {
		out = append(out, fmt.Sprintf("  and %d more: -v lists them", n))
	}
	if len(tests) > 0 {
		out = append(append(out, "", "tests to add, if this is what the policy is meant to do:"), tests...)
	}
	return out
}

func want(allow bool) string {
	if allow {
		return "allow"
	}
	return "refuse"
}

// tomlText is a printable text as TOML writes it.
func tomlText(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
}

type jsonTest struct {
	Place string `json:"place"`
	Run   string `json:"run"`
	Want  string `json:"want"`
	Got   string `json:"got"`
	OK    bool   `json:"ok"`
	Why   string `json:"why"` // which usage line permits it, or why it is refused
}

type jsonGap struct {
	Place string `json:"place"`
	What  string `json:"what"`
	Usage string `json:"usage,omitempty"`
	Goals int    `json:"goals"` // how many it stands for
	Run   string `json:"run,omitempty"`
	Want  string `json:"want,omitempty"`
}

type jsonTests struct {
	Tests    []jsonTest `json:"tests"`
	Failed   int        `json:"failed"`
	Goals    int        `json:"goals"`
	Covered  int        `json:"covered"`
	Coverage int        `json:"coverage"` // percent, rounded down
	Gaps     []jsonGap  `json:"gaps"`
}

func testJSON(pol *policy.Policy, results []policy.Result, report *cover.Report) jsonTests {
	out := jsonTests{Tests: []jsonTest{}, Gaps: []jsonGap{}, Failed: failing(results), Goals: report.Goals, Covered: report.Covered, Coverage: report.Percent()}
	place := func(at policy.Pos) string { return pol.Name + ":" + at.String() }
	for i := range results {
		r := &results[i]
		why, _ := r.Why()
		out.Tests = append(out.Tests, jsonTest{place(r.Pos), r.Run, want(r.Allow), want(r.Match != nil), why == "", got(r)})
	}
	for _, g := range report.Gaps {
		one := jsonGap{Place: place(g.Pos), What: g.What, Usage: g.Usage, Goals: g.Goals}
		if g.Test != nil {
			one.Run, one.Want = g.Test.Run, want(g.Test.Allow)
		}
		out.Gaps = append(out.Gaps, one)
	}
	return out
}
