package replay

import (
	"fmt"
	"regexp"
	"strings"
)

// Safe lets of a recorded output through what draws: text, colours, and what moves the cursor, erases and scrolls. A recording is what a tool printed, and
// a terminal obeys more than that: it puts text into the clipboard, changes its title, answers questions into the keyboard of who watches, prints, reports
// the mouse. None of these comes through, nor what isn't known here. What is cut anywhere is put together again.
type Safe struct {
	// Rows is the height of the recorded terminal: scrolling regions stay within it. 0: whatever they are.
	Rows int

	state state
	held  strings.Builder // the sequence so far, behind ESC or CSI
}

type state int

const (
	ground  state = iota
	escape        // behind ESC
	charset       // behind ESC and one of ( ) * + # % or blank
	control       // behind CSI
	text          // in OSC, DCS, APC, PM or SOS, until ST
)

// heldMost bounds a sequence. A longer one is nobody's, and is left out.
const heldMost = 256

// Write returns what may be shown of the next piece.
func (s *Safe) Write(piece string) string {
	var out strings.Builder
	for _, r := range piece {
		switch {
		case r >= 0x80 && r < 0xa0: // C1, each of which is ESC and a letter
			s.take(&out, 0x1b)
			s.take(&out, r-0x40)
		default:
			s.take(&out, r)
		}
	}
	return out.String()
}

func (s *Safe) take(out *strings.Builder, r rune) {
	switch {
	case r == 0x18 || r == 0x1a: // CAN, SUB end whatever was begun
		s.state = ground
	case r == 0x1b:
		s.state = escape
		s.held.Reset()
	case s.state == text:
		if r == 0x07 {
			s.state = ground
		}
	case r < ' ':
		// Between and within sequences alike: a terminal obeys these at once. ENQ would be answered, BEL is heard.
		if strings.ContainsRune("\b\t\n\v\f\r\x0e\x0f", r) {
			out.WriteRune(r)
		}
	case r == 0x7f:
	case s.state == ground:
		if drawn(r) {
			out.WriteRune(r)
		}
	default:
		s.within(out, r)
	}
}

// drawn says that a character is one to show: not what turns the direction of others around.
func drawn(r rune) bool {
	return !(r >= 0x202a && r <= 0x202e) && !(r >= 0x2066 && r <= 0x2069)
}

// within takes the next character of a sequence.
func (s *Safe) within(out *strings.Builder, r rune) {
	if s.held.Len() < heldMost {
		s.held.WriteRune(r)
	}
	switch s.state {
	case escape:
		switch {
		case r == '[':
			s.state = control
			s.held.Reset()
		case strings.ContainsRune("]PX^_", r):
			s.state = text
		case strings.ContainsRune("()*+#%- ./", r):
			s.state = charset
		default:
			s.state = ground
			if strings.ContainsRune("78DEM", r) {
				out.WriteString("\x1b" + string(r))
			} else if r == 'c' { // a reset of all, the window's size and the scrolled-off lines included, is a reset of what is drawn
				out.WriteString(clear)
			}
		}
	case charset:
		s.state = ground
		if sets.MatchString(s.held.String()) {
			out.WriteString("\x1b" + s.held.String())
		}
	case control:
		if r >= '@' && r <= '~' {
			s.state = ground
			out.WriteString(s.controlled(s.held.String()))
		}
	}
}

var (
	// sets are character sets, and lines of double size.
	sets = regexp.MustCompile(`\A(?:[()*+][0-2AB<>]|#[3-68])\z`)
	// draws are the control sequences that draw, behind CSI, with at most 4 digits in a row: repeating a character two billion times is
	// no drawing. m has the colons of colours in it.
	// J erases the screen and not what has scrolled off it, which is of who watches. Tab stops, which g clears and ESC H sets,
	// stay as they are: nothing sets them again behind a replay.
	draws = regexp.MustCompile(`\A(?:(?:[0-9]{1,4}(?:;[0-9]{0,4})*|(?:;[0-9]{0,4})*)[@A-IK-MPSTXZ` + "`" + `abdefrsu]|[012]?J|[0-9;:]{0,120}m|!p)\z`)
	// modes are those that change what is drawn: wrapping, insertion, the cursor's look, the alternate screen.
	modes = regexp.MustCompile(`\A(?:\?(?:5|6|7|25|47|1047|1048|1049)|4|20)[hl]\z`)
	// region is a scrolling region up to the last row.
	region = regexp.MustCompile(`\A([0-9]{0,4});?0*r\z`)
)

// controlled is a control sequence as it may be shown; "": not at all.
func (s *Safe) controlled(body string) string {
	if !draws.MatchString(body) && !modes.MatchString(body) {
		return s.several(body)
	}
	if m := region.FindStringSubmatch(body); m != nil && s.Rows > 0 {
		first := m[1]
		if first == "" {
			first = "1"
		}
		return fmt.Sprintf("\x1b[%s;%dr", first, s.Rows)
	}
	if body == "!p" {
		return "\x1b[!p" + s.bounds()
	}
	return "\x1b[" + body
}

// several takes apart a setting of several modes at once.
func (s *Safe) several(body string) string {
	list, private := strings.CutPrefix(body, "?")
	last := len(list) - 1
	if last < 1 || list[last] != 'h' && list[last] != 'l' || !strings.Contains(list, ";") {
		return ""
	}
	var out strings.Builder
	for _, one := range strings.Split(list[:last], ";") {
		if private {
			one = "?" + one
		}
		if one += list[last:]; modes.MatchString(one) {
			out.WriteString("\x1b[" + one)
		}
	}
	return out.String()
}

// bounds is the scrolling region at the start.
func (s *Safe) bounds() string {
	if s.Rows == 0 {
		return ""
	}
	return fmt.Sprintf("\x1b7\x1b[1;%dr\x1b8", s.Rows)
}

// Text is a piece without any sequence: for who reads it elsewhere than in a terminal. Lines end in LF.
type Text struct{ safe Safe }

// Write returns the text of the next piece.
func (t *Text) Write(piece string) string {
	drawn := t.safe.Write(piece)
	drawn = sequences.ReplaceAllString(drawn, "")
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' && r != '\t' {
			return -1
		}
		return r
	}, drawn)
}

// sequences is what Safe lets through beside text.
var sequences = regexp.MustCompile(`\x1b(?:\[[!?0-9;:]*[ -~]|[()*+#].|[ -~])`)
