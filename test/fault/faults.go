package fault

import (
	"fmt"
	"time"
)

// Kind names a fault, for counting.
type Kind string

// The kinds. Each has a function of about its name below that makes the Fault and says what it does.
const (
	KindNone          Kind = "none"
	KindRefuse        Kind = "refuse"
	KindResetBefore   Kind = "reset-before"
	KindResetAfter    Kind = "reset-after"
	KindStatus        Kind = "status"
	KindStatusAfter   Kind = "status-after"
	KindThrottle      Kind = "throttle"
	KindAccessDenied  Kind = "access-denied"
	KindExpiredToken  Kind = "expired-token"
	KindStall         Kind = "stall"
	KindLate          Kind = "late"
	KindSlow          Kind = "slow"
	KindTooNew        Kind = "too-new"
	KindTooOld        Kind = "too-old"
	KindExpired       Kind = "expired"
	KindKMS           Kind = "kms"
	KindGroupMissing  Kind = "group-missing"
	KindStreamMissing Kind = "stream-missing"
)

// Fault is what happens to one request. The zero value is as None.
type Fault struct {
	Kind   Kind
	Status int           // of KindStatus and KindStatusAfter
	Body   string        // likewise
	For    time.Duration // of KindStall, KindLate and KindSlow
	Index  int           // of KindTooNew, KindTooOld and KindExpired; on other actions than PutLogEvents those are as None
}

// None passes the request on, and the answer back.
func None() Fault { return Fault{Kind: KindNone} }

// Refuse closes the connection without a word; the target doesn't see the request. Proxy.Down refuses connects themselves.
func Refuse() Fault { return Fault{Kind: KindRefuse} }

// ResetBefore resets the connection (RST); the target doesn't see the request.
func ResetBefore() Fault { return Fault{Kind: KindResetBefore} }

// ResetAfter has the target apply the request, then resets the connection in the middle of the answer: the client can't know.
func ResetAfter() Fault { return Fault{Kind: KindResetAfter} }

// Status answers with a status, 503 for instance, and a body or none; the target doesn't see the request.
func Status(status int, body string) Fault {
	return Fault{Kind: KindStatus, Status: status, Body: body}
}

// StatusAfter is Status, but the target has applied the request, as happens behind a gateway that loses the answer.
func StatusAfter(status int, body string) Fault {
	return Fault{Kind: KindStatusAfter, Status: status, Body: body}
}

// Throttle answers as the API does when the account's requests a second are used up.
func Throttle() Fault { return Fault{Kind: KindThrottle} }

// AccessDenied answers as the API does when the task's role may not do this.
func AccessDenied() Fault { return Fault{Kind: KindAccessDenied} }

// ExpiredToken answers as the API does when the credentials have expired. See also Proxy.Require.
func ExpiredToken() Fault { return Fault{Kind: KindExpiredToken} }

// Stall says nothing for so long, then closes the connection; the target doesn't see the request.
func Stall(d time.Duration) Fault { return Fault{Kind: KindStall, For: d} }

// Late holds the request for so long, then passes it on, whether the client still waits or not: it may be applied after the retry
// that follows it. If the client waits, it is answered.
func Late(d time.Duration) Fault { return Fault{Kind: KindLate, For: d} }

// Slow passes the request on at once and holds the answer for so long.
func Slow(d time.Duration) Fault { return Fault{Kind: KindSlow, For: d} }

// TooNew stores the events before index i, and answers 200 with tooNewLogEventStartIndex i: from it on they were dropped (inclusive).
func TooNew(i int) Fault { return Fault{Kind: KindTooNew, Index: i} }

// TooOld stores the events from index i on, and answers 200 with tooOldLogEventEndIndex i: those before it were dropped (exclusive).
func TooOld(i int) Fault { return Fault{Kind: KindTooOld, Index: i} }

// Expired is TooOld with expiredLogEventEndIndex: past the group's retention. That the index is exclusive here too is read from its
// name; the API's documentation doesn't say.
func Expired(i int) Fault { return Fault{Kind: KindExpired, Index: i} }

// KMS answers as the API does when the key's policy doesn't let CloudWatch Logs use it for this group. The text is what AssociateKmsKey
// and CreateLogGroup are known to answer; what PutLogEvents says for a key that was lost later is not documented.
func KMS() Fault { return Fault{Kind: KindKMS} }

// GroupMissing answers that the log group doesn't exist.
func GroupMissing() Fault { return Fault{Kind: KindGroupMissing} }

// StreamMissing answers that the log stream doesn't exist.
func StreamMissing() Fault { return Fault{Kind: KindStreamMissing} }

// refusal is the service's own answer for a kind that has one.
func (r Request) refusal(k Kind) (answer, bool) {
	arn := fmt.Sprintf("arn:aws:logs:%s:%s:log-group:%s", r.region, Account, r.Group)
	switch k {
	case KindThrottle:
		return serviceError("ThrottlingException", "Rate exceeded"), true
	case KindAccessDenied:
		return serviceError("AccessDeniedException", fmt.Sprintf("User: arn:aws:sts::%s:assumed-role/ops-task/0a1b2c3d4e5f60718293a4b5c6d7e8f9 is not "+
			"authorized to perform: logs:%s on resource: %s:log-stream:%s because no identity-based policy allows the logs:%[2]s action",
			Account, r.Action, arn, r.Stream)), true
	case KindExpiredToken:
		return serviceError("ExpiredTokenException", "The security token included in the request is expired"), true
	case KindKMS:
		return serviceError("AccessDeniedException", "The specified KMS key does not exist or is not allowed to be used with Arn '"+arn+"'"), true
	case KindGroupMissing:
		return serviceError("ResourceNotFoundException", "The specified log group does not exist."), true
	case KindStreamMissing:
		return serviceError("ResourceNotFoundException", "The specified log stream does not exist."), true
	}
	return answer{}, false
}
