package shell

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"

	"opsh/shell/audit/cloudwatch"
)

// An approval is good for one run of one task of all that the service has, now and after this one is replaced: the log group remembers its
// number. A process of its own asks for it, which has the task role's credentials in the place of opsh.

// ClaimName is the argv[0] of that process. The agent can't start opsh under it.
const ClaimName = "opsh: claim"

// claimTime bounds it, with what the process takes to start.
const claimTime = 20 * time.Second

// claim is what it is told.
type claim struct {
	Target cloudwatch.Target
	Name   string
}

// claimOne is the process's whole life. What it writes is why the name can't be had; nothing: it is ours.
func claimOne() int {
	order, answer := os.NewFile(0, "order"), os.NewFile(1, "answer")
	var c claim
	if noDump() != nil || json.NewDecoder(order).Decode(&c) != nil {
		return StatusBroken
	}
	ctx, cancel := context.WithTimeout(context.Background(), claimTime)
	defer cancel()
	if err := c.Target.Claim(ctx, c.Name); err != nil {
		fmt.Fprint(answer, cloudwatch.Reason(err))
		return StatusRefused
	}
	return 0
}

// claimOnce takes an approval where records go. Where they go nowhere, only this state directory knows it.
func (s *session) claimOnce(once string) error {
	if s.shipTo == nil {
		return nil
	}
	order, err := json.Marshal(claim{*s.shipTo, "approval-" + once})
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), claimTime+5*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, s.Program)
	cmd.Args, cmd.Dir, cmd.Env, cmd.Stdin = []string{ClaimName}, "/", []string{}, bytes.NewReader(order)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	out, err := cmd.Output()
	if why := strings.TrimSpace(string(out)); err != nil && why != "" {
		err = errors.New(why)
	}
	return err
}
