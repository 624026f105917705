package fault

import (
	"context"
	"encoding/json"
	"net/http"
	"regexp"
	"strings"
	"time"
)

// Request is what a Plan may decide by.
type Request struct {
	N             int    // the how-many-th of the proxy's life, from 1
	Action        string // from X-Amz-Target: "PutLogEvents"; without one the method and the path
	Group, Stream string // as far as the request names them
	Events        int    // of a PutLogEvents
	AccessKeyID   string // whose signature it bears; moto and the proxy don't check the signature itself

	region string
}

// underway is a request with all that becomes of it.
type underway struct {
	Request
	header http.Header
	method string
	path   string
	body   []byte
	put    put
	isPut  bool
	came   time.Time
	batch  Batch

	gone     context.Context // done when the client has gone
	givenUp  bool            // the client had gone before it was answered; set before answered is closed
	answered chan struct{}   // closed before the first byte of an answer, and before a connection is ended
}

var credential = regexp.MustCompile(`Credential=([^/,]+)/[0-9]+/([^/,]+)/`)

func read(r *http.Request, body []byte) *underway {
	u := &underway{header: r.Header.Clone(), method: r.Method, path: r.URL.RequestURI(), body: body, came: time.Now(), gone: r.Context(), answered: make(chan struct{})}
	u.Action = r.Method + " " + r.URL.Path
	if target := r.Header.Get("X-Amz-Target"); target != "" {
		u.Action = target[strings.LastIndexByte(target, '.')+1:]
	}
	u.region = Region
	if m := credential.FindStringSubmatch(r.Header.Get("Authorization")); m != nil {
		u.AccessKeyID, u.region = m[1], m[2]
	}
	// A body that is no JSON, or another action's, names no group: then the target says what it thinks of it.
	err := json.Unmarshal(body, &u.put)
	u.Group, u.Stream = u.put.LogGroupName, u.put.LogStreamName
	if u.isPut = err == nil && u.Action == "PutLogEvents"; u.isPut {
		u.Events = len(u.put.LogEvents)
		u.batch = u.put.measure(u.came)
	}
	return u
}
