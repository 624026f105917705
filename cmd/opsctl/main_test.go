package main

import (
	"bytes"
	"os"
	"strings"
	"time"
)

// opsctl runs in this process as main runs it. It gives its status and what it printed.
func opsctl(words ...string) (status int, out, complaints string) { return opsctlFed("", words...) }

// opsctlFed has something on its standard input.
func opsctlFed(stdin string, words ...string) (status int, out, complaints string) {
	var o, e bytes.Buffer
	p := person{in: strings.NewReader(stdin), out: &o, err: &e, environ: os.Environ(), now: time.Now}
	status = p.dispatch(words)
	return status, o.String(), e.String()
}
