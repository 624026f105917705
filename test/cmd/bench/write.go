package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
)

// Where things are, from the top of the source: test/bench starts this program there.
const (
	readme      = "README.md"
	figuresFile = "test/measured/bench.json"
	plotFile    = "test/measured/growth.svg"
	microFile   = "test/measured/micro.json" // those of the last change that wrote them
)

// The table in the README stands between these lines.
const (
	tableBegins = "<!-- test/bench --write puts in what stands from here -->"
	tableEnds   = "<!-- to here -->"
)

// write puts the table into the README, and the figures and their plot beside it.
func (f *record) write(table string) error {
	text, err := os.ReadFile(readme)
	if err != nil {
		return err
	}
	before, rest, begins := strings.Cut(string(text), tableBegins)
	_, after, ends := strings.Cut(rest, tableEnds)
	if !begins || !ends {
		return fmt.Errorf("cannot find the table's place in %s: the lines %q and %q", readme, tableBegins, tableEnds)
	}
	if err := os.WriteFile(readme, []byte(before+tableBegins+"\n"+table+tableEnds+after), 0o644); err != nil {
		return err
	}
	if err := os.WriteFile(plotFile, []byte(plot(f.Curves)), 0o644); err != nil {
		return err
	}
	return save(figuresFile, f)
}

// save writes figures so that a diff shows which have changed.
func save(path string, what any) error {
	text, err := json.MarshalIndent(what, "", "\t")
	if err != nil {
		return err
	}
	return os.WriteFile(path, append(text, '\n'), 0o644)
}
