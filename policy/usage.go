package policy

import "slices"

// A usage line is the form people know from man pages:
//
//	LINE     = TOOL { element } [ "<" NAME ]
//	element  = literal | option | operand
//	literal  = a word that begins with a lower-case letter or a digit, or "-", or "--"
//	option   = form | "[" form { "|" form } "]" [ "..." ]
//	form     = -t | -e NAME | --execute=NAME | --env=prod
//	operand  = NAME | NAME "..." | "[" NAME "]" | "[" NAME "..." "]"
//
// Where the notation of man pages leaves a choice, the line is read strictly:
//
//   - An option's spellings stand in brackets, so an option with two of them may always be left out; a
//     required one has one spelling (two usage lines give it two).
//   - Only an option in brackets repeats, "[-v]...": there is no "-v...", no "[-v...]", no "[ARG]...", no "-e SQL...".
//   - Literals and `< NAME` are never optional, and "--" is a literal: where the line shows it, it must be typed.
//   - An option's name belongs to one option of a run: "[--env=prod] [--env=dev]" is an error, because the
//     last one wins in most tools; "[--env=prod | --env=dev]" says that one of them may be given.
//   - A run that stands in front of an optional operand doesn't reach past it: with "[-a] [DB] [-b]" the
//     words "-b" alone are refused, as -b stands behind DB.
//   - A part of a literal or of a fixed value that looks like a placeholder (if=FILE, --bind=HOST:80) is an
//     error: it wouldn't be one.
//
// What opsh can't know is whether an option takes a value. An option in front of a word that isn't a
// placeholder takes none: in "[-v] -n prod get" the word prod is a literal, and "-n -v prod get" is permitted too.

// Rule is one usage line of a tool. It is parsed once and doesn't change after check.
type Rule struct {
	Tool *Tool
	Text string // as the policy writes it
	Pos  Pos    // of Text's first character in the policy file

	items   []item   // what follows the tool's name, in order
	input   *place   // behind "<", nil where there is none
	options int      // how many options all runs have together
	names   []string // the placeholders, each once, in order of appearance
	places  []*place // every use of a placeholder
	spans   [][2]int // where each of Parts begins and ends in Text
	escaped bool     // the file writes Text with escapes or on several lines: its columns aren't the file's
}

// item is one element of a line; a run of neighbouring options is one item.
type item struct {
	kind     itemKind
	text     string // itemLiteral: the word; itemOperand: as the policy writes it
	place    *place // itemOperand
	optional bool   // itemOperand
	repeated bool   // itemOperand
	run      *run   // itemRun
	pos      Pos
}

type itemKind int

const (
	itemLiteral itemKind = iota
	itemOperand
	itemRun
)

// place is one use of a placeholder. where is nil until check has run; nil admits nothing.
type place struct {
	name  string
	where *Where
	pos   Pos
}

// run is a row of neighbouring options, which may be typed in any order.
type run struct {
	options  []*option
	required []*option
	names    map[string]bool  // the option names in use, without values: --env
	forms    map[string]*form // by the whole word, or by the word up to and with "=" for formAttached
}

// option is one option with all its spellings; it counts once over all of them.
type option struct {
	index    int    // counts the options of the line, over all its runs
	text     string // as the policy writes it, without brackets
	forms    []*form
	required bool
	repeats  bool
}

// form is one spelling of an option.
type form struct {
	kind   formKind
	name   string // -e, --execute
	value  string // formFixed
	place  *place // formNext, formAttached
	option *option
	pos    Pos
}

type formKind int

const (
	formBare     formKind = iota // -t
	formNext                     // -e SQL
	formAttached                 // --execute=SQL
	formFixed                    // --env=prod
)

// key is what the run's forms are found by.
func (f *form) key() string {
	switch f.kind {
	case formAttached:
		return f.name + "="
	case formFixed:
		return f.name + "=" + f.value
	}
	return f.name
}

// text is the spelling as a usage line shows it.
func (f *form) text() string {
	switch f.kind {
	case formNext:
		return f.name + " " + f.place.name
	case formAttached:
		return f.name + "=" + f.place.name
	}
	return f.key()
}

// placeholders are the names that the line uses, each once, in order of appearance (the one behind "<" included).
func (r *Rule) placeholders() []string { return slices.Clone(r.names) }

// check ties the line's placeholders to their meanings and reports what only these can show. The loader
// calls it once for every rule, after where is known and before Decide; a name that where lacks is the
// loader's to report, and admits nothing.
func (r *Rule) check(where map[string]*Where) []Error {
	for _, p := range r.places {
		p.where = where[p.name]
	}
	var errs []Error
	for i, it := range r.items {
		if it.kind != itemOperand || it.place.where == nil || !it.place.where.Dash {
			continue
		}
		behindRun := i > 0 && r.items[i-1].kind == itemRun
		beforeRun := i+1 < len(r.items) && r.items[i+1].kind == itemRun
		beforeEnd := i+1 < len(r.items) && r.items[i+1].text == "--"
		switch {
		case behindRun || beforeRun:
			// A word like -x would be the option's or the operand's, depending on who reads it.
			errs = append(errs, Error{it.pos, "cannot put " + it.text + " next to options: where." + it.place.name + " has dash = true",
				"write -- between the options and " + it.place.name})
		case beforeEnd && (it.optional || it.repeated):
			// The word -- would be the operand's or the line's.
			errs = append(errs, Error{it.pos, "cannot put " + it.text + " in front of --: where." + it.place.name + " has dash = true, so -- may be one of its words",
				"leave out dash = true"})
		}
	}
	if r.input != nil && r.input.where != nil && r.input.where.Kind != WherePath {
		errs = append(errs, Error{r.input.pos, "cannot read input from " + r.input.name + ": where." + r.input.name + " is not a path",
			`write where.` + r.input.name + ` = { path = "/some/directory" }`})
	}
	return errs
}

// literalByte says which bytes a literal, an option's name or a fixed value is made of: nothing that the
// prompt's quoting or the usage language itself gives a meaning.
func literalByte(c byte) bool {
	switch {
	case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9':
		return true
	}
	switch c {
	case '_', '.', ':', '/', '=', ',', '@', '%', '+', '-':
		return true
	}
	return false
}

// isPlaceholder: [A-Z][A-Z0-9_]*.
func isPlaceholder(s string) bool {
	if s == "" || s[0] < 'A' || s[0] > 'Z' {
		return false
	}
	for i := 1; i < len(s); i++ {
		if c := s[i]; !('A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '_') {
			return false
		}
	}
	return true
}

// isOption says whether a word is read as an option where options stand: - and -- are not.
func isOption(word string) bool {
	return len(word) > 1 && word[0] == '-' && word != "--"
}
