package main

import (
	"fmt"
	"slices"
	"strings"
)

// markdown is what is printed, and what the README holds.
func (f *record) markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s, %s, seed %d%s. ", f.Date, f.Machine, f.Seed, map[bool]string{true: "; a short look"}[f.Quick])
	b.WriteString("Medians of runs in turns, in a new order each time. Under opsh are its own; under the others, how many times theirs opsh's are (below 1, opsh\n" +
		"is ahead), and the quartiles of the turns' ratios. All figures, the programs' own included, are in [bench.json](" + figuresFile + ").\n\n")
	if len(f.Cells) > 0 {
		f.peers(&b)
		b.WriteString("\n")
		f.lacking(&b)
	}
	if len(f.Own) > 0 {
		b.WriteString("\n")
		f.costs(&b)
	}
	if len(f.Guard) > 0 {
		b.WriteString("\nThe guard, beside a container that has none:\n\n- " + strings.Join(f.Guard, "\n- ") + "\n")
	}
	if len(f.Connect) > 0 {
		b.WriteString("\nFrom a laptop, over the stand-in for AWS:\n\n- " + strings.Join(f.Connect, "\n- ") + "\n")
	}
	if len(f.Curves) > 0 {
		fmt.Fprintf(&b, "\n![%s](%s)\n", described(f.Curves), plotFile)
	}
	return b.String()
}

// peers is the table of programs and work.
func (f *record) peers(b *strings.Builder) {
	var works, names []string
	cells := map[[2]string]Cell{}
	for _, c := range f.Cells {
		cells[[2]string{c.Program, c.Work}] = c
		if !slices.Contains(works, c.Work) {
			works = append(works, c.Work)
		}
	}
	for _, g := range programs() {
		names = append(names, g.name)
	}
	b.WriteString("| | " + strings.Join(names, " | ") + " |\n|---" + strings.Repeat("|---", len(names)) + "|\n")
	for _, w := range works {
		b.WriteString("| " + w)
		for _, n := range names {
			b.WriteString(" | " + cells[[2]string{n, w}].text())
		}
		b.WriteString(" |\n")
	}
	b.WriteString("| does less")
	for _, g := range programs() {
		b.WriteString(" | " + strings.Join(strings.Split(g.lacks, ""), " "))
	}
	b.WriteString(" |\n")
}

func (c Cell) text() string {
	switch {
	case c.Missing != "":
		return c.Missing
	case c.Unit == "":
		return ""
	case c.Program == opshName:
		return "**" + c.Figure.in(c.Unit) + "**"
	case c.Ratio.Low == c.Ratio.High:
		return short(c.Ratio.Median)
	}
	return c.Ratio.times()
}

// lacking explains the letters of the table's last line.
func (f *record) lacking(b *strings.Builder) {
	b.WriteString("What the others do less:")
	for i, l := range lacking {
		fmt.Fprintf(b, " **%s** %s%s", l.letter, l.what, map[bool]string{true: ".", false: ";"}[i == len(lacking)-1])
	}
	b.WriteString("\n")
}

// costs is the table of what no peer has.
func (f *record) costs(b *strings.Builder) {
	b.WriteString("| of opsh alone | | beside it | times |\n|---|---|---|---|\n")
	for _, o := range f.Own {
		other, ratio := "", ""
		if o.Beside != "" {
			other, ratio = o.Other.in(o.Unit)+" "+o.Beside, o.Ratio.times()
		}
		fmt.Fprintf(b, "| %s | %s | %s | %s |\n", o.Name, o.Figure.in(o.Unit), other, ratio)
	}
	for _, c := range f.Curves {
		var all []string
		for i, n := range c.Counts {
			all = append(all, whole(n)+": "+c.Costs[i].in(c.Unit))
		}
		fmt.Fprintf(b, "| %s by %s | %s | | %s |\n", c.Name, c.X, strings.Join(all, ", "), c.verdict())
	}
}

// whole writes a whole number with commas.
func whole(v float64) string {
	s := fmt.Sprintf("%.0f", v)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
