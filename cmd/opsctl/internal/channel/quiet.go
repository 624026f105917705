package channel

import (
	"fmt"
	"sync"

	"github.com/aws/session-manager-plugin/src/log"
)

// quiet is the library's logger. Its own would write to /usr/local, or wherever a file there says, and what it logs are addresses and
// payloads. This one keeps the last error, for the one who is told that the session can't be had.
type quiet struct {
	mu   sync.Mutex
	last string
}

func (q *quiet) keep(text string) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.last = text
	return nil
}

// lastError is what went wrong last, "" when nothing did.
func (q *quiet) lastError() string {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.last
}

func (q *quiet) Errorf(format string, v ...any) error    { return q.keep(fmt.Sprintf(format, v...)) }
func (q *quiet) Criticalf(format string, v ...any) error { return q.keep(fmt.Sprintf(format, v...)) }
func (q *quiet) Error(v ...any) error                    { return q.keep(fmt.Sprint(v...)) }
func (q *quiet) Critical(v ...any) error                 { return q.keep(fmt.Sprint(v...)) }

func (q *quiet) WithContext(...string) log.T { return q }
func (q *quiet) Tracef(string, ...any)       {}
func (q *quiet) Debugf(string, ...any)       {}
func (q *quiet) Infof(string, ...any)        {}
func (q *quiet) Warnf(string, ...any) error  { return nil }
func (q *quiet) Trace(...any)                {}
func (q *quiet) Debug(...any)                {}
func (q *quiet) Info(...any)                 {}
func (q *quiet) Warn(...any) error           { return nil }
func (q *quiet) Flush()                      {}
func (q *quiet) Close()                      {}
