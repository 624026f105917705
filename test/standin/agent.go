package standin

import (
	"encoding/json"
	"fmt"
	"sync"
	"time"
)

// agent is the agent's side of one data channel: sequence, acknowledgements, resending, handshake. It does as the real one does, also where
// that is poor: only the oldest unacknowledged message is resent, once in 100 ms, and what was processed is not acknowledged again.
type agent struct {
	send  func([]byte)                   // to the client, through the faults; without a client it goes nowhere
	input func(payload uint32, b []byte) // keys and sizes, in order

	mu       sync.Mutex
	room     *sync.Cond
	next     int64             // the next message's sequence number
	unacked  []sent            // in order
	expected int64             // the client's next
	early    map[int64]message // what came out of order
	cipher   *cipherPair       // nil: not encrypted, or not yet
	answers  chan message      // the client's part of the handshake
	shaken   bool
	over     bool
	resent   int
}

type sent struct {
	sequence int64
	raw      []byte
	at       time.Time
}

// window bounds what is unacknowledged. The real agent goes on and forgets, beyond 10,000.
const window = 8000

func newAgent(send func([]byte), input func(uint32, []byte)) *agent {
	a := &agent{send: send, input: input, early: map[int64]message{}, answers: make(chan message, 16)}
	a.room = sync.NewCond(&a.mu)
	go a.resend()
	return a
}

// Write sends output, as the worker's tee. It waits while too much is unacknowledged.
func (a *agent) Write(b []byte) (int, error) {
	for rest := b; len(rest) > 0; {
		n := min(1024, len(rest))
		a.say(payloadOutput, rest[:n])
		rest = rest[n:]
	}
	return len(b), nil
}

// say sends a data message.
func (a *agent) say(payload uint32, body []byte) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for len(a.unacked) >= window && !a.over {
		a.room.Wait()
	}
	if a.over {
		return
	}
	if a.cipher != nil && payload == payloadOutput {
		body = a.cipher.seal(body)
	}
	raw := message{kind: typeOutput, sequence: a.next, id: newID(), payload: payload, body: body}.encode()
	a.unacked = append(a.unacked, sent{a.next, raw, time.Now()})
	a.next++
	a.send(raw)
}

// resend sends the oldest message again when it has waited for 200 ms.
func (a *agent) resend() {
	for {
		time.Sleep(100 * time.Millisecond)
		a.mu.Lock()
		if a.over {
			a.mu.Unlock()
			return
		}
		if len(a.unacked) > 0 && time.Since(a.unacked[0].at) > 200*time.Millisecond {
			a.unacked[0].at = time.Now()
			a.resent++
			a.send(a.unacked[0].raw)
		}
		a.mu.Unlock()
	}
}

// receive takes a message of the client's.
func (a *agent) receive(raw []byte) error {
	m, err := decode(raw)
	if err != nil {
		return err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	switch m.kind {
	case typeAck:
		var ack struct{ AcknowledgedMessageSequenceNumber int64 }
		if err := json.Unmarshal(m.body, &ack); err != nil {
			return err
		}
		for i, s := range a.unacked {
			if s.sequence == ack.AcknowledgedMessageSequenceNumber {
				a.unacked = append(a.unacked[:i], a.unacked[i+1:]...)
				a.room.Broadcast()
				break
			}
		}
	case typeInput:
		if m.sequence < a.expected {
			return nil
		}
		a.acknowledge(m)
		a.early[m.sequence] = m
		for m, ok := a.early[a.expected]; ok; m, ok = a.early[a.expected] {
			delete(a.early, a.expected)
			a.expected++
			if err := a.process(m); err != nil {
				return err
			}
		}
	}
	return nil
}

func (a *agent) acknowledge(m message) {
	body, _ := json.Marshal(map[string]any{
		"AcknowledgedMessageType": m.kind, "AcknowledgedMessageId": text(m.id), "AcknowledgedMessageSequenceNumber": m.sequence, "IsSequentialMessage": true,
	})
	a.send(message{kind: typeAck, id: newID(), body: body}.encode())
}

func (a *agent) process(m message) error {
	switch m.payload {
	case payloadHandshakeResponse, payloadChallengeResponse:
		a.answers <- m
		return nil
	}
	if !a.shaken {
		return nil // the real agent ignores it, too
	}
	if a.cipher != nil && m.payload == payloadOutput {
		plain, err := a.cipher.open(m.body)
		if err != nil {
			return err
		}
		m.body = plain
	}
	a.input(m.payload, m.body)
	return nil
}

// answer waits for the client's part of the handshake.
func (a *agent) answer(payload uint32, into any) error {
	select {
	case m := <-a.answers:
		if m.payload != payload {
			return fmt.Errorf("the client answered with a payload of type %d", m.payload)
		}
		return json.Unmarshal(m.body, into)
	case <-time.After(15 * time.Second):
		return fmt.Errorf("the client made no handshake")
	}
}

// drained waits until the client has everything.
func (a *agent) drained(atMost time.Duration) {
	for give := time.Now().Add(atMost); time.Now().Before(give); time.Sleep(2 * time.Millisecond) {
		a.mu.Lock()
		n := len(a.unacked)
		a.mu.Unlock()
		if n == 0 {
			return
		}
	}
}

// finish ends the sending.
func (a *agent) finish() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.over = true
	a.room.Broadcast()
}
