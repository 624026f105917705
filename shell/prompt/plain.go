package prompt

import "strings"

// refreshPlain draws on a terminal of which nothing is known: what is added at the end is written, what is
// taken off there is wiped with backspaces, and anything else is written anew on a line of its own. The
// cursor always stands at the end.
func (p *painter) refreshPlain(next *layout) {
	if !p.shown {
		p.cells(next.cells)
		return
	}
	n := next.same(p.now)
	gone := p.now.cells[n:]
	switch {
	case p.now.width == next.width && len(gone) == 0:
		p.cells(next.cells[n:])
	case p.now.width == next.width && n == len(next.cells) && p.now.end.row == next.end.row:
		w := p.now.end.col - next.end.col
		p.text(strings.Repeat("\b", w) + strings.Repeat(" ", w) + strings.Repeat("\b", w))
	default:
		p.newline()
		p.cells(next.cells)
	}
}

func (p *painter) cells(cells []cell) {
	for _, c := range cells {
		p.text(c.text)
	}
}
