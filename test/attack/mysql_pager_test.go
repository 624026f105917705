package attack

import "testing"

// TestMysqlPager: the pager is a shell's command line.
func TestMysqlPager(t *testing.T) {
	each(t, map[string]trick{
		"at the prompt": mysql(nil, prompted(`\P `+payload), prompted("select 1;")),
		"as an option":  mysql([]string{"--pager=" + payload}, prompted("select 1;")),
		"abbreviated":   mysql([]string{"--pag=" + payload}, prompted("select 1;")),
		"by $PAGER": func() trick {
			k := mysql(nil, prompted(`\P`), prompted("select 1;"))
			k.env = `{ PAGER = "` + payload + `" }`
			return k
		}(),
	})
}
