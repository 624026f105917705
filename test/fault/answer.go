package fault

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"time"
)

// answer is a whole answer, the target's or the proxy's own.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// serviceError is an error as the JSON 1.1 protocol has it. A few services send the type in the body alone, some in the header alone;
// CloudWatch Logs sends both.
func serviceError(kind, message string) answer {
	body, err := json.Marshal(map[string]string{"__type": kind, "message": message})
	if err != nil {
		panic(err) // two strings
	}
	return answer{http.StatusBadRequest, http.Header{
		"Content-Type":     {"application/x-amz-json-1.1"},
		"X-Amzn-Errortype": {kind},
		"X-Amzn-Requestid": {word(16)},
	}, body}
}

// bare is what stands before the service says: a load balancer, a gateway.
func bare(status int, body string) answer {
	h := http.Header{}
	if body != "" {
		h.Set("Content-Type", "text/html")
		if body[0] == '{' {
			h.Set("Content-Type", "application/x-amz-json-1.1")
		}
	}
	return answer{status, h, []byte(body)}
}

func (a answer) write(w http.ResponseWriter) {
	for name, values := range a.header {
		if name != "Connection" {
			w.Header()[name] = values
		}
	}
	w.Header().Set("Content-Length", fmt.Sprint(len(a.body)))
	w.WriteHeader(a.status)
	w.Write(a.body) //nolint:errcheck // the client may have gone
}

// cut sends the head of the answer and half of its body, then resets the connection.
func (a answer) cut(w http.ResponseWriter) {
	conn := taken(w)
	if conn == nil {
		return
	}
	half := a.body[:len(a.body)/2]
	fmt.Fprintf(conn, "HTTP/1.1 %d %s\r\nContent-Type: application/x-amz-json-1.1\r\nContent-Length: %d\r\n\r\n%s",
		a.status, http.StatusText(a.status), len(a.body), half) //nolint:errcheck // the client may have gone
	// A reset throws away what the client hasn't read: it has a moment for it, so that the cut lies in the answer and not before it.
	time.Sleep(5 * time.Millisecond)
	reset(conn)
}

// drop ends the connection without an answer: with a FIN, or a RST.
func drop(w http.ResponseWriter, hard bool) {
	switch conn := taken(w); {
	case conn == nil:
	case hard:
		reset(conn)
	default:
		conn.Close() //nolint:errcheck // nothing is owed to it
	}
}

func reset(conn net.Conn) {
	if tcp, ok := conn.(*net.TCPConn); ok {
		tcp.SetLinger(0) //nolint:errcheck // the connection may be gone, which is what this is for
	}
	conn.Close() //nolint:errcheck // likewise
}

// taken is the connection, taken from the HTTP server; nil when it is gone.
func taken(w http.ResponseWriter) net.Conn {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return nil
	}
	return conn
}
