// Package answer is what opsh says to what is typed: why a line is refused, what its own commands answer, what Tab offers. opsh and opsctl try
// use the same functions, so that a policy that is tried answers as it will when it is in force.
//
// Lines come without their ends. All that isn't opsh's own is shown by line.Quote, or is a policy's text, which holds nothing that a terminal obeys.
package answer
