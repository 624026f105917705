package main

import (
	"errors"
	"fmt"
	"strings"

	"opsh/shell"
	"opsh/shell/line"
)

const usage = "opsh [-l] | opsh -c LINE | opsh -s | opsh -t | opsh -T | opsh --version, each with --reason TEXT"

type mode int

const (
	modeInteractive mode = iota
	modeCommand
	modeRunbook
	modeCheck
	modeCheckLive
	modeVersion
	modeRecorder // opshd's alone
)

// args is opsh's command line. It selects what opsh does and never what it permits.
type args struct {
	mode   mode
	line   string // of -c
	reason string
}

// parse reads the arguments, argv[0] included. Options are whole words, each once; there are no abbreviations or clusters
// (a login shell's "-l -c" is two words for every program that starts one).
func parse(argv []string) (args, error) {
	var a args
	if len(argv) == 1 && argv[0] == shell.RecorderName {
		return args{mode: modeRecorder}, nil
	}
	var chosen string
	seen := map[string]bool{}
	choose := func(option string, m mode) error {
		if chosen != "" {
			return fmt.Errorf("cannot use %s together with %s", option, chosen)
		}
		chosen, a.mode = option, m
		return nil
	}
	rest := argv[min(1, len(argv)):]
	value := func(option string) (string, error) {
		if len(rest) == 0 {
			return "", fmt.Errorf("cannot use %s: its text is missing", option)
		}
		v := rest[0]
		rest = rest[1:]
		return v, nil
	}
	for len(rest) > 0 {
		word := rest[0]
		rest = rest[1:]
		name, attached, hasValue := strings.Cut(word, "=")
		if seen[name] {
			return a, fmt.Errorf("cannot use %s twice", line.QuoteWord(name))
		}
		seen[name] = true
		var err error
		switch {
		case word == "-l":
		case word == "-c":
			if err = choose(word, modeCommand); err == nil {
				a.line, err = value(word)
			}
		case word == "-s":
			err = choose(word, modeRunbook)
		case word == "-t":
			err = choose(word, modeCheck)
		case word == "-T":
			err = choose(word, modeCheckLive)
		case word == "--version":
			err = choose(word, modeVersion)
		case word == "--reason":
			a.reason, err = value(word)
		case name == "--reason" && hasValue:
			a.reason = attached
		case strings.HasPrefix(word, "-"):
			err = fmt.Errorf("cannot use %s: there is no such option", line.QuoteWord(word))
		default:
			err = fmt.Errorf("cannot use %s: a command line is one word behind -c, a runbook comes from standard input behind -s", line.QuoteWord(word))
		}
		if err != nil {
			return a, err
		}
	}
	if seen["--reason"] && strings.TrimSpace(a.reason) == "" {
		return a, errors.New("cannot use --reason: its text is empty")
	}
	return a, nil
}
