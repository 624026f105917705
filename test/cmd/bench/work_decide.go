package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"opsh/policy"
	"opsh/shell/answer"
	"opsh/shell/line"
)

// decisions: from a raw line to the rule that decides it, by the size of the policy and the length of the line.
func decisions(r *run) error {
	const usual = "tool%d run%d -t -e 'SELECT id, customer FROM orders WHERE state = 2' app_production"
	if err := r.decide("decision", "tools in the policy", []int{10, 100, 1000, 10_000}, func(n int) (string, string) {
		return sized(n, 1), fmt.Sprintf(usual, n-1, 0)
	}); err != nil {
		return err
	}
	if err := r.decide("decision", "usage lines of the tool", []int{1, 10, 100}, func(n int) (string, string) {
		return sized(1, n), fmt.Sprintf(usual, 0, n-1)
	}); err != nil {
		return err
	}
	// Up to what is split, and past it: such a line is refused unsplit.
	if err := r.decide("decision", "bytes of the line", []int{40, 100, 1000, 10_000, line.MaxBytes - 1000, 1 << 20}, func(n int) (string, string) {
		const around = "tool0 run0 -e ''"
		return sized(1, 1), "tool0 run0 -e '" + strings.Repeat("x", n-len(around)) + "'"
	}); err != nil {
		return err
	}
	return r.growth("reading the policy", "tools", []int{10, 100, 1000, 10_000}, func(n int) (time.Duration, error) {
		src := []byte(sized(n, 1))
		start := time.Now()
		_, err := policy.Parse("policy.toml", src, answer.Split)
		return time.Since(start), err
	})
}

// sized is a policy of many tools with many usage lines each.
func sized(tools, lines int) string {
	var b strings.Builder
	b.WriteString(policyHead)
	for t := range tools {
		fmt.Fprintf(&b, "[tool.tool%d]\npath = \"/usr/bin/true\"\nuser = \"nobody\"\nwhere.SQL = \"any\"\nwhere.DATABASE = [\"app_production\", \"app_replica\"]\nallow = [\n", t)
		for l := range lines {
			fmt.Fprintf(&b, "\"tool%d run%d [-t] [-N] -e SQL [DATABASE]\",\n", t, l)
		}
		b.WriteString("]\n")
	}
	return b.String()
}

// decide takes the time of one decision, of many in a row.
func (r *run) decide(name, x string, counts []int, made func(n int) (text, raw string)) error {
	const many = 2000
	type question struct {
		policy *policy.Policy
		raw    string
	}
	questions := map[int]question{}
	for _, n := range counts {
		text, raw := made(n)
		p, err := policy.Parse("policy.toml", []byte(text), answer.Split)
		if err != nil {
			return err
		}
		questions[n] = question{p, raw}
	}
	c := Curve{Name: name, X: x, Unit: "µs"}
	var all []contender
	for _, n := range counts {
		q := questions[n]
		all = append(all, contender{program: fmt.Sprint(n), run: func() (time.Duration, error) {
			times := max(many*100/(100+len(q.raw)), 10)
			start := time.Now()
			for range times {
				command, err := answer.Split(q.raw)
				if len(q.raw) > line.MaxBytes {
					if err == nil {
						return 0, fmt.Errorf("a line of %d bytes was split", len(q.raw))
					}
					continue
				}
				if err != nil {
					return 0, err
				}
				if _, refusal := q.policy.Decide(command); refusal != nil {
					return 0, refusal
				}
			}
			return time.Since(start) / time.Duration(times), nil
		}})
	}
	took, err := r.turns(name+" by "+x, r.times(50), all)
	if err != nil {
		return err
	}
	for i, a := range all {
		f := figure(took[a.program])
		c.Counts, c.Costs = append(c.Counts, float64(counts[i])), append(c.Costs, Figure{f.Median * 1000, f.Low * 1000, f.High * 1000})
	}
	r.found.Curves = append(r.found.Curves, c)
	return nil
}

// sizes are the binaries', as the image has them: without symbols and debugging data.
func sizes(r *run) error {
	out := filepath.Join(r.place.dir, "stripped")
	if err := stripped(out); err != nil {
		return err
	}
	for _, name := range []string{"opsh", "opsh-exec", "opsh-watch", "opsctl"} {
		info, err := os.Stat(filepath.Join(out, name))
		if err != nil {
			return err
		}
		r.own("size of "+name, "KiB", []float64{float64(info.Size()) / 1024}, "", nil)
	}
	for _, g := range programs() {
		if g.needs == "" || g.missing() != "" || strings.ContainsAny(g.name, ", /") {
			continue
		}
		size, err := packaged(g.needs)
		if err != nil {
			return err
		}
		r.own("size of the package that has "+g.name, "KiB", []float64{size}, "", nil)
	}
	return nil
}
