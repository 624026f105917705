// Package words reads what a policy's where admits as a set of words, and finds short words that tell such sets apart.
//
// A list is a list. Everything else is a regular expression: a match as it stands, a range of numbers and the letters
// of a path as one that is made for it. Go's own reading of it (regexp/syntax, RE2) gives an automaton, several of which
// are run side by side. Only words that can be typed count: those of characters that line.Split takes. What would take
// too long is not guessed: the answer says that it isn't whole.
package words
