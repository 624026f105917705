package session

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/kms"

	"opsh/test/fault"
	"opsh/test/standin"
)

// keyOf makes a key in moto, and returns the setting by which a client finds moto's KMS.
func keyOf(t testing.TB) (*standin.KMS, string) {
	t.Helper()
	moto := fault.Shared(t)
	client := kms.NewFromConfig(aws.Config{Region: "eu-west-1", BaseEndpoint: &moto.URL, Credentials: credentials.NewStaticCredentialsProvider("AKIDEXAMPLE", "for tests", "")})
	made, err := client.CreateKey(t.Context(), &kms.CreateKeyInput{})
	must(t, err)
	return &standin.KMS{Client: client, KeyID: *made.KeyMetadata.Arn}, "AWS_ENDPOINT_URL_KMS=" + moto.URL
}
