// Opsh is the restricted login shell of the production ops container.
package main

import (
	"fmt"
	"os"
	"time"

	"opsh/shell"
)

// Set at link time and by nothing else: the operator chooses opsh's arguments, the task definition its environment.
var (
	policyFile      = "/etc/opsh/policy.toml"
	stateDir        = "/var/lib/opsh"
	version         = "development"
	awsEndpoint     = ""                     // AWS's own
	credentialsHost = "http://169.254.170.2" // where a task finds its role's credentials
	agentLogs       = "/var/log/amazon/ssm"
)

func main() { os.Exit(run()) }

func run() int {
	a, err := parse(os.Args)
	if err != nil {
		fmt.Fprintf(os.Stderr, "opsh: error: %v\nopsh: hint: %s\n", err, usage)
		return shell.StatusUsage
	}
	if a.mode == modeVersion {
		fmt.Println("opsh", version)
		return 0
	}
	program, err := os.Executable()
	if err != nil {
		fmt.Fprintf(os.Stderr, "opsh: error: cannot find opsh's own file: %v\n", err)
		return shell.StatusBroken
	}
	environ := os.Environ()
	os.Clearenv() // no library that is linked here shall ask it anything: SSL_CERT_FILE, GODEBUG, HTTPS_PROXY
	s := shell.Session{
		Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr, Environ: environ, Now: time.Now, Version: version,
		PolicyFile: policyFile, StateDir: stateDir, AWSEndpoint: awsEndpoint, CredentialsHost: credentialsHost, AgentLogs: agentLogs,
		Program: program, Parent: os.Getppid(), Reason: a.reason,
	}
	switch a.mode {
	case modeCommand:
		return s.Command(a.line)
	case modeRunbook:
		return s.Runbook()
	case modeRecorder:
		return s.Record()
	case modeCheck, modeCheckLive:
		return s.Check(a.mode == modeCheckLive)
	}
	return s.Interactive()
}
