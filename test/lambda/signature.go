package lambda

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
)

var authorization = regexp.MustCompile(`\AAWS4-HMAC-SHA256 Credential=([^/]+)/[0-9]{8}/([^/]+)/([^/]+)/aws4_request, SignedHeaders=([^,]+), Signature=[0-9a-f]{64}\z`)

// signer is who signed the request, for service lambda in the function's region, in the last 5 minutes. It signs again, with the
// caller's secret key, what the request says was signed.
func (f *Function) signer(r *http.Request, body []byte) (Caller, bool) {
	given := r.Header.Get("Authorization")
	m := authorization.FindStringSubmatch(given)
	at, err := time.Parse("20060102T150405Z", r.Header.Get("X-Amz-Date"))
	if m == nil || err != nil || m[2] != f.region || m[3] != "lambda" || time.Since(at).Abs() > 5*time.Minute {
		return Caller{}, false
	}
	n := slices.IndexFunc(f.callers, func(c Caller) bool { return c.AccessKey == m[1] })
	signed := strings.Split(m[4], ";")
	if n < 0 || !slices.Contains(signed, "host") || !slices.Contains(signed, "x-amz-date") {
		return Caller{}, false
	}
	again := &http.Request{Method: r.Method, URL: &url.URL{Scheme: "http", Host: r.Host, Path: r.URL.Path, RawQuery: r.URL.RawQuery}, Host: r.Host, Header: http.Header{}}
	for _, name := range signed {
		switch name {
		case "host", "x-amz-date":
		case "content-length":
			again.ContentLength = int64(len(body))
		default:
			again.Header[http.CanonicalHeaderKey(name)] = r.Header.Values(name)
		}
	}
	sum := sha256.Sum256(body)
	who := f.callers[n]
	err = v4.NewSigner().SignHTTP(context.Background(), aws.Credentials{AccessKeyID: who.AccessKey, SecretAccessKey: who.Secret}, again, hex.EncodeToString(sum[:]), "lambda", f.region, at)
	return who, err == nil && again.Header.Get("Authorization") == given
}
