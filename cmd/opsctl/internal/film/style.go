package film

import (
	"fmt"
	"image/color"
	"math"
	"unicode/utf8"

	uv "github.com/charmbracelet/ultraviolet"
	"github.com/charmbracelet/x/ansi"
)

// Style is how text looks. The zero Style is plain text.
type Style struct {
	Text, Ground string // colors, "#rrggbb"; empty: the screen's own
	Marks        string // letters: bold, italic, underlined, struck out, hidden
}

// The screen's own colors. The page draws it with the same.
const (
	PlainText   = "#e6e6e6"
	PlainGround = "#16181d"
)

// named are the sixteen colors that have names, as they can be read on the screen's own ground.
var named = [16]color.RGBA{
	{0x16, 0x18, 0x1d, 255}, {0xf2, 0x77, 0x7a, 255}, {0x99, 0xcc, 0x99, 255}, {0xff, 0xcc, 0x66, 255},
	{0x7a, 0xb0, 0xff, 255}, {0xd8, 0x9b, 0xe8, 255}, {0x66, 0xcc, 0xcc, 255}, {0xe6, 0xe6, 0xe6, 255},
	{0x9a, 0x9a, 0x9a, 255}, {0xff, 0x9a, 0x9c, 255}, {0xb8, 0xe6, 0xb8, 255}, {0xff, 0xe0, 0x99, 255},
	{0xa6, 0xcb, 0xff, 255}, {0xe8, 0xbc, 0xf4, 255}, {0x99, 0xe6, 0xe6, 255}, {0xff, 0xff, 0xff, 255},
}

// styleOf is a cell's style. Text is always shown readable, also what a tool had the terminal hide, or printed in the color of its ground: who
// reads the evidence must see it.
func styleOf(c uv.Style) (s Style) {
	text, ground := rgb(c.Fg, PlainText), rgb(c.Bg, PlainGround)
	if c.Attrs&uv.AttrReverse != 0 {
		text, ground = ground, text
	}
	if contrast(text, ground) < readable {
		black, white := color.RGBA{0, 0, 0, 255}, color.RGBA{255, 255, 255, 255}
		text = white
		if contrast(black, ground) > contrast(white, ground) {
			text = black
		}
	}
	if h := hex(text); h != PlainText {
		s.Text = h
	}
	if h := hex(ground); h != PlainGround {
		s.Ground = h
	}
	for _, m := range []struct {
		is   bool
		mark string
	}{
		{c.Attrs&uv.AttrBold != 0, "b"}, {c.Attrs&uv.AttrItalic != 0, "i"}, {c.Underline != 0, "u"},
		{c.Attrs&uv.AttrStrikethrough != 0, "s"}, {c.Attrs&uv.AttrConceal != 0, "h"},
	} {
		if m.is {
			s.Marks += m.mark
		}
	}
	return s
}

// rgb is a color's own value; that of other when there is none.
func rgb(c color.Color, other string) color.RGBA {
	switch c := c.(type) {
	case nil:
		var out color.RGBA
		fmt.Sscanf(other, "#%02x%02x%02x", &out.R, &out.G, &out.B) //nolint:errcheck // it is a constant
		out.A = 255
		return out
	case ansi.BasicColor:
		return named[c&15]
	case ansi.IndexedColor:
		if c < 16 {
			return named[c]
		}
	}
	r, g, b, _ := c.RGBA()
	return color.RGBA{byte(r >> 8), byte(g >> 8), byte(b >> 8), 255}
}

func hex(c color.RGBA) string { return fmt.Sprintf("#%02x%02x%02x", c.R, c.G, c.B) }

// readable is the least contrast of text: https://www.w3.org/TR/WCAG22/#contrast-minimum
const readable = 4.5

// contrast is that of https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio
func contrast(a, b color.RGBA) float64 {
	la, lb := luminance(a), luminance(b)
	return (max(la, lb) + 0.05) / (min(la, lb) + 0.05)
}

func luminance(c color.RGBA) float64 {
	part := func(v byte) float64 {
		f := float64(v) / 255
		if f <= 0.04045 {
			return f / 12.92
		}
		return math.Pow((f+0.055)/1.055, 2.4)
	}
	return 0.2126*part(c.R) + 0.7152*part(c.G) + 0.0722*part(c.B)
}

func firstRune(text string) (rune, int) { return utf8.DecodeRuneInString(text) }

// width is how many columns a character takes.
func width(r rune) int { return max(1, ansi.StringWidth(string(r))) }
