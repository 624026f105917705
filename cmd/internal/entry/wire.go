package entry

// Request asks the broker for a session: the JSON body of a POST. Every key is required, and there are no others.
type Request struct {
	Version   int    `json:"version"` // Version
	Cluster   string `json:"cluster"` // a name, no ARN
	Task      string `json:"task"`    // an id, no ARN
	Container string `json:"container"`
	Runbook   bool   `json:"runbook"` // as in Order
	Reason    string `json:"reason"`
	Time      string `json:"time"`  // when it was made, in the form TimeForm, UTC
	Nonce     string `json:"nonce"` // 32 hex digits, never used before
}

// Version is the request's.
const Version = 1

// TimeForm is how times are written: with all digits, since the broker compares them.
const TimeForm = "2006-01-02T15:04:05.000000000Z"

// Answer is a session that is open. The token is a secret: it lets whoever has it type.
type Answer struct {
	SessionID string `json:"sessionId"`
	StreamURL string `json:"streamUrl"`
	Token     string `json:"tokenValue"`
}

// Refusal says why there is no session.
type Refusal struct {
	Code  string `json:"code"`
	Error string `json:"error"`
	Now   string `json:"now,omitempty"` // the broker's clock, with Stale
}

// The codes of a refusal.
const (
	Denied       = "denied"        // the caller may not
	Malformed    = "malformed"     // it is no request
	Stale        = "stale"         // it was made before this broker started, too long ago, or in the future: make a new one by the broker's clock
	Replayed     = "replayed"      // it has been seen before
	Limited      = "limited"       // too many requests
	NotConnected = "not_connected" // the container's agent isn't connected, as in TargetNotConnectedException
	Failed       = "failed"        // AWS refused the broker, or failed
)
