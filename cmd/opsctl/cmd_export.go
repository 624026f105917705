package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"opsh/cmd/opsctl/internal/awsconf"
	"opsh/cmd/opsctl/internal/ocsf"
	"opsh/cmd/opsctl/internal/source"
	"opsh/shell/audit"
)

func exportVerb() verb {
	return verb{
		name: "export", usage: "--ocsf [--profile P] [--region R] PLACE...",
		about: "Writes trails as OCSF events, one JSON object a line",
		more: `
PLACE is a trail: ` + source.Usage + `.

--ocsf  events of class Process Activity (1007) of OCSF ` + ocsf.Version + `, with profile security_control: commands that run, are refused and
        end, programs that tools start or are kept from starting; sessions and runbooks as activity Other. unmapped holds
        each record as the trail does, with its hash and signature.

Trails are verified on the way. What can't be read is left out, and a broken trail is exported as far as it can be read.

Exit status: 0 all was exported, and no trail is broken; 1 one is broken; 2 wrong use; 125 something can't be read or written.`,
		run: export,
	}
}

func export(p *person, args []string) int {
	f := options()
	asOCSF := f.Bool("ocsf", false, "")
	var o awsconf.Options
	awsOptions(f, &o)
	names, err := parse(f, args)
	if err == nil && !*asOCSF {
		err = errors.New("cannot export: say as what: --ocsf")
	}
	var places []source.Place
	if err == nil {
		places, _, err = placesOf(names)
	}
	if err != nil {
		return p.misused(exportVerb(), err)
	}
	status := 0
	for _, place := range places {
		verdict, err := p.exportOne(source.Opener{Stdin: p.in, AWS: o}, place)
		switch {
		case err != nil:
			p.fail(err, awsHint(err, o))
			status = statusBroken
		case verdict.State == audit.Broken:
			p.fail(fmt.Errorf("%s is broken: %s", quote(place.String()), at(verdict.Problems[0])), "opsctl verify says all that is wrong with it")
			status = worse(status, statusFound)
		}
	}
	return status
}

// exportOne writes the events of one trail while it is verified.
func (p *person) exportOne(opener source.Opener, place source.Place) (audit.Verdict, error) {
	trail, err := opener.Open(context.Background(), place)
	if err != nil {
		return audit.Verdict{}, err
	}
	defer trail.Close() //nolint:errcheck // it was only read
	out := bufio.NewWriterSize(p.out, 64<<10)
	to := json.NewEncoder(out)
	to.SetEscapeHTML(false) // unmapped is the record byte for byte
	var m ocsf.Mapper
	var failed error
	verdict, err := audit.Verify(trail, audit.Options{Repeats: place.Repeats(), Each: func(r audit.Record) {
		if failed == nil {
			var e ocsf.Event
			if e, failed = m.Map(r); failed == nil {
				failed = to.Encode(e)
			}
		}
	}})
	if err != nil {
		return verdict, fmt.Errorf("cannot read %s: %w", place, err)
	}
	if err := errors.Join(failed, out.Flush()); err != nil {
		return verdict, fmt.Errorf("cannot write the events of %s: %w", place, err)
	}
	return verdict, nil
}
