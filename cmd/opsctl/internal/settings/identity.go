package settings

import "strings"

// Identity is the profile to use: the one asked for, or else the file's, unless the environment has credentials or a profile (aws-vault, CI).
// A file of the working tree may say which of a person's profiles fits its cluster, not replace the identity that they started opsctl under.
func (s Settings) Identity(asked string, environ []string) string {
	if asked != "" {
		return asked
	}
	for _, e := range environ {
		name, v, _ := strings.Cut(e, "=")
		switch name {
		case "AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_WEB_IDENTITY_TOKEN_FILE",
			"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI":
			if v != "" {
				return ""
			}
		}
	}
	return s.Profile
}
