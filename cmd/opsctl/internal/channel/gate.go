package channel

import (
	"errors"
	"sync"

	"github.com/aws/session-manager-plugin/src/communicator"
	"github.com/aws/session-manager-plugin/src/log"
	"github.com/gorilla/websocket"
)

// gate is the library's connection, where one thing happens at a time, and nothing is sent before the token that opens the channel. The
// library replaces a lost connection while its other goroutines write to it, and would send them ahead of the token.
type gate struct {
	communicator.WebSocketChannel
	mu       sync.Mutex
	admitted bool
}

var errShut = errors.New("cannot send: the channel is not open")

// Open connects.
func (g *gate) Open(l log.T) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.admitted = false
	return g.WebSocketChannel.Open(l)
}

// Close disconnects.
func (g *gate) Close(l log.T) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.admitted = false
	return g.WebSocketChannel.Close(l)
}

// SendMessage sends. The token is the one message of text.
func (g *gate) SendMessage(l log.T, input []byte, kind int) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if kind != websocket.TextMessage && !g.admitted {
		return errShut
	}
	err := g.WebSocketChannel.SendMessage(l, input, kind)
	g.admitted = err == nil
	return err
}
