package policy

// PartKind says what a piece of a usage line is.
type PartKind string

// The kinds of Part.
const (
	PartLiteral PartKind = "literal"
	PartOption  PartKind = "option"
	PartOperand PartKind = "operand"
	PartInput   PartKind = "input" // "< NAME"
)

// Part is a piece of a usage line behind the tool's name.
type Part struct {
	Kind      PartKind
	From, To  int  // Rule.Text[From:To] is the piece as the policy writes it, with its brackets and dots
	Optional  bool // it may be left out
	Repeats   bool // it may be typed more than once
	Where     *Where
	Spellings []Spelling // PartOption: each way to write it
}

// Spelling is one way to write an option.
type Spelling struct {
	Word     string // what is typed: "-e", "--env=prod"; up to and with the "=" of an attached value
	Attached bool   // the value stands in the same word, behind Word; otherwise it is the next word
	Where    *Where // which values it takes, nil where it takes none
}

// Parts is what the usage line is made of, in its order.
func (r *Rule) Parts() []Part {
	parts := make([]Part, 0, len(r.spans))
	add := func(p Part) {
		span := r.spans[len(parts)]
		p.From, p.To = span[0], span[1]
		parts = append(parts, p)
	}
	for _, it := range r.items {
		switch it.kind {
		case itemLiteral:
			add(Part{Kind: PartLiteral})
		case itemOperand:
			add(Part{Kind: PartOperand, Optional: it.optional, Repeats: it.repeated, Where: it.place.where})
		case itemRun:
			for _, o := range it.run.options {
				add(Part{Kind: PartOption, Optional: !o.required, Repeats: o.repeats, Spellings: o.spellings()})
			}
		}
	}
	if r.input != nil {
		add(Part{Kind: PartInput, Where: r.input.where})
	}
	return parts
}

func (o *option) spellings() []Spelling {
	out := make([]Spelling, len(o.forms))
	for i, f := range o.forms {
		out[i] = Spelling{Word: f.key(), Attached: f.kind == formAttached}
		if f.place != nil {
			out[i].Where = f.place.where
		}
	}
	return out
}

// At is the place in the policy file of Text's byte at offset. Where the file writes the line with escapes, it is
// where the text begins.
func (r *Rule) At(offset int) Pos {
	if r.escaped {
		return r.Pos
	}
	return Pos{r.Pos.Line, r.Pos.Col + offset}
}
