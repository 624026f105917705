package main

import (
	"flag"

	"opsh/cmd/opsctl/internal/awsconf"
	"opsh/cmd/opsctl/internal/awserr"
)

// awsOptions are the options of every verb that asks AWS.
func awsOptions(f *flag.FlagSet, o *awsconf.Options) {
	f.StringVar(&o.Profile, "profile", "", "")
	f.StringVar(&o.Region, "region", "", "")
}

// awsHint is what to do about an error that may be AWS's; empty where it isn't.
func awsHint(err error, o awsconf.Options) string {
	_, hint := awserr.Explain(err, awserr.About{Profile: o.Profile, Region: o.Region})
	return hint
}
