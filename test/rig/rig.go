// Package rig starts opsh as ECS Exec's agent does, and plays the client's side: types, resizes, expects, goes away.
package rig

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"sync"
	"time"

	"opsh/test/rig/wire"
)

// Options say how a session starts.
type Options struct {
	Worker     string   // the built ssm-session-worker
	Command    string   // --command
	Program    string   // what opsh in Command stands for
	Env        []string // the container's environment
	Dir        string   // an empty directory of root's: the agent's
	SessionID  string   // made up when empty
	Cols, Rows uint16   // set a moment after the start; 0: 80x24
	Fast       bool     // without the agent's pace
	Tee        io.Writer
}

// Session is a session under way. Its methods may be called from several goroutines.
type Session struct {
	ID  string
	PID int // of the command

	cmd    *exec.Cmd
	keys   io.WriteCloser
	orders *json.Encoder
	tee    io.Writer

	mu     sync.Mutex
	seen   []byte        // all output so far
	from   int           // Expect goes on here
	change chan struct{} // closed and replaced on output
	closed bool
	end    wire.Report
	done   chan struct{}
}

// Start starts the worker, and in it the command.
func Start(o Options) (*Session, error) {
	s := &Session{ID: o.SessionID, change: make(chan struct{}), done: make(chan struct{}), tee: o.Tee}
	if s.ID == "" {
		id := make([]byte, 9)
		rand.Read(id)
		s.ID = "ecs-execute-command-" + hex.EncodeToString(id)[:17]
	}
	orders, theirOrders, err := pipe()
	if err != nil {
		return nil, err
	}
	reports, heardFrom, err := pipe()
	if err != nil {
		return nil, err
	}
	s.cmd = exec.Command(o.Worker, s.ID)
	s.cmd.Env = []string{"PATH=" + os.Getenv("PATH")}
	s.cmd.Stderr = os.Stderr
	s.cmd.ExtraFiles = []*os.File{theirOrders, reports}
	if s.keys, err = s.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := s.cmd.Start(); err != nil {
		return nil, err
	}
	theirOrders.Close()
	reports.Close()
	s.orders = json.NewEncoder(orders)
	if err := s.orders.Encode(wire.Session{Command: o.Command, Program: o.Program, Env: o.Env, Dir: o.Dir, Fast: o.Fast}); err != nil {
		return nil, err
	}
	heard := json.NewDecoder(heardFrom)
	var started wire.Report
	if err := heard.Decode(&started); err != nil {
		return nil, fmt.Errorf("the worker did not start the command: %w", err)
	}
	s.PID = started.PID
	go s.listen(out)
	go func() {
		heard.Decode(&s.end)
		s.cmd.Wait()
		close(s.done)
	}()
	if o.Cols == 0 {
		o.Cols, o.Rows = 80, 24
	}
	return s, s.Resize(o.Cols, o.Rows)
}

func pipe() (w, r *os.File, err error) {
	r, w, err = os.Pipe()
	return w, r, err
}

func (s *Session) listen(out io.Reader) {
	buf := make([]byte, 64<<10)
	for {
		n, err := out.Read(buf)
		if s.tee != nil && n > 0 {
			s.tee.Write(buf[:n])
		}
		s.mu.Lock()
		s.seen = append(s.seen, buf[:n]...)
		s.closed = s.closed || err != nil
		close(s.change)
		s.change = make(chan struct{})
		s.mu.Unlock()
		if err != nil {
			return
		}
	}
}

// Type sends keys as they are.
func (s *Session) Type(keys string) error {
	_, err := io.WriteString(s.keys, keys)
	return err
}

// Resize changes the client's window.
func (s *Session) Resize(cols, rows uint16) error {
	return s.orders.Encode(wire.Order{Do: "resize", Cols: cols, Rows: rows})
}

// Kill ends the session as the agent does: SIGKILL for the command alone.
func (s *Session) Kill() error { return s.orders.Encode(wire.Order{Do: "kill"}) }

// Leave lets the client go away without a word, as a laptop's lid does: nobody reads the terminal from now on.
func (s *Session) Leave() error { return s.orders.Encode(wire.Order{Do: "leave"}) }

// HangUp closes the terminal under the command.
func (s *Session) HangUp() error { return s.orders.Encode(wire.Order{Do: "hangup"}) }

// Expect waits until the output behind the last match matches, and returns the match with its groups.
func (s *Session) Expect(pattern string, timeout time.Duration) ([]string, error) {
	re := regexp.MustCompile(pattern)
	late := time.After(timeout)
	for {
		s.mu.Lock()
		rest := s.seen[s.from:]
		if m := re.FindSubmatchIndex(rest); m != nil {
			var groups []string
			for i := 0; i < len(m); i += 2 {
				g := ""
				if m[i] >= 0 {
					g = string(rest[m[i]:m[i+1]])
				}
				groups = append(groups, g)
			}
			s.from += m[1]
			s.mu.Unlock()
			return groups, nil
		}
		change, closed, left := s.change, s.closed, string(rest)
		s.mu.Unlock()
		if closed {
			return nil, fmt.Errorf("the session ended without %q; it said %q", pattern, left)
		}
		select {
		case <-change:
		case <-late:
			return nil, fmt.Errorf("no %q within %s; there was %q", pattern, timeout, left)
		}
	}
}

// Output is all that the client has seen.
func (s *Session) Output() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return string(s.seen)
}

// End is how a session ended.
type End struct {
	Exit   int    // -1 when a signal ended the command
	Signal int    // -1 when none did
	Log    string // the session log
}

// Wait waits for the end of the command and the session log.
func (s *Session) Wait(timeout time.Duration) (End, error) {
	select {
	case <-s.done:
	case <-time.After(timeout):
		return End{}, fmt.Errorf("the session goes on after %s; it said %q", timeout, s.Output())
	}
	if !s.end.Ended {
		return End{}, fmt.Errorf("the worker did not report the end")
	}
	return End{s.end.Exit, s.end.Signal, s.end.Log}, nil
}

// Stop ends whatever still runs of the session.
func (s *Session) Stop() {
	s.Kill()
	s.keys.Close()
	<-s.done
}
