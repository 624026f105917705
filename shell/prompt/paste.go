package prompt

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"
)

// Bounds. Past them a paste is refused whole: half of a command is another command.
const (
	maxLine       = 64 << 10 // bytes of a logical line
	maxPaste      = 1 << 20  // bytes of a paste
	maxPasteLines = 1000
)

const (
	// hush is how long nothing must come before a paste without marks counts as over.
	hush = 50 * time.Millisecond
	// grace is how long more may take to come behind a newline that came in one piece with what stands before it.
	grace = 20 * time.Millisecond
)

var pasteBegin, pasteEnd = []byte("\x1b[200~"), []byte("\x1b[201~")

// pasted is a marked paste as far as it has come.
type pasted struct {
	data []byte
	over bool
}

// readPaste reads up to the mark that ends a paste. Nothing in it is a key.
func (d *decoder) readPaste(ctx context.Context) (key, error) {
	p := d.pasting
	for {
		if len(d.buf) == 0 {
			if err := d.fetch(ctx); err != nil {
				return key{}, err
			}
		}
		from := max(len(p.data)-len(pasteEnd)+1, 0)
		p.data = append(p.data, d.buf...)
		d.buf = d.buf[:0]
		if i := bytes.Index(p.data[from:], pasteEnd); i >= 0 {
			d.buf = append([]byte(nil), p.data[from+i+len(pasteEnd):]...)
			d.pasting = nil
			return key{kind: kindPaste, paste: p.data[:from+i], over: p.over || from+i > maxPaste}, nil
		}
		if len(p.data) > maxPaste+len(pasteEnd) { // the end may have begun
			p.over = true
			p.data = append([]byte(nil), p.data[len(p.data)-len(pasteEnd)+1:]...)
		}
	}
}

// gather takes what comes until nothing comes any more. Past maxPaste it drops it.
func (d *decoder) gather(ctx context.Context) (b []byte, over bool) {
	for d.wait(ctx, hush) {
		if len(d.buf) == 0 && d.fetch(ctx) != nil {
			break
		}
		if over = over || len(b)+len(d.buf) > maxPaste; !over {
			b = append(b, d.buf...)
		}
		d.buf = d.buf[:0]
	}
	return b, over
}

// pasteError says why a paste is refused.
func pasteError(format string, args ...any) error {
	return fmt.Errorf("cannot take the paste: "+format, args...)
}

var newlines = strings.NewReplacer("\r\n", "\n", "\r", "\n")

// decode is the pasted text with its newlines as \n. Bytes that aren't UTF-8 can't be shown or edited, and
// leaving them out would make another command.
func decode(raw []byte, over bool) (string, error) {
	switch {
	case over:
		return "", pasteError("it is longer than %d KiB", maxPaste>>10)
	case !utf8.Valid(raw):
		return "", pasteError("it is not UTF-8 text")
	}
	return newlines.Replace(string(raw)), nil
}

// paste takes a marked paste into the line r. With done, the logical line is out.
func (p *Prompt) paste(ctx context.Context, r *reading, k key) (out string, done bool, err error) {
	text, err := decode(k.paste, k.over)
	if err != nil {
		return "", false, p.refuse(r, err)
	}
	text = strings.TrimRight(text, "\n") // the end of a single line: Enter is left to the operator
	if r.ask {
		text = strings.ReplaceAll(text, "\n", " ")
	}
	if !strings.Contains(text, "\n") {
		if p.size(r)+len(text) > maxLine {
			return "", false, p.refuse(r, pasteError("the line would be longer than %d KiB", maxLine>>10))
		}
		p.line.insert([]rune(text))
		return "", false, p.show(r)
	}
	if bytes.HasSuffix(k.paste, []byte("\n")) || bytes.HasSuffix(k.paste, []byte("\r")) {
		text += "\n"
	}
	at := p.line.pos
	return p.takeLines(ctx, r, string(p.line.text[:at])+text+string(p.line.text[at:]))
}

// burst takes what stands behind a newline already, and comes right after: a paste in a terminal that
// doesn't mark it, or a person typing ahead.
func (p *Prompt) burst(ctx context.Context, r *reading) (out string, done bool, err error) {
	raw, over := p.keys.gather(ctx)
	raw = bytes.ReplaceAll(bytes.ReplaceAll(raw, pasteBegin, nil), pasteEnd, nil)
	text, err := decode(raw, over)
	if err != nil {
		return "", false, p.refuse(r, err)
	}
	return p.takeLines(ctx, r, string(p.line.text)+"\n"+text)
}

// refuse drops what was typed and pasted, says why, and shows the prompt again.
func (p *Prompt) refuse(r *reading, why error) error {
	r.restart()
	p.line.set(nil, 0)
	if err := p.screen.replace("opsh: error: " + why.Error()); err != nil {
		return err
	}
	return p.show(r)
}

