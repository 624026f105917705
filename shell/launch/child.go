package launch

import (
	"errors"
	"fmt"
	"os"
	"time"

	"golang.org/x/sys/unix"

	"opsh/shell/contain"
)

// child is the tool's first process: opsh-exec, until it becomes the tool.
type child struct {
	*contain.Keeper
	listener *contain.Listener
}

// become returns when opsh-exec has become the tool, and everything that the tool asks is answered.
func (c *child) become(s contain.Spec, status *os.File, tell contain.Told) error {
	if s.Traced() {
		if err := contain.Held(status); err != nil {
			return err
		}
	}
	if err := status.SetReadDeadline(time.Now().Add(patience)); err != nil {
		return err
	}
	filter, err := contain.Await(status)
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return fmt.Errorf("opsh-exec did not start it within %s", patience)
	}
	if err != nil {
		return err
	}
	c.listener, err = contain.Listen(filter, s, tell)
	return err
}

// giveUp ends one that didn't become the tool. Why is known already.
func (c *child) giveUp() {
	c.Signal(unix.SIGKILL)
	<-c.Ended()
}

// moment is how long before a tool's end what was killed counts as left running.
const moment = 50 * time.Millisecond

// orphans are the processes of the tool that a hangup or a kill ended a moment ago. It takes the status of those that the tool left behind.
func (c *child) orphans(uid uint32) []Process {
	return append(c.HungUp(moment), reapOrphans(uid, c.PID())...)
}

// settled waits until the Keeper has taken the end of all that it holds, but not for one that a lost terminal holds up. Until then
// a process that the kernel has killed is neither running nor known to have.
func (c *child) settled() {
	select {
	case <-c.Done():
	case <-time.After(delivery):
	}
}

// close ends the answering: nobody is left to ask.
func (c *child) close(uid uint32) {
	c.listener.Close()
	c.settled()
	reapOrphans(uid, c.PID())
}
