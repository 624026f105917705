package standin

import (
	"encoding/json"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"opsh/test/rig"
)

// Session is a session under way.
type Session struct {
	ID        string
	Command   string // what ExecuteCommand asked for
	Signature string // ExecuteCommand's Authorization header

	service *Service
	agent   *agent
	down    *line // to the client
	up      *line // from it

	writing sync.Mutex // one message at a time

	mu     sync.Mutex
	conn   *websocket.Conn
	token  string
	opened int // how often the client has connected
	began  bool
	silent bool // the task is gone, and nobody says so
	rig    *rig.Session
	end    rig.End
	failed error
	sizes  []string
	ended  chan struct{} // closed when the command has ended
}

// Rig is the container's side, once it has started.
func (s *Session) Rig() *rig.Session {
	for give := time.Now().Add(20 * time.Second); time.Now().Before(give); time.Sleep(5 * time.Millisecond) {
		s.mu.Lock()
		r := s.rig
		s.mu.Unlock()
		if r != nil {
			return r
		}
	}
	return nil
}

// End is how the command ended, and the session log.
func (s *Session) End(patience time.Duration) (rig.End, error) {
	select {
	case <-s.ended:
		s.mu.Lock()
		defer s.mu.Unlock()
		return s.end, s.failed
	case <-time.After(patience):
		return rig.End{}, fmt.Errorf("the command of session %s goes on", s.ID)
	}
}

// Cut cuts the client's connection.
func (s *Session) Cut() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.conn != nil {
		s.conn.UnderlyingConn().Close()
	}
}

// Connections is how often the client has connected.
func (s *Session) Connections() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.opened
}

// Sizes are the windows that the client has told.
func (s *Session) Sizes() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.sizes...)
}

// Faulty is how many messages were lost, and how many came late.
func (s *Session) Faulty() (dropped, swapped int) {
	for _, l := range []*line{s.down, s.up} {
		l.mu.Lock()
		dropped, swapped = dropped+l.Dropped, swapped+l.Swapped
		l.mu.Unlock()
	}
	return dropped, swapped
}

// TaskStops is what happens to a session when its task is stopped: all processes end, and the client hears nothing.
func (s *Session) TaskStops() {
	s.mu.Lock()
	s.silent = true
	s.mu.Unlock()
	s.service.stop()
	if r := s.Rig(); r != nil {
		r.Kill()
	}
}

// Close closes the channel with the service's words and ends the command, as ssm:TerminateSession and an idle session's end do.
func (s *Session) Close(words string) {
	s.closeChannel(words)
	s.mu.Lock()
	r := s.rig
	s.mu.Unlock()
	if r != nil {
		r.Kill()
	}
}

func (s *Session) isSilent() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.silent
}

// write sends a message to whoever is connected.
func (s *Session) write(raw []byte) {
	s.mu.Lock()
	conn, silent := s.conn, s.silent
	s.mu.Unlock()
	if conn == nil || silent {
		return
	}
	s.writing.Lock()
	defer s.writing.Unlock()
	conn.WriteMessage(websocket.BinaryMessage, raw) //nolint:errcheck // what doesn't arrive is resent
}

// serve is one connection of the client's.
func (s *Session) serve(conn *websocket.Conn) {
	defer conn.Close()
	var open struct{ TokenValue, ClientId string }
	if _, text, err := conn.ReadMessage(); err != nil || json.Unmarshal(text, &open) != nil {
		return
	}
	s.mu.Lock()
	if open.TokenValue != s.token || open.ClientId == "" {
		s.mu.Unlock()
		return
	}
	s.conn = conn
	s.opened++
	first := !s.began
	s.began = true
	s.mu.Unlock()
	s.write(message{kind: typeStart, id: newID(), body: []byte("{}")}.encode())
	if first {
		go s.run()
	}
	// Reading never waits for writing: the client waits for either.
	came := make(chan []byte, 1<<16)
	defer close(came)
	go func() {
		for raw := range came {
			s.up.carry(raw)
		}
	}()
	for {
		kind, raw, err := conn.ReadMessage()
		if err != nil {
			return
		}
		if kind == websocket.BinaryMessage && !s.isSilent() {
			came <- raw
		}
	}
}

// run is the session's life, as the agent's worker leads it.
func (s *Session) run() {
	defer close(s.ended)
	defer s.agent.finish()
	if err := s.handshake(); err != nil {
		s.closeChannel(err.Error())
		return
	}
	o := s.service.Options
	dir, err := os.MkdirTemp(o.Dir, "agent-")
	if err != nil {
		s.closeChannel(err.Error())
		return
	}
	r, err := rig.Start(rig.Options{Worker: o.Worker, Command: s.Command, Program: o.Program, Env: o.Env, Dir: dir, SessionID: s.ID, Fast: o.Fast, Tee: s.agent, Cols: 1, Rows: 1})
	if err != nil {
		s.closeChannel("Unable to start shell: " + err.Error())
		return
	}
	s.mu.Lock()
	s.rig = r
	for _, size := range s.sizes {
		s.resize(size)
	}
	s.mu.Unlock()
	end, err := r.Wait(time.Hour)
	s.mu.Lock()
	s.end, s.failed = end, err
	s.mu.Unlock()
	if s.isSilent() {
		return
	}
	s.agent.drained(20 * time.Second)
	s.closeChannel("")
}

// closeChannel tells the client that it is over.
func (s *Session) closeChannel(words string) {
	body, err := json.Marshal(map[string]any{
		"MessageId": text(newID()), "CreatedDate": time.Now().UTC().Format(time.RFC3339), "SessionId": s.ID, "MessageType": typeClosed, "SchemaVersion": 1, "Output": words,
	})
	if err != nil {
		panic(err) // of strings
	}
	s.write(message{kind: typeClosed, id: newID(), body: body}.encode())
}

// typed takes what the client sends: it is called in order, for one message at a time.
func (s *Session) typed(payload uint32, body []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch payload {
	case payloadSize:
		s.sizes = append(s.sizes, string(body))
		s.resize(string(body))
	case payloadOutput:
		if s.rig != nil {
			s.rig.Type(string(body)) //nolint:errcheck // the command has ended
		}
	}
}

func (s *Session) resize(text string) {
	var size struct{ Cols, Rows uint16 }
	if s.rig != nil && json.Unmarshal([]byte(text), &size) == nil {
		s.rig.Resize(size.Cols, size.Rows) //nolint:errcheck // the command has ended
	}
}

// Token is the secret that opens the channel now.
func (s *Session) Token() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.token
}
