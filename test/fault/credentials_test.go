package fault

import (
	"context"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials/endpointcreds"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
)

// provider is the SDK's own client of such an endpoint.
func provider(c *CredentialsServer) aws.CredentialsProvider {
	return endpointcreds.New(c.URL+c.RelativeURI, func(o *endpointcreds.Options) { o.Retryer = aws.NopRetryer{} })
}

func retrieve(t *testing.T, c *CredentialsServer, atMost time.Duration) (aws.Credentials, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), atMost)
	defer cancel()
	return provider(c).Retrieve(ctx)
}

func TestCredentials(t *testing.T) {
	c := Credentials(t)
	first, err := retrieve(t, c, long)
	if err != nil || first.AccessKeyID != c.AccessKeyID() || first.SecretAccessKey == "" || first.SessionToken == "" ||
		time.Until(first.Expires) < 5*time.Hour || !c.Valid(first.AccessKeyID) {
		t.Errorf("first: %+v %v", first, err)
	}

	c.Rotate(time.Hour)
	second, err := retrieve(t, c, long)
	if err != nil || second.AccessKeyID == first.AccessKeyID || c.Valid(first.AccessKeyID) || !c.Valid(second.AccessKeyID) {
		t.Errorf("rotated: %+v %v", second, err)
	}

	c.Expire()
	third, err := retrieve(t, c, long)
	if err != nil || third.AccessKeyID != second.AccessKeyID || !third.Expired() || c.Valid(third.AccessKeyID) {
		t.Errorf("expired: %+v %v", third, err)
	}

	c.Fail(http.StatusInternalServerError)
	if _, err := retrieve(t, c, long); err == nil {
		t.Error("a 500 went unnoticed")
	}
	c.Fail(0)

	c.Hang(true)
	if _, err := retrieve(t, c, 50*time.Millisecond); err == nil {
		t.Error("it answered while it hung")
	}
	done := make(chan error)
	go func() { _, err := retrieve(t, c, long); done <- err }()
	for c.Requests() < 6 {
		time.Sleep(time.Millisecond)
	}
	c.Hang(false)
	if err := <-done; err != nil {
		t.Errorf("who waited was not answered: %v", err)
	}

	if n := c.Requests(); n != 6 {
		t.Errorf("%d requests were counted", n)
	}
	a, err := http.Get(c.URL + "/v2/credentials/other")
	if err != nil {
		t.Fatal(err)
	}
	a.Body.Close() //nolint:errcheck // nothing was read
	if a.StatusCode != http.StatusNotFound || c.Requests() != 6 || !slices.Equal(c.Strays(), []string{"GET /v2/credentials/other"}) {
		t.Errorf("another path: %s, %v", a.Status, c.Strays())
	}
}

// TestRequire: a client that holds on to credentials of before is told so by the service, and one that asks again gets through.
func TestRequire(t *testing.T) {
	b, c := newBench(t), Credentials(t)
	b.Require(c.Valid)
	cache := aws.NewCredentialsCache(provider(c))
	client := cloudwatchlogs.New(cloudwatchlogs.Options{Region: Region, BaseEndpoint: &b.URL, Credentials: cache, Retryer: aws.NopRetryer{}})
	describe := func() error {
		_, err := client.DescribeLogGroups(context.Background(), &cloudwatchlogs.DescribeLogGroupsInput{})
		return err
	}
	if err := describe(); err != nil {
		t.Error(err)
	}
	c.Rotate(time.Hour)
	if err := describe(); err == nil {
		t.Error("the credentials of before were taken")
	}
	cache.Invalidate()
	if err := describe(); err != nil {
		t.Error(err)
	}
	if n := c.Requests(); n != 2 {
		t.Errorf("the endpoint was asked %d times", n)
	}
}
