package fault

import (
	"fmt"
	"math/rand/v2"
	"net"
)

// listen takes a free port below those that the kernel gives to outgoing connections (32768 and up). While nobody listens on one of
// those, a connect to it can be given the very same port and reach itself (TCP's simultaneous open), where it had to be refused; and
// another connection can take it before its owner comes back.
func listen() (net.Listener, error) {
	var last error
	for range 100 {
		l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", 10000+rand.IntN(22000)))
		if err == nil {
			return l, nil
		}
		last = err
	}
	return nil, fmt.Errorf("cannot find a free port: %w", last)
}
