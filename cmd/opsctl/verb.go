package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"
)

// verb is one thing that opsctl does.
type verb struct {
	name  string // one word or two: "policy check"
	usage string // what follows the name
	about string // one line; empty: no list shows the verb
	more  string // what else help says: what it prints, its exit statuses
	run   func(p *person, args []string) int
}

// The exit statuses that all verbs share; a verb with others says so in its help.
const (
	statusFound  = 1   // it works, and the answer is no: broken, refused, wider
	statusUsage  = 2   // wrong use
	statusBroken = 125 // it can't: a file, a permission or a service is missing
)

// errHelp says that -h or --help was given.
var errHelp = errors.New("help was asked for")

// dispatch runs the verb that the first words name.
func (p *person) dispatch(words []string) int {
	if len(words) == 0 || slices.Contains([]string{"help", "-h", "--help"}, words[0]) {
		return p.help(words[min(1, len(words)):], len(words) > 0)
	}
	if len(words) == 1 && (words[0] == "version" || words[0] == "--version") {
		p.say("opsctl " + version)
		return 0
	}
	v, n := find(words)
	if rest := words[1:]; v == nil && begins(words[:1]) && (len(rest) == 0 || slices.Contains([]string{"-h", "--help"}, rest[0])) {
		return p.help(words[:1], len(rest) > 0)
	}
	if v == nil {
		p.fail(fmt.Errorf("cannot run %s: there is no such verb", quote(strings.Join(words[:min(2, len(words))], " "))), "opsctl help lists them")
		return statusUsage
	}
	status := v.run(p, words[n:])
	if p.unsaid != nil && status == 0 {
		p.fail(fmt.Errorf("cannot write the answer: %w", p.unsaid))
		return statusBroken
	}
	return status
}

// begins says whether verbs begin with words.
func begins(words []string) bool {
	return slices.ContainsFunc(verbs(), func(v verb) bool {
		name := strings.Fields(v.name)
		return v.about != "" && len(name) > len(words) && slices.Equal(words, name[:len(words)])
	})
}

// find is the verb that the first n words name.
func find(words []string) (v *verb, n int) {
	for _, v := range verbs() {
		name := strings.Fields(v.name)
		if len(words) >= len(name) && slices.Equal(words[:len(name)], name) {
			return &v, len(name)
		}
	}
	return nil, 0
}

// help lists the verbs that begin with words, or shows the one that they name.
func (p *person) help(words []string, asked bool) int {
	if v, n := find(words); v != nil && n == len(words) {
		p.say(v.help())
		return 0
	}
	var lines []string
	for _, v := range verbs() {
		if v.about != "" && slices.Equal(words, strings.Fields(v.name)[:min(len(words), len(strings.Fields(v.name)))]) {
			lines = append(lines, fmt.Sprintf("  %-16s %s", v.name, v.about))
		}
	}
	if len(lines) == 0 {
		p.fail(fmt.Errorf("cannot help with %s: there is no such verb", quote(strings.Join(words, " "))), "opsctl help lists them")
		return statusUsage
	}
	text := "usage: opsctl VERB ...\n\n" + strings.Join(lines, "\n") + "\n\nopsctl help VERB says more."
	if !asked {
		fmt.Fprintln(p.err, text)
		return statusUsage
	}
	p.say(text)
	return 0
}

func (v *verb) help() string {
	text := "usage: opsctl " + v.name
	if v.usage != "" {
		text += " " + v.usage
	}
	text += "\n\n" + v.about + "."
	if v.more != "" {
		text += "\n\n" + strings.TrimSpace(v.more)
	}
	return text
}

// misused says what is wrong with a verb's words and how it is used. For errHelp it is an answer.
func (p *person) misused(v verb, err error) int {
	if errors.Is(err, errHelp) {
		p.say(v.help())
		return 0
	}
	usage := "usage: opsctl " + v.name
	if v.usage != "" {
		usage += " " + v.usage
	}
	p.fail(err, usage)
	return statusUsage
}

// options is a verb's options, still without any.
func options() *flag.FlagSet {
	f := flag.NewFlagSet("", flag.ContinueOnError)
	f.SetOutput(io.Discard)
	return f
}

// parse reads options wherever they stand, until a "--", and returns the other words.
func parse(f *flag.FlagSet, args []string) (words []string, err error) {
	for {
		if err := f.Parse(args); errors.Is(err, flag.ErrHelp) {
			return nil, errHelp
		} else if err != nil {
			return nil, fmt.Errorf("cannot read the options: %w", err)
		}
		rest := f.Args()
		if n := len(args) - len(rest); n > 0 && args[n-1] == "--" {
			return append(words, rest...), nil
		}
		if len(rest) == 0 {
			return words, nil
		}
		words, args = append(words, rest[0]), rest[1:]
	}
}
