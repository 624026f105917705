// Package transcript renders the lines that a session shows for its records. opsh and who verifies its logs use the same functions, so that they never
// disagree.
package transcript
