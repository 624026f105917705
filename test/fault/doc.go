// Package fault is the cloud's bad days, for tests: moto's real server for CloudWatch Logs, a proxy before it that refuses, cuts,
// stalls, throttles and rejects as told, and a credentials endpoint that rotates, fails and hangs.
//
// The proxy also holds what the API demands and moto doesn't check (sizes, the 24 hours), and remembers every batch, so that a
// test can hold a client to the limits: see CheckLimits.
package fault
