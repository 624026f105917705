package policy

import "slices"

// Walk is how far some words have come along one usage line. It is what Decide does, a word at a time, for whoever
// compares lines instead of deciding by them: so that a comparison can't read a line differently. A Walk doesn't
// change; each Step makes another.
type Walk struct{ g pass }

// Walk is the line's beginning: the tool's name was typed, and nothing else.
func (r *Rule) Walk() *Walk {
	w := &Walk{}
	w.g.start(r)
	return w
}

// Step is the walk with one word more, nil where the line refuses the words whatever may follow.
func (w *Walk) Step(word string) *Walk {
	next := &Walk{g: w.g}
	next.g.seen, next.g.fills = slices.Clone(w.g.seen), nil
	if !next.g.step(0, word) || next.g.owed.kind != missNone {
		return nil
	}
	return next
}

// Ends says whether the line may end here. Where it has an Input, that must follow.
func (w *Walk) Ends() bool {
	end := &Walk{g: w.g} // finish goes on to the line's end
	return end.g.finish(0)
}

// Rule is the usage line.
func (w *Walk) Rule() *Rule { return w.g.rule }

// At is the index, among the line's Elements, of the first that may take the next word. It is their number where
// none may.
func (w *Walk) At() int { return w.g.at }

// Begun says whether the operand at At, a repeated one, has a word already.
func (w *Walk) Begun() bool { return w.g.taken }

// Pending is the value that the next word must be, nil where the last word wasn't an option that takes one.
func (w *Walk) Pending() *Where {
	if w.g.pending == nil {
		return nil
	}
	return w.g.pending.place.where
}

// Given says whether the option with this Index was typed.
func (w *Walk) Given(option int) bool { return w.g.seen[option/64]&(1<<(option%64)) != 0 }

// Filled is what the last word filled, and from which of its bytes on; nil where it stood for itself.
func (w *Walk) Filled() (where *Where, offset int) {
	if len(w.g.fills) == 0 {
		return nil, 0
	}
	return w.g.fills[0].Where, w.g.fills[0].Offset
}

// Element is one element of a usage line; neighbouring options are one. It is a literal where Word isn't empty, an
// operand where Where isn't nil, and a row of options otherwise.
type Element struct {
	Word     string
	Where    *Where
	Optional bool // of an operand
	Repeated bool // of an operand
	Options  []Option
}

// Option is an option with all its spellings. Index counts the options of the line.
type Option struct {
	Index             int
	Required, Repeats bool
	Forms             []Form
}

// Form is one spelling of an option: -t, -e SQL, --execute=SQL or --env=prod.
type Form struct {
	Word     string // what is typed; where the value is Attached, up to and with the =
	Where    *Where // the value, nil where the spelling takes none
	Attached bool
}

// Elements is what follows the tool's name, in order, without the input.
func (r *Rule) Elements() []Element {
	list := make([]Element, len(r.items))
	for i, it := range r.items {
		e := Element{Optional: it.optional, Repeated: it.repeated}
		switch it.kind {
		case itemLiteral:
			e.Word = it.text
		case itemOperand:
			e.Where = it.place.where
		case itemRun:
			for _, o := range it.run.options {
				e.Options = append(e.Options, o.view())
			}
		}
		list[i] = e
	}
	return list
}

func (o *option) view() Option {
	v := Option{Index: o.index, Required: o.required, Repeats: o.repeats}
	for _, f := range o.forms {
		form := Form{Word: f.key(), Attached: f.kind == formAttached}
		if f.place != nil {
			form.Where = f.place.where
		}
		v.Forms = append(v.Forms, form)
	}
	return v
}

// Input is what the file behind < must be, nil where the line has none.
func (r *Rule) Input() *Where {
	if r.input == nil {
		return nil
	}
	return r.input.where
}

// Takes says whether the word may stand where the placeholder does. attached: it is the part behind the = of an
// option. It looks at letters only; whether a path names a file is for Bind to see.
func (w *Where) Takes(word string, attached bool) bool { return w.takes(word, attached) }
