package ecs

import (
	"fmt"
	"slices"
	"strings"
)

// SeveralError says that more than one container would do; a person has to choose.
type SeveralError struct{ Candidates []Candidate }

func (e *SeveralError) Error() string {
	return fmt.Sprintf("%d containers would do", len(e.Candidates))
}

// NoneError says that there is no container to open a session in.
type NoneError struct {
	Wanted Wanted
	Unfit  []Candidate // what was asked for and can't have a session, with why; empty: nothing fits the names
}

func (e *NoneError) Error() string {
	if len(e.Unfit) == 1 {
		return fmt.Sprintf("%s: %s", e.Unfit[0], e.Unfit[0].Problem)
	}
	if len(e.Unfit) > 1 {
		return fmt.Sprintf("a session can be opened in none of %d containers", len(e.Unfit))
	}
	return "there is no " + e.Wanted.String()
}

// String says what is wanted.
func (w Wanted) String() string {
	var b strings.Builder
	b.WriteString("running task")
	if w.Task != "" {
		b.WriteString(" " + w.Task)
	}
	if w.Service != "" {
		b.WriteString(" of service " + w.Service)
	}
	if w.Container != "" {
		b.WriteString(" with a container " + w.Container)
	}
	if w.Cluster != "" {
		b.WriteString(" in cluster " + w.Cluster)
	}
	return b.String()
}

// fits says whether the container is one of those wanted. w is plain.
func (w Wanted) fits(c Candidate) bool {
	return (w.Cluster == "" || w.Cluster == c.Cluster) && (w.Service == "" || w.Service == c.Service) &&
		strings.HasPrefix(c.Task, w.Task) && (w.Container == "" || w.Container == c.Container)
}

// Choose is the one container to open a session in: the only one that can have one, or else the only one that is starting, which has to be
// waited for. Otherwise it is a SeveralError or a NoneError. It never chooses between two that would do: which task somebody works in is theirs to say.
func Choose(w Wanted, all []Candidate) (Candidate, error) {
	var ready, starting, unfit []Candidate
	for _, c := range all {
		switch {
		case !w.fits(c):
		case c.Problem == "":
			ready = append(ready, c)
		case c.Starting:
			starting = append(starting, c)
		default:
			unfit = append(unfit, c)
		}
	}
	for _, some := range [][]Candidate{ready, starting} {
		switch len(some) {
		case 0:
		case 1:
			return some[0], nil
		default:
			return Candidate{}, &SeveralError{some}
		}
	}
	return Candidate{}, &NoneError{Wanted: w, Unfit: slices.Clip(unfit)}
}