// takeLines takes text that holds a newline in place of the line: its lines are shown and confirmed before
// the first of them runs. Where none is complete, nothing runs yet, and they are as if typed.
func (p *Prompt) takeLines(ctx context.Context, r *reading, text string) (out string, done bool, err error) {
	complete, rest, err := p.logicalLines(r.begun + text)
	if err != nil {
		return "", false, p.refuse(r, err)
	}
	if len(complete) == 0 {
		if err := p.screen.replace(); err != nil {
			return "", false, err
		}
		return "", false, p.resume(r, strings.TrimPrefix(rest, r.begun))
	}
	lines := strings.Split(strings.TrimRight(strings.Join(complete, "\n")+"\n"+rest, "\n"), "\n")
	for i, l := range lines {
		lines[i] = "  " + l
	}
	if err := p.screen.replace(lines...); err != nil {
		return "", false, err
	}
	n := strings.Count(strings.Join(complete, "\n"), "\n") + 1
	question := fmt.Sprintf("opsh: hint: %d lines pasted; run them? [y/N] ", n)
	if n == 1 {
		question = "opsh: hint: 1 line pasted; run it? [y/N] "
	}
	// what was sent with the paste doesn't answer the question
	p.keys.gather(ctx)
	yes, err := p.confirm(ctx, question)
	if err != nil {
		return "", false, err
	}
	r.restart()
	p.line.set(nil, 0)
	if !yes {
		return "", false, p.show(r)
	}
	p.queue, p.rest = complete, rest
	out, err = p.dequeue(r)
	return out, true, err
}

// logicalLines splits text into the logical lines that are complete, and what is left. Blank ones are no lines.
func (p *Prompt) logicalLines(text string) (complete []string, rest string, err error) {
	if strings.Count(text, "\n") > maxPasteLines {
		return nil, "", pasteError("it has more than %d lines", maxPasteLines)
	}
	lines := strings.Split(text, "\n")
	for i, l := range lines {
		if rest += l; len(rest) > maxLine {
			return nil, "", pasteError("a line of it is longer than %d KiB", maxLine>>10)
		}
		switch {
		case i == len(lines)-1:
		case strings.TrimSpace(rest) != "" && p.more(rest):
			rest += "\n"
		case strings.TrimSpace(rest) != "":
			complete = append(complete, rest)
			fallthrough
		default:
			rest = ""
		}
	}
	return complete, rest, nil
}

// confirm asks a question that only y answers with yes.
func (p *Prompt) confirm(ctx context.Context, question string) (bool, error) {
	var answer []rune
	for {
		if err := p.screen.draw(question, answer, len(answer)); err != nil {
			return false, err
		}
		k, err := p.keys.next(ctx)
		if err != nil {
			return false, err
		}
		switch {
		case k.kind == kindText && len(answer)+len(k.text) <= 8:
			answer = append(answer[:len(answer):len(answer)], k.text...)
		case k.kind == kindBackspace && len(answer) > 0:
			answer = answer[:before(answer, len(answer))]
		case k.kind == kindEnter:
			err := p.screen.leave("", false)
			said := strings.ToLower(strings.TrimSpace(string(answer)))
			return said == "y" || said == "yes", err
		case k.kind == kindInterrupt, k.kind == kindEOF:
			return false, p.screen.leave("^C", false)
		default:
			p.screen.ring()
		}
	}
}

// dequeue shows the first of the confirmed lines as if it were typed, and returns it.
func (p *Prompt) dequeue(r *reading) (string, error) {
	out := p.queue[0]
	p.queue = p.queue[1:]
	if err := p.echo(r, out); err != nil {
		return "", err
	}
	return out, nil
}

// echo shows a whole logical line behind its prompts.
func (p *Prompt) echo(r *reading, text string) error {
	lines := strings.Split(text, "\n")
	for i, l := range lines {
		prompt := r.first
		if i > 0 {
			prompt = r.next
		}
		line := []rune(l)
		if err := p.screen.draw(prompt, line, len(line)); err != nil {
			return err
		}
		if err := p.screen.leave("", i == len(lines)-1); err != nil {
			return err
		}
	}
	return nil
}

// interrupted says whether Ctrl-C waits among the keys, and takes it and what was typed before it.
func (p *Prompt) interrupted(ctx context.Context) bool {
	if len(p.keys.buf) == 0 && (p.keys.ready() == 0 || p.keys.fetch(ctx) != nil) {
		return false
	}
	i := bytes.IndexByte(p.keys.buf, keyInterrupt)
	p.keys.buf = p.keys.buf[i+1:]
	return i >= 0
}
