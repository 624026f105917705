package main

import (
	"fmt"
	"html"
	"math"
	"strings"
)

// Sizes of a panel, in the picture's units.
const (
	panelWide, panelHigh    = 300, 200
	leftOf, below, rightOf  = 62, 42, 14
	above, columns, titleAt = 34, 2, 18
	captionHigh             = 24
)

// style makes the picture readable on light and on dark pages.
const style = `text{font:12px system-ui,sans-serif;fill:#24292f}.small{font-size:10px}.title{font-weight:600}.frame{fill:none;stroke:#57606a}.grid{stroke:#d0d7de;stroke-width:.5}` +
	`.linear{fill:none;stroke:#8c959f;stroke-dasharray:4 4}.cost{fill:none;stroke:#0969da;stroke-width:2}.dot{fill:#0969da}.spread{stroke:#0969da;stroke-width:1.5}` +
	`@media(prefers-color-scheme:dark){text{fill:#e6edf3}.frame{stroke:#8d96a0}.grid{stroke:#30363d}.linear{stroke:#6e7681}.cost,.spread{stroke:#58a6ff}.dot{fill:#58a6ff}}`

// plot draws how costs grow, a panel each, both axes logarithmic. A cost that grows as fast as what there is more of runs along the dashed line.
func plot(curves []Curve) string {
	rows := (len(curves) + columns - 1) / columns
	wide, high := columns*(leftOf+panelWide+rightOf), rows*(above+panelHigh+below)+captionHigh
	var b strings.Builder
	fmt.Fprintf(&b, "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\" role=\"img\" aria-labelledby=\"title described\">\n", wide, high, wide, high)
	b.WriteString("<title id=\"title\">How opsh's costs grow</title>\n<desc id=\"described\">" + html.EscapeString(described(curves)) + "</desc>\n<style>" + style + "</style>\n")
	for i, c := range curves {
		fmt.Fprintf(&b, "<g transform=\"translate(%d %d)\">\n", i%columns*(leftOf+panelWide+rightOf)+leftOf, i/columns*(above+panelHigh+below)+above)
		c.panel(&b)
		b.WriteString("</g>\n")
	}
	fmt.Fprintf(&b, "<text class=\"small\" x=\"%d\" y=\"%d\">Dots are medians, bars reach from quartile to quartile. The dashed line is what linear growth from the first dot would be.</text>\n</svg>\n", leftOf, high-8)
	return b.String()
}

// described is the picture in words, for who can't see it.
func described(curves []Curve) string {
	var all []string
	for _, c := range curves {
		first, last := c.Costs[0], c.Costs[len(c.Costs)-1]
		all = append(all, fmt.Sprintf("%s: %s at %s, %s at %s %s, %s.", c.Name, first.in(c.Unit), whole(c.Counts[0]), last.in(c.Unit), whole(c.Counts[len(c.Counts)-1]), c.X, c.verdict()))
	}
	return strings.Join(all, " ")
}

// verdict says in words how fast the cost grows, by its steepest step between two counts; what the spread explains is no growth.
func (c Curve) verdict() string {
	const tolerance = 1.2 // what this project calls a difference
	for i := 1; i < len(c.Counts); i++ {
		if c.Costs[i].Low/c.Costs[i-1].High > tolerance*c.Counts[i]/c.Counts[i-1] {
			return fmt.Sprintf("more than linear from %s to %s", whole(c.Counts[i-1]), whole(c.Counts[i]))
		}
	}
	return "at most linear"
}

// axis places values on a logarithmic scale of whole powers of ten.
type axis struct{ from, to, length float64 }

func axisOf(length float64, values ...float64) axis {
	from, to := math.Inf(1), math.Inf(-1)
	for _, v := range values {
		from, to = min(from, math.Floor(math.Log10(v))), max(to, math.Ceil(math.Log10(v)))
	}
	return axis{from, max(to, from+1), length}
}

func (a axis) at(v float64) float64 { return (math.Log10(v) - a.from) / (a.to - a.from) * a.length }

func (c Curve) panel(b *strings.Builder) {
	var costs []float64
	for _, f := range c.Costs {
		costs = append(costs, f.Low, f.High)
	}
	x, y := axisOf(panelWide, c.Counts...), axisOf(panelHigh, costs...)
	up := func(v float64) float64 { return panelHigh - y.at(v) }
	fmt.Fprintf(b, "<text class=\"title\" x=\"0\" y=\"%d\">%s</text>\n", titleAt-above+4, html.EscapeString(c.Name+": "+c.verdict()))
	for p := x.from; p <= x.to; p++ {
		at := x.at(math.Pow(10, p))
		fmt.Fprintf(b, "<path class=\"grid\" d=\"M%.1f 0V%d\"/><text class=\"small\" x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%s</text>\n", at, panelHigh, at, panelHigh+14, count(math.Pow(10, p)))
	}
	for p := y.from; p <= y.to; p++ {
		at := up(math.Pow(10, p))
		fmt.Fprintf(b, "<path class=\"grid\" d=\"M0 %.1fH%d\"/><text class=\"small\" x=\"-6\" y=\"%.1f\" text-anchor=\"end\">%s</text>\n", at, panelWide, at+4, mark(math.Pow(10, p), c.Unit))
	}
	fmt.Fprintf(b, "<rect class=\"frame\" width=\"%d\" height=\"%d\"/><text x=\"%d\" y=\"%d\" text-anchor=\"middle\">%s</text>\n", panelWide, panelHigh, panelWide/2, panelHigh+30, html.EscapeString(c.X))
	// The dashed line is linear growth from the first cost on, as far as the frame goes.
	end := min(c.Counts[len(c.Counts)-1]/c.Counts[0], math.Pow(10, y.to)/c.Costs[0].Median)
	fmt.Fprintf(b, "<path class=\"linear\" d=\"M%.1f %.1fL%.1f %.1f\"/>\n", x.at(c.Counts[0]), up(c.Costs[0].Median), x.at(c.Counts[0]*end), up(c.Costs[0].Median*end))
	line := ""
	for i, f := range c.Costs {
		line += fmt.Sprintf("%s%.1f %.1f", map[bool]string{true: "M", false: "L"}[i == 0], x.at(c.Counts[i]), up(f.Median))
		fmt.Fprintf(b, "<path class=\"spread\" d=\"M%.1f %.1fV%.1f\"/><circle class=\"dot\" cx=\"%.1f\" cy=\"%.1f\" r=\"3\"><title>%s</title></circle>\n",
			x.at(c.Counts[i]), up(f.Low), up(f.High), x.at(c.Counts[i]), up(f.Median), html.EscapeString(whole(c.Counts[i])+" "+c.X+": "+f.in(c.Unit)))
	}
	fmt.Fprintf(b, "<path class=\"cost\" d=\"%s\"/>\n", line)
}

// mark writes a power of ten at the axis of costs.
func mark(v float64, unit string) string {
	v, unit = readable(v, unit)
	return fmt.Sprintf("%.4g %s", v, unit)
}

// count writes a power of ten shortly.
func count(v float64) string {
	for _, u := range []struct {
		from float64
		unit string
	}{{1e9, "G"}, {1e6, "M"}, {1e3, "k"}} {
		if v >= u.from {
			return fmt.Sprintf("%.0f%s", v/u.from, u.unit)
		}
	}
	return fmt.Sprintf("%.0f", v)
}
