// Package doctor judges whether ECS Exec can work for a container, whether what is done there is kept, and whether opsh is the only
// way in.
//
// Facts come in, each with its value or with why it couldn't be read (package look gathers them); Judge makes findings of them, and asks
// nobody. A fact that isn't known makes the checks that need it "not checked", never "ok".
package doctor

import (
	"cmp"
	"fmt"
	"strings"
)

// Level says how bad a finding is.
type Level string

// The levels.
const (
	OK         Level = "ok"
	Warning    Level = "warning"     // it works, and something is weaker or may get lost
	Error      Level = "error"       // it can't work, the log is lost, or opsh isn't the only way in
	NotChecked Level = "not checked" // a fact is missing
)

// Finding is the outcome of one check.
type Finding struct {
	ID    string `json:"id"` // AREA.NAME; the same in every version
	Level Level  `json:"level"`
	Text  string `json:"text"`          // what is so, or why it wasn't checked
	Fix   string `json:"fix,omitempty"` // what to do; empty where all is well
}

// Area is what the finding is about: the first word of its id.
func (f Finding) Area() string { area, _, _ := strings.Cut(f.ID, "."); return area }

// Fact is one thing that was looked up: its value, or why it isn't known. The zero Fact isn't known.
type Fact[T any] struct {
	Value    T
	Known    bool
	Why, Fix string // where it isn't known
}

// Known is a fact with its value.
func Known[T any](v T) Fact[T] { return Fact[T]{Value: v, Known: true} }

// Unknown is a fact that couldn't be read.
func Unknown[T any](why, fix string) Fact[T] { return Fact[T]{Why: why, Fix: fix} }

func (f Fact[T]) missing() (unknown bool, why, fix string) {
	return !f.Known, cmp.Or(f.Why, "nobody looked"), f.Fix
}

// fact is a Fact of any type.
type fact interface {
	missing() (unknown bool, why, fix string)
}

// judge collects findings.
type judge struct {
	f   *Facts
	all []Finding
}

func (j *judge) say(level Level, id, text, fix string) {
	j.all = append(j.all, Finding{ID: id, Level: level, Text: text, Fix: fix})
}

func (j *judge) ok(id, format string, args ...any) { j.say(OK, id, fmt.Sprintf(format, args...), "") }

// needs says whether all facts are known. Otherwise each id's check wasn't made, because of the first that isn't.
func (j *judge) needs(facts []fact, ids ...string) bool {
	for _, f := range facts {
		if unknown, why, fix := f.missing(); unknown {
			for _, id := range ids {
				j.say(NotChecked, id, why, fix)
			}
			return false
		}
	}
	return true
}

// Judge makes findings of facts, in the order in which they are read best: the target, its log, its role, its network, the caller.
func Judge(f Facts) []Finding {
	j := &judge{f: &f}
	j.cluster()
	j.task()
	j.container()
	j.guard()
	j.log()
	j.key()
	j.role()
	j.network()
	j.caller()
	return j.all
}

// Worst is the gravest level among findings, as far as it decides anything: Error, Warning, NotChecked or OK.
func Worst(all []Finding) Level {
	count := Count(all)
	for _, l := range []Level{Error, Warning, NotChecked} {
		if count[l] > 0 {
			return l
		}
	}
	return OK
}

// Count says how many findings there are of each level.
func Count(all []Finding) map[Level]int {
	n := map[Level]int{}
	for _, f := range all {
		n[f.Level]++
	}
	return n
}
