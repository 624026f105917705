// Package schema holds the JSON Schema of a policy, for editors: it completes keys, explains them, and finds what is wrong with their shape. It is
// draft-07, which is what editors' TOML plugins read. The loader stays the judge; a test holds the two against each other and lists what only the
// loader can find.
package schema

import _ "embed"

//go:embed policy.schema.json
var text string

// Text is the schema: JSON with a newline at its end.
func Text() string { return text }
