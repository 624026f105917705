package main

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"opsh/cmd/opsctl/internal/compare"
	"opsh/policy"
)

func policyDiffVerb() verb {
	v := verb{
		name: "policy diff", usage: "[--json] OLD NEW | [--json] --git REV[..REV] PATH",
		about: "Says what a change of a policy newly permits and newly refuses",
		more: `
OLD and NEW are files, or REV:PATH as git show takes it. With --git, PATH as it was at
REV is compared with the file, or with what it was at the second REV.

Every example was decided under both policies. The marks:

  WIDER     it permits what was refused
  REVIEW    neither value permits more, or opsh can't know; somebody must look
  UNKNOWN   it can't be told in reasonable time; counts as wider
  narrower  it refuses what was permitted
  note      permits neither more nor less

Exit status: 0 nothing is wider, 1 something is WIDER, for REVIEW or UNKNOWN,
2 wrong use, 125 a policy can't be read or NEW doesn't load. Where OLD has mistakes,
all of NEW counts as new. An empty file for OLD does the same.`,
	}
	v.run = func(p *person, args []string) int { return p.policyDiff(v, args) }
	return v
}

func (p *person) policyDiff(v verb, args []string) int {
	o := options()
	asJSON := o.Bool("json", false, "")
	revs := o.String("git", "", "")
	words, err := parse(o, args)
	if err != nil {
		return p.misused(v, err)
	}
	var from, to kept
	switch {
	case *revs != "" && len(words) == 1:
		if from, to, err = revisions(*revs, words[0]); err != nil {
			return p.misused(v, err)
		}
	case *revs != "":
		return p.misused(v, fmt.Errorf("cannot compare %d files: --git takes one", len(words)))
	case len(words) == 2:
		if from, err = p.named(words[0]); err == nil {
			to, err = p.named(words[1])
		}
		if err != nil {
			p.fail(err)
			return statusBroken
		}
	default:
		return p.misused(v, fmt.Errorf("cannot compare %s: give two", count(len(words), "policy", "policies")))
	}
	older, newer := make(chan loaded, 1), make(chan loaded, 1)
	go func() { older <- p.load(from) }()
	go func() { newer <- p.load(to) }()
	before, after := <-older, <-newer
	if after.err != nil {
		p.fail(after.err, missing(after.err))
		return statusBroken
	}
	if mistakes := (*policy.Errors)(nil); errors.As(before.err, &mistakes) {
		p.warn(fmt.Sprintf("%s doesn't load, so that all of %s counts as new. It has %s, the first in line %d: %s",
			from, to, count(len(mistakes.List), "mistake", "mistakes"), mistakes.List[0].Pos.Line, mistakes.List[0].Msg))
	} else if before.err != nil {
		p.fail(before.err, missing(before.err), "to compare with nothing, give an empty file for OLD")
		return statusBroken
	}
	report := compare.Policies(compare.Source{Name: from.String(), Policy: before.policy}, compare.Source{Name: to.String(), Policy: after.policy})
	if !*asJSON {
		p.say(diffText(report))
	} else if err := p.sayJSON(diffJSON{Old: from.String(), New: to.String(), Widened: report.Widened(), Changes: report.Changes}); err != nil {
		p.fail(err)
		return statusBroken
	}
	if report.Widened() {
		return statusFound
	}
	return 0
}

// loaded is a policy, or why there is none.
type loaded struct {
	policy *policy.Policy
	err    error
}

func (p *person) load(v kept) loaded {
	loads, err := p.read(v)
	return loaded{loads, err}
}

// missing is what to do about a file that isn't there.
func missing(err error) string {
	if errors.Is(err, fs.ErrNotExist) {
		return "name a file, or REV:PATH for one in git"
	}
	return ""
}

// diffJSON is the answer for programs.
type diffJSON struct {
	Old     string           `json:"old"`
	New     string           `json:"new"`
	Widened bool             `json:"widened"` // the exit status is 1
	Changes []compare.Change `json:"changes"`
}

// diffText is the answer for people: what changed, one subject after the other, and a last line that sums it up.
func diffText(r *compare.Report) string {
	var b strings.Builder
	last := compare.Change{}
	for _, c := range r.Changes {
		if c.Subject != last.Subject {
			fmt.Fprintf(&b, "%s\n", plain(c.Subject))
			last = compare.Change{Subject: c.Subject}
		}
		mark := string(c.Effect)
		if c.Effect.Widens() {
			mark = strings.ToUpper(mark)
		}
		mark = fmt.Sprintf("  %-8s  ", mark)
		if c.Usage != "" {
			if c.At != last.At || c.Effect != last.Effect {
				fmt.Fprintf(&b, "%s%s: %s\n", mark, plain(c.At), plain(c.Usage))
			}
			if c.Example == nil || c.Example.Checked {
				fmt.Fprintf(&b, "            %s\n", plain(c.Text))
			}
		} else {
			fmt.Fprintf(&b, "%s%s", mark, plain(c.Setting+": "+c.Text))
			if c.At != "" {
				fmt.Fprintf(&b, " (%s)", plain(c.At))
			}
			b.WriteByte('\n')
		}
		if c.Example != nil {
			fmt.Fprintf(&b, "              %s\n              %s: %s\n", c.Example.Line, otherwise(c), plain(c.Example.Otherwise))
		}
		last = c
	}
	return b.String() + summary(r)
}

// otherwise says what an example's explanation explains.
func otherwise(c compare.Change) string {
	switch {
	case c.Effect == compare.Narrower && c.Example.Checked:
		return "is checked now"
	case c.Effect == compare.Narrower:
		return "is refused now"
	case c.Example.Checked:
		return "was checked"
	}
	return "was refused"
}

func summary(r *compare.Report) string {
	if len(r.Changes) == 0 {
		return "The policies permit the same."
	}
	var counts []string
	for _, e := range []compare.Effect{compare.Wider, compare.Review, compare.Unknown, compare.Narrower} {
		if n := r.Count(e); n > 0 {
			counts = append(counts, fmt.Sprintf("%d %s", n, map[compare.Effect]string{
				compare.Wider: "wider", compare.Review: "for review", compare.Unknown: "unknown", compare.Narrower: "narrower"}[e]))
		}
	}
	if r.Widened() {
		return strings.Join(counts, ", ") + ": the security team must look at this."
	}
	return strings.Join(append([]string{"Nothing is wider"}, counts...), ", ") + "."
}
