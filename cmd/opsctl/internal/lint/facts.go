package lint

import (
	"path"
	"regexp"
	"strings"

	"opsh/policy"
)

// What tools do with what they are given. These tables are meant to be read, and added to, by people who know the tools and not this code:
// the types below, then facts_*.go. Each entry names where its fact comes from. A danger stands here only if operators could use it through
// a usage line that somebody would write; that a user of the container's could do it otherwise is no reason.

// effect is what a danger comes to. It is also the id of the rule that warns of it.
type effect string

const (
	runsProgram   effect = "runs-program"     // starts another program; nothing where exec = "none" holds
	runsCode      effect = "runs-code"        // runs the operator's code inside the tool: no exec, and exec = "none" doesn't hold it
	readsFiles    effect = "reads-files"      // shows files of the container
	writesFiles   effect = "writes-files"     // writes files of the container
	runsElsewhere effect = "runs-elsewhere"   // starts programs on other machines or in other containers, past their opsh
	otherServer   effect = "other-server"     // talks to a server of the operator's choice
	showsSecret   effect = "shows-secret"     // prints credentials
	unjudged      effect = "unjudged-command" // a command that isn't known to be harmless
)

// fact is what is known of one program.
type fact struct {
	names    string // of the file, with blanks between; a version at its end (python3.12) is no part of it
	kind     kind
	escape   string // how it starts a shell when the kernel lets it, a clause; "" where it doesn't
	see      string // where escape and kind are from
	style    style
	values   string // the options that take a value, with blanks between: the next word isn't a command then
	flags    string // options that take none, where a command may stand behind them
	switches string // a command and one of values that takes none there: "logs -f"
	wraps    string // behind this command the words are those of another program: "exec"
	loose    bool   // _ is - in its long options, and loose- in front of them is nothing
	shortens bool   // a long option may be shortened
	folds    bool   // its commands are the same in capitals
	commands *commands
	prompt   *prompt
	dangers  []danger
}

// style is how a program reads words that begin with -.
type style int

const (
	shortStyle  style = iota // -abc is -a -b -c, up to one that takes a value: getopt
	wordStyle                // -abc is one option
	scriptStyle              // as shortStyle, and behind the first operand all words are that script's
	oldStyle                 // as shortStyle, and the first word needs no -, with the values behind it: tar czf FILE
)

// commands is what a program's own commands are, where there are too many to know each that is dangerous: all are warned of but the harmless.
type commands struct {
	harmless string // with commas between; * stands for any letters of a word
	effect   effect // of any command at all, where the operator types it
	example  string // one to name where the operator types it
	text     string // what is wrong with any command at all, a clause
	instead  string
	see      string
}

// kind is what a program is, where that alone is worth a warning.
type kind int

const (
	plainTool   kind = iota
	shell            // all that opsh refuses, it does
	interpreter      // runs code: what a list of exec means by it is "any code"
	editor           // opens, reads and writes files from inside
	pager            // opens and reads files from inside
	launcher         // starts the program that its words name
	envPrinter       // prints the environment
)

// prompt says when a program asks for commands instead of taking them from its words.
type prompt struct {
	batch    string // options with which it doesn't, with blanks between
	operands int    // with so many operands it doesn't either; 0: operands don't matter
	more     bool   // and neither with a literal word, a subcommand
	instead  string // what was probably meant
	see      string
}

// danger is one thing that an option, an operand or a command does. It does it with the words of probes and of words: a where that admits none
// is no danger. With neither, it does it with whatever the operator writes; an option without a value, and a command, do it by themselves.
type danger struct {
	verb    string   // the command that the line begins with: "s3 cp"; "" is any line
	options string   // the option, in all its spellings, with blanks between; "" where it isn't an option
	operand place    // which of the operands
	probes  []string // values that do it, those that a person understands first
	words   string   // all values that do it, a regular expression for the whole of them
	even    bool     // with the words it does it also where the policy writes them, itself or in a list
	effect  effect
	env     bool   // it can also print the tool's environment
	text    string // what it does, a clause behind "-o FILE takes /tmp/x: "
	unless  string // words of insert, or required ones of the line, or env:NAME, or <, that take the danger away; with blanks between
	instead string
	see     string

	where *policy.Where // words, compiled
}

// place says which operands of a line a danger is about.
type place int

const (
	noOperand    place = iota
	anyOperand         // each
	firstOperand       // the first
	laterOperand       // all but the first
)

// facts is everything that is known, by a program's name.
func facts() map[string]*fact {
	all := map[string]*fact{}
	for _, f := range lists() {
		for i := range f.dangers {
			if d := &f.dangers[i]; d.words != "" {
				d.where = pattern(d.words)
			}
		}
		for name := range strings.FieldsSeq(f.names) {
			all[name] = f
		}
	}
	return all
}

func lists() (all []*fact) {
	for _, list := range [][]fact{mysqlFacts(), sqlFacts(), redisFacts(), codeFacts(), scriptFacts(), curlFacts(), awsFacts(), kubectlFacts(), gitFacts(), fileFacts(), editFacts(), launcherFacts()} {
		for i := range list {
			all = append(all, &list[i])
		}
	}
	return all
}

// pattern is a where that admits what the expression says, and - in front.
func pattern(words string) *policy.Where {
	return &policy.Where{Kind: policy.WhereMatch, Pattern: words, Re: regexp.MustCompile(`\A(?s:` + words + `)\z`), Dash: true}
}

// of is what is known of the program at a path: by its name, then without a version or a variant behind it.
func of(all map[string]*fact, file string) *fact {
	base := path.Base(file)
	if f := all[base]; f != nil {
		return f
	}
	if f := all[strings.TrimRight(base, "0123456789.-")]; f != nil {
		return f
	}
	name, _, _ := strings.Cut(base, ".")
	return all[name]
}

func gtfobins(name string) string { return "https://gtfobins.github.io/gtfobins/" + name + "/" }
