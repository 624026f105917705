// Opsh-watch is the processes beside opsh that speak to AWS: it ships records and recordings, ends what a killed session left, fetches secrets.
package main

import (
	"os"
	"time"

	"opsh/shell/watch"
)

func main() {
	os.Clearenv() // no library that is linked here shall ask it anything: SSL_CERT_FILE, GODEBUG, HTTPS_PROXY
	os.Exit(watch.Process(os.Args, time.Now))
}
