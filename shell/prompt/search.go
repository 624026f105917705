package prompt

import (
	"context"
	"strings"
)

// search is Ctrl-R: it shows the newest remembered line that holds what is typed, Ctrl-R an older one,
// Ctrl-S a newer one. Ctrl-C and Ctrl-G go back to the line as it was. It returns the key that ended it,
// which then does what it does with the line that was found.
func (p *Prompt) search(ctx context.Context, r *reading) (key, error) {
	text, pos := p.line.text, p.line.pos
	var query []rune
	at, found := len(p.history), true
	for {
		label := "(search) '"
		if !found {
			label = "(not found) '"
		}
		if err := p.screen.draw(label+string(query)+"': ", p.line.text, p.line.pos); err != nil {
			return key{}, err
		}
		k, err := p.keys.next(ctx)
		if err != nil {
			return key{}, err
		}
		switch k.kind {
		case kindNone:
			continue
		case kindText:
			if len(query)+len(k.text) > maxQuery {
				p.screen.ring()
				continue
			}
			query = append(query[:len(query):len(query)], k.text...)
			at, found = p.find(query, min(at, len(p.history)-1), -1)
		case kindBackspace:
			if len(query) > 0 {
				query = query[:before(query, len(query))]
			}
			at, found = p.find(query, len(p.history)-1, -1)
		case kindSearch:
			at, found = p.find(query, at-1, -1)
		case kindSearchForth:
			at, found = p.find(query, at+1, 1)
		case kindInterrupt, kindCancel:
			p.line.set(text, pos)
			return key{}, nil
		default: // the line is shown behind its prompt again, as it may run and stay on the screen
			return k, p.show(r)
		}
		if found && len(query) > 0 {
			line := []rune(p.history[at])
			i := strings.Index(p.history[at], string(query))
			p.line.set(line, len([]rune(p.history[at][:i])))
		} else if !found {
			p.screen.ring()
			at = max(min(at, len(p.history)), 0)
		}
	}
}

// maxQuery is how many characters are searched for at most.
const maxQuery = 256

// find is the index of the first line of the history that holds query, from an index on in steps.
func (p *Prompt) find(query []rune, from, step int) (at int, found bool) {
	if len(query) == 0 {
		return len(p.history), true
	}
	for i := from; i >= 0 && i < len(p.history); i += step {
		if strings.Contains(p.history[i], string(query)) {
			return i, true
		}
	}
	return from - step, false
}
