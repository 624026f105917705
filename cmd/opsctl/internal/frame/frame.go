// Package frame is what opsctl and the child that holds its session say to each other, over the child's standard input and output: what is
// the session's and what is about the session can't be taken for one another.
package frame

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// Kind is what a frame is.
type Kind byte

// What the parent says.
const (
	Open  Kind = 'O' // an Opening, as JSON; the first frame
	Input Kind = 'I' // keys
	Size  Kind = 'S' // a Window, as JSON
	Quit  Kind = 'Q' // leave, and end the session in the container where that is permitted. The end of input means the same
)

// What the child says.
const (
	Ready  Kind = 'r' // the agent has answered: keys will arrive
	Output Kind = 'o' // what the session's terminal prints
	Note   Kind = 'n' // text: the connection was lost, or is back
	Closed Kind = 'c' // text, or nothing: the service has closed the channel, and said why. The last frame
	Lost   Kind = 'l' // text: there is no connection, and won't be. The last frame
)

// Opening is an opened session.
type Opening struct{ ID, StreamURL, Token, Region, Target string }

// Window is a terminal's size, as the agent takes it.
type Window struct {
	Cols int `json:"cols"`
	Rows int `json:"rows"`
}

// most bounds a frame: what is longer isn't one.
const most = 1 << 20

// Write writes one frame: kind, length, payload. A frame is written by one call of w.Write.
func Write(w io.Writer, k Kind, payload []byte) error {
	if len(payload) > most {
		return errors.New("cannot write a frame: it is too long")
	}
	b := make([]byte, 0, 5+len(payload))
	b = append(b, byte(k))
	b = binary.BigEndian.AppendUint32(b, uint32(len(payload)))
	_, err := w.Write(append(b, payload...))
	return err
}

// WriteJSON is Write for what travels as JSON.
func WriteJSON(w io.Writer, k Kind, v any) error {
	payload, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("cannot write a frame: %w", err)
	}
	return Write(w, k, payload)
}

// Read reads one frame. io.EOF: there are no more.
func Read(r io.Reader) (Kind, []byte, error) {
	var head [5]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return 0, nil, err
	}
	n := binary.BigEndian.Uint32(head[1:])
	if n > most {
		return 0, nil, errors.New("cannot read a frame: it is too long")
	}
	payload := make([]byte, n)
	if _, err := io.ReadFull(r, payload); err != nil {
		return 0, nil, fmt.Errorf("cannot read a frame: %w", io.ErrUnexpectedEOF)
	}
	return Kind(head[0]), payload, nil
}
