package main

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// What the README says of costs is what was measured: nobody writes it by hand.
func TestREADMEHoldsWhatWasMeasured(t *testing.T) {
	top := filepath.Join("..", "..", "..")
	text, err := os.ReadFile(filepath.Join(top, readme))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, begins := strings.Cut(string(text), tableBegins+"\n")
	table, _, ends := strings.Cut(rest, tableEnds)
	if !begins || !ends {
		t.Fatal("the README has no place for the table")
	}
	figures, err := os.ReadFile(filepath.Join(top, figuresFile))
	if errors.Is(err, fs.ErrNotExist) {
		if strings.Contains(table, figuresFile) {
			t.Error("the README speaks of figures that aren't there")
		}
		return
	}
	var f record
	if err == nil {
		err = json.Unmarshal(figures, &f)
	}
	if err != nil {
		t.Fatal(err)
	}
	if f.Quick {
		t.Error("the figures are a short look's")
	}
	if got := f.markdown(); got != table {
		t.Errorf("the README's table isn't what %s makes:\n%s", figuresFile, got)
	}
	drawn, err := os.ReadFile(filepath.Join(top, plotFile))
	if err != nil || string(drawn) != plot(f.Curves) {
		t.Errorf("%s isn't what %s makes: %v", plotFile, figuresFile, err)
	}
}
