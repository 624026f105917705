package main

import (
	"fmt"
	"slices"
	"strings"
)

// markdown is what is printed, and what the README holds.
func (f *record) markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s, %s, seed %d%s.\n\n", f.Date, f.Machine, f.Seed, map[bool]string{true: "; a short look"}[f.Quick])
	f.peers(&b)
	b.WriteString("\n")
	f.lacking(&b)
	b.WriteString("\n")
	f.costs(&b)
	return b.String()
}

// peers is the table of programs and work. Opsh's line has figures; the others' say how many times theirs opsh's are.
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
		return c.Figure.in(c.Unit) + "; " + short(c.Ratio.Median)
	}
	return c.Figure.in(c.Unit) + "; " + c.Ratio.times()
}

func (f *record) lacking(b *strings.Builder) {
	b.WriteString("Medians; behind each, how many times that opsh takes: the median of the turns' ratios and its quartiles. Under 1, opsh is faster. What a program does less than opsh:\n")
	for i, l := range lacking {
		fmt.Fprintf(b, "%s %s%s\n", l.letter, l.what, map[bool]string{true: ".", false: ";"}[i == len(lacking)-1])
	}
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
		last := len(c.Costs) - 1
		if last < 0 {
			continue
		}
		fmt.Fprintf(b, "| %s, %s to %s %s | %s to %s | | |\n", c.Name, short(c.Counts[0]), whole(c.Counts[last]), c.X, c.Costs[0].in(c.Unit), c.Costs[last].in(c.Unit))
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
