package main

import (
	"errors"
	"fmt"
	"io"

	"opsh/cmd/opsctl/internal/schema"
)

func policySchemaVerb() verb {
	return verb{name: "policy schema", run: runPolicySchema,
		about: "Prints a JSON Schema of policies, for editors",
		more: `
Editors with a TOML plugin (taplo, Even Better TOML) then complete and explain keys, and mark mistakes as you type:

  opsctl policy schema > policy.schema.json

and "#:schema ./policy.schema.json" as the policy's first line. What a schema can't know (usage lines, tests, files) only opsctl policy check finds.`}
}

func runPolicySchema(p *person, args []string) int {
	words, err := parse(options(), args)
	if err == nil && len(words) > 0 {
		err = errors.New("cannot use these words: the schema is one for all policies")
	}
	if err != nil {
		return p.misused(policySchemaVerb(), err)
	}
	if _, err := io.WriteString(p.out, schema.Text()); err != nil {
		p.fail(fmt.Errorf("cannot write the schema: %w", err))
		return statusBroken
	}
	return 0
}
