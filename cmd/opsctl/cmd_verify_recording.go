package main

import (
	"context"
	"fmt"

	"opsh/cmd/opsctl/internal/recorded"
	"opsh/cmd/opsctl/internal/source"
)

// recording holds a recording against what its trail said.
func (v *verified) recording(opener source.Opener, place source.Place, said *recorded.Trail) {
	v.CastAt = place.String()
	cast, err := opener.Open(context.Background(), place)
	if err != nil {
		v.Error = err.Error()
		return
	}
	defer cast.Close() //nolint:errcheck // it was only read
	result, err := said.Check(cast)
	if err != nil {
		v.Error = fmt.Sprintf("cannot read %s: %v", place, err)
		return
	}
	v.Cast = &result
}

func (p *person) sayRecorded(place string, r recorded.Result) {
	word := "AGREES"
	switch {
	case !r.Agrees():
		word = "DISAGREES"
	case r.Unproven > 0:
		word = fmt.Sprintf("AGREES as far as the trail goes, unproven: %d bytes", r.Unproven)
	}
	p.say(fmt.Sprintf("recording %s: %s", quote(place), word))
	p.say(fmt.Sprintf("  %-8s %d of %d are what the trail vouches for, in %d records", "bytes", r.Vouched, r.Bytes, r.Records))
	for _, n := range r.Notes {
		p.say(fmt.Sprintf("  %-8s %s", "note", plain(n)))
	}
	for _, w := range r.Problems {
		p.say(fmt.Sprintf("  %-8s %s", "WRONG", plain(w)))
	}
}
