package main

import (
	"fmt"
	"time"
)

// The pieces of work, as the table names them.
const (
	workCommand = "one command, start to exit"
	workPrompt  = "start to prompt"
	workInside  = "a command in a session"
	workIdle    = "key echoed, idle"
	workBusy    = "key echoed under output"
	workMemory  = "peak memory meanwhile"
)

// contenders are the programs at a piece of work, each with what takes one time.
func (r *run) contenders(does func(g program) bool, once func(g program) (time.Duration, error)) []contender {
	var all []contender
	for _, g := range programs() {
		if !does(g) {
			continue
		}
		c := contender{program: g.name, missing: g.missing()}
		if c.missing == "" {
			c.run = func() (time.Duration, error) { return once(g) }
		}
		all = append(all, c)
	}
	return all
}

func hasSession(g program) bool { return g.session != nil }
func always(program) bool       { return true }

// between says that a program stands in the way of output, or that nothing does.
func between(g program) bool { return g.output || g.name == "nothing in between" }

// commands: one trivial command, from the start of the program to its exit.
func commands(r *run) error {
	all := r.contenders(always, func(g program) (time.Duration, error) {
		if err := r.place.clear(); err != nil {
			return 0, err
		}
		start := time.Now()
		s, err := r.place.sit(g.once(r.place, "trivial"))
		if err != nil {
			return 0, err
		}
		s.drain(nil)
		err = s.wait()
		return time.Since(start), err
	})
	return r.compete(workCommand, r.times(100), all)
}

// prompts: from the start of the program to its prompt.
func prompts(r *run) error {
	all := r.contenders(hasSession, func(g program) (time.Duration, error) {
		if err := r.place.clear(); err != nil {
			return 0, err
		}
		start := time.Now()
		s, err := r.place.sit(g.session(r.place))
		if err != nil {
			return 0, err
		}
		if err := s.until(g.prompt); err != nil {
			return 0, err
		}
		took := time.Since(start)
		return took, s.leave()
	})
	return r.compete(workPrompt, r.times(50), all)
}

// inside: one command in a session that is open already, from the Enter key to the next prompt.
func inside(r *run) error {
	if err := r.place.clear(); err != nil {
		return err
	}
	open := map[string]*seat{}
	defer func() {
		for _, s := range open {
			s.leave() //nolint:errcheck // it was killed where it doesn't leave
		}
	}()
	all := r.contenders(hasSession, func(g program) (time.Duration, error) {
		s := open[g.name]
		if s == nil {
			var err error
			if s, err = r.place.sit(g.session(r.place)); err != nil {
				return 0, err
			}
			open[g.name] = s
			if err := s.until(g.prompt); err != nil {
				return 0, err
			}
		}
		s.limit.Reset(hung)
		return s.ask(g.prompt)
	})
	return r.compete(workInside, r.times(100), all)
}

// ask types a command and takes the time from the Enter key to the next prompt. The prompt counts only behind what the command
// prints: a line editor may draw it again with every key.
func (s *seat) ask(prompt string) (time.Duration, error) {
	const command, answer = "system", "Linux"
	if err := s.write(command); err != nil {
		return 0, err
	}
	if err := s.until(command[len(command)-1:]); err != nil { // echoed
		return 0, err
	}
	start := time.Now()
	if err := s.write("\r"); err != nil {
		return 0, err
	}
	if err := s.until(answer); err != nil {
		return 0, fmt.Errorf("no answer to %s: %w", command, err)
	}
	err := s.until(prompt)
	return time.Since(start), err
}
