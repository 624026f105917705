package fault

import "os"

// Environ is what a person's shell holds who works with moto in AWS's place.
func Environ(motoURL string) []string {
	return append(os.Environ(), "AWS_ENDPOINT_URL="+motoURL, "AWS_REGION="+Region, "AWS_ACCESS_KEY_ID=AKIATESTING", "AWS_SECRET_ACCESS_KEY=testing",
		"AWS_CONFIG_FILE=/dev/null", "AWS_SHARED_CREDENTIALS_FILE=/dev/null", "AWS_EC2_METADATA_DISABLED=true", "AWS_PROFILE=")
}
