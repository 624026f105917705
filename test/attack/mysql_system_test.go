package attack

import "testing"

// TestMysqlSystem: the same by its long name.
func TestMysqlSystem(t *testing.T) {
	each(t, map[string]trick{
		"at the prompt": mysql(nil, prompted("system "+payload)),
		"in -e":         mysql([]string{"-e", "system " + payload}),
	})
}
