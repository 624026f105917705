package fault

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// CredentialsServer stands for the endpoint from which an ECS task has its role's credentials.
type CredentialsServer struct {
	URL         string // http://127.0.0.1:PORT, in the place of http://169.254.170.2
	RelativeURI string // the only path that it answers: AWS_CONTAINER_CREDENTIALS_RELATIVE_URI

	mu       sync.Mutex
	now      keys
	status   int
	hang     chan struct{} // closed when requests need not hang any longer
	requests int
	strays   []string
}

// keys are the answer, spelled as the agent spells it.
type keys struct {
	RoleArn         string
	AccessKeyId     string //nolint:revive // the agent's spelling
	SecretAccessKey string
	Token           string
	Expiration      time.Time
}

// Credentials starts an endpoint with credentials that are good for six hours, and ends it with the test.
func Credentials(t testing.TB) *CredentialsServer {
	t.Helper()
	c, stop, err := ServeCredentials()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	return c
}

// ServeCredentials is Credentials outside a test.
func ServeCredentials() (c *CredentialsServer, stop func(), err error) {
	id := word(16)
	c = &CredentialsServer{RelativeURI: fmt.Sprintf("/v2/credentials/%s-%s-%s-%s-%s", id[:8], id[8:12], id[12:16], id[16:20], id[20:])}
	c.Rotate(6 * time.Hour)
	l, err := listen()
	if err != nil {
		return nil, nil, err
	}
	c.URL = "http://" + l.Addr().String()
	s := &http.Server{Handler: http.HandlerFunc(c.serve), ReadHeaderTimeout: time.Minute}
	go s.Serve(l) //nolint:errcheck // it ends with the test
	return c, func() {
		c.Hang(false)
		s.Close() //nolint:errcheck // the test is over
	}, nil
}

// Rotate makes new credentials, good for so long; a negative duration makes some that have expired already. Those of before stop
// being Valid at once, which is harsher than AWS: there they are good until their own end.
func (c *CredentialsServer) Rotate(valid time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = keys{
		RoleArn:         "arn:aws:iam::" + Account + ":role/ops-task",
		AccessKeyId:     "ASIA" + strings.ToUpper(word(8)),
		SecretAccessKey: word(20),
		Token:           word(100),
		Expiration:      time.Now().UTC().Add(valid).Truncate(time.Second),
	}
}

// Expire ends the credentials now; until the next Rotate the endpoint goes on giving them out, as an agent does that has lost its way
// to its own service.
func (c *CredentialsServer) Expire() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now.Expiration = time.Now().UTC().Add(-time.Second).Truncate(time.Second)
}

// Valid says whether an access key is the present one, and not expired. It is made for Proxy.Require.
func (c *CredentialsServer) Valid(accessKeyID string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return accessKeyID == c.now.AccessKeyId && time.Now().Before(c.now.Expiration)
}

// AccessKeyID is the present one.
func (c *CredentialsServer) AccessKeyID() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now.AccessKeyId
}

// Keys are the present credentials, for who checks what was signed with them.
func (c *CredentialsServer) Keys() aws.Credentials {
	c.mu.Lock()
	defer c.mu.Unlock()
	return aws.Credentials{AccessKeyID: c.now.AccessKeyId, SecretAccessKey: c.now.SecretAccessKey, SessionToken: c.now.Token}
}

// Fail makes the endpoint answer with a status, 500 for instance; 0 ends that.
func (c *CredentialsServer) Fail(status int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.status = status
}

// Hang makes requests wait without an answer, until it is told off. Those that waited are answered then.
func (c *CredentialsServer) Hang(on bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case on && c.hang == nil:
		c.hang = make(chan struct{})
	case !on && c.hang != nil:
		close(c.hang)
		c.hang = nil
	}
}

// Requests is how many came for the path, answered or not.
func (c *CredentialsServer) Requests() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.requests
}

// Strays are the requests for anything else, as "GET /path". They were answered 404.
func (c *CredentialsServer) Strays() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]string(nil), c.strays...)
}

func (c *CredentialsServer) serve(w http.ResponseWriter, r *http.Request) {
	c.mu.Lock()
	if r.Method != http.MethodGet || r.URL.Path != c.RelativeURI {
		c.strays = append(c.strays, r.Method+" "+r.URL.Path)
		c.mu.Unlock()
		http.NotFound(w, r)
		return
	}
	c.requests++
	hang := c.hang
	c.mu.Unlock()
	if hang != nil {
		select {
		case <-hang:
		case <-r.Context().Done():
			return
		}
	}
	c.mu.Lock()
	now, status := c.now, c.status
	c.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	if status != 0 {
		w.WriteHeader(status)
		fmt.Fprintf(w, `{"code":"InternalServerError","message":"%s"}`, http.StatusText(status)) //nolint:errcheck // the client may have gone
		return
	}
	json.NewEncoder(w).Encode(now) //nolint:errcheck // the client may have gone
}

// word is n random bytes in hex.
func word(n int) string {
	b := make([]byte, n)
	rand.Read(b) //nolint:errcheck // it never fails
	return hex.EncodeToString(b)
}
