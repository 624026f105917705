package attack

import "testing"

// TestMysqlBackslashBang: the client gives what stands behind \! to a shell, wherever it stands.
func TestMysqlBackslashBang(t *testing.T) {
	each(t, map[string]trick{
		"at the prompt":       mysql(nil, prompted(`\! `+payload)),
		"in a line":           mysql(nil, prompted(`select 1; \! `+payload)),
		"in a comment":        mysql(nil, prompted(`select /*! \! `+payload)),
		"behind a delimiter":  mysql(nil, prompted("delimiter //"), prompted(`\! `+payload)),
		"in -e":               mysql([]string{"-e", `\! ` + payload}),
		"in the middle of -e": mysql([]string{"-e", "select 1;\n\\! " + payload}),
	})
}
