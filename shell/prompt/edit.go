package prompt

import (
	"context"
	"fmt"
	"slices"
	"unicode"
)

var errTooLong = fmt.Errorf("cannot take the line: it is longer than %d KiB", maxLine>>10)

// handle does what a key is for. With done, the logical line is out.
func (p *Prompt) handle(ctx context.Context, r *reading, k key) (out string, done bool, err error) {
	if k.kind == kindSearch && !r.ask {
		if k, err = p.search(ctx, r); err != nil {
			return "", false, err
		}
	}
	tabbed := r.tabbed
	r.tabbed = false
	switch k.kind {
	case kindEnter:
		return p.enter(ctx, r, k)
	case kindPaste:
		return p.paste(ctx, r, k)
	case kindInterrupt:
		return "", false, p.interrupt("^C")
	case kindEOF:
		switch {
		case len(p.line.text) > 0:
			k.kind = kindDelete
		case r.begun != "": // out of a quote that was never meant to be open
			return "", false, p.interrupt("^D")
		default:
			if err := p.screen.leave("", true); err != nil {
				return "", false, err
			}
			_, err := p.line.end(keyEOF)
			return "", false, err
		}
	case kindClear:
		return "", false, p.screen.clear()
	case kindTab:
		if r.ask {
			p.screen.ring()
			break
		}
		return "", false, p.tab(r, tabbed)
	case kindUp, kindDown:
		p.recall(r, k.kind)
	case kindText:
		p.insert(r, k.text)
	}
	p.edit(r, k.kind)
	if len(p.line.text) == 0 {
		r.over = false
	}
	return "", false, p.show(r)
}

// insert puts typed text at the cursor, as much of it as a line may hold.
func (p *Prompt) insert(r *reading, text []rune) {
	if room := maxLine - p.size(r); len(string(text)) > room {
		r.over = true
		for len(string(text)) > room {
			text = text[:min(len(text)-1, max(room, 0))]
		}
		p.screen.ring()
	}
	if len(text) > 0 {
		p.line.insert(text)
	}
}

// edit changes the line or moves the cursor.
func (p *Prompt) edit(r *reading, k kind) {
	b := p.line
	text, pos := b.text, b.pos
	if p.screen.plain && k != kindBackspace && k != kindKillFront && k != kindKillBlank && k != kindKillLeft && k != kindYank {
		return // the cursor stays at the end, where a plain terminal shows it
	}
	switch k {
	case kindLeft:
		p.move(before(text, pos))
	case kindRight:
		p.move(after(text, pos))
	case kindBegin:
		b.press(keyBegin)
	case kindEnd:
		b.press(keyEnd)
	case kindWordLeft:
		p.move(wordBefore(text, pos))
	case kindWordRight:
		p.move(wordAfter(text, pos))
	case kindBackspace:
		switch from := before(text, pos); {
		case pos == 0:
			p.screen.ring()
		case from == pos-1:
			b.press(keyBackspace)
		default:
			b.set(slices.Delete(slices.Clone(text), from, pos), from)
		}
	case kindDelete:
		if pos == len(text) {
			p.screen.ring()
			break
		}
		b.set(slices.Delete(slices.Clone(text), pos, after(text, pos)), pos)
	case kindKill:
		if pos < len(text) { // or what was killed before is lost
			b.press(keyKill)
		}
	case kindKillFront:
		b.press(keyKillFront)
	case kindKillBlank:
		b.kill(blankBefore(text, pos), pos)
	case kindKillLeft:
		b.kill(wordBefore(text, pos), pos)
	case kindKillRight:
		b.kill(pos, wordAfter(text, pos))
	case kindYank:
		b.press(keyYank)
		if p.size(r) > maxLine {
			b.set(text, pos)
			p.screen.ring()
		}
	case kindTranspose:
		p.transpose()
	}
}

func (p *Prompt) move(to int) {
	switch b := p.line; to - b.pos {
	case 0:
		p.screen.ring()
	case 1:
		b.press(keyRight)
	case -1:
		b.press(keyLeft)
	default:
		b.set(b.text, to)
	}
}

// transpose swaps the characters before and behind the cursor, or the last two.
func (p *Prompt) transpose() {
	text, pos := p.line.text, p.line.pos
	if pos == len(text) {
		pos = before(text, pos)
	}
	from, to := before(text, pos), after(text, pos)
	if pos == 0 || from < 0 {
		p.screen.ring()
		return
	}
	swapped := slices.Concat(text[:from], text[pos:to], text[from:pos], text[to:])
	p.line.set(swapped, to)
}

// inWord says whether r is part of a word as the word movements see it.
func inWord(r rune) bool { return unicode.In(r, unicode.L, unicode.N, unicode.M) }

func wordBefore(text []rune, pos int) int {
	for pos > 0 && !inWord(text[pos-1]) {
		pos--
	}
	for pos > 0 && inWord(text[pos-1]) {
		pos--
	}
	return pos
}

func wordAfter(text []rune, pos int) int {
	for pos < len(text) && !inWord(text[pos]) {
		pos++
	}
	for pos < len(text) && inWord(text[pos]) {
		pos++
	}
	return pos
}

// blankBefore is where the word of the command line before the cursor begins.
func blankBefore(text []rune, pos int) int {
	for pos > 0 && unicode.IsSpace(text[pos-1]) {
		pos--
	}
	for pos > 0 && !unicode.IsSpace(text[pos-1]) {
		pos--
	}
	return pos
}

// recall goes through the history. What was typed or changed on the way is found again.
func (p *Prompt) recall(r *reading, k kind) {
	if r.ask {
		p.screen.ring()
		return
	}
	if !r.recalled {
		r.recalled, r.at, r.drafts = true, len(p.history), map[int][]rune{}
	}
	to := r.at - 1
	if k == kindDown {
		to = r.at + 1
	}
	if to < 0 || to > len(p.history) {
		p.screen.ring()
		return
	}
	r.drafts[r.at] = p.line.text
	r.at = to
	text, ok := r.drafts[to]
	if !ok {
		text = []rune(p.history[to])
	}
	if len(r.begun)+len(string(text)) > maxLine {
		p.screen.ring()
		text = nil
	}
	p.line.set(text, len(text))
}
