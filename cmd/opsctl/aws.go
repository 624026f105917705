package main

import (
	"flag"

	"opsh/cmd/opsctl/internal/awsconf"
)

// awsOptions are the options of every verb that asks AWS.
func awsOptions(f *flag.FlagSet, o *awsconf.Options) {
	f.StringVar(&o.Profile, "profile", "", "")
	f.StringVar(&o.Region, "region", "", "")
}
