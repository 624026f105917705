package sdk

import (
	"context"
	"errors"
	"fmt"
	"net"

	"github.com/aws/smithy-go"

	"opsh/shell/taskrole"
)

// Reason is an error of AWS's client as one line for a person: what was asked for and what the service said, without the client's own
// layers.
func Reason(err error) string {
	var op *smithy.OperationError
	what := ""
	if errors.As(err, &op) {
		what = op.Operation() + ": "
	}
	var said smithy.APIError
	var network *net.OpError
	var credentials *CredentialsError
	text := err.Error()
	switch {
	case errors.As(err, &credentials):
		text = credentials.Error()
	case errors.As(err, &said):
		text = what + said.ErrorCode() + ": " + said.ErrorMessage()
	case errors.Is(err, context.DeadlineExceeded), TimedOut(err):
		text = fmt.Sprintf("%sno answer within %s", what, taskrole.RequestTime)
	case errors.As(err, &network):
		text = what + network.Error()
	}
	return taskrole.Plain(text)
}

// CredentialsError says that the task's credentials could not be had.
type CredentialsError struct{ err error }

func (e *CredentialsError) Error() string {
	return "cannot get the task's credentials: " + e.err.Error()
}
func (e *CredentialsError) Unwrap() error { return e.err }

// TimedOut says that an error is about time.
func TimedOut(err error) bool {
	var t interface{ Timeout() bool }
	return errors.As(err, &t) && t.Timeout()
}
