package lint

import "testing"

// Found by an attack on this package, each named for the trick: B1 and so on are its findings.

func TestB1MysqlStatements(t *testing.T) {
	var table []attack
	const any = "exec = \"any\"\nunsafe_exec = true\n"
	for _, pattern := range []string{`SELECT .*`, `(?i)(select|show|explain) .*`, `SELECT [^;]*`, `(?s)SELECT.*`, `select .*`} {
		table = append(table,
			attack{pattern, "/usr/bin/mysql", []string{"t -e X"}, "where.X = { match = '" + pattern + "' }", "reads-files"},
			attack{pattern + " with exec", "/usr/bin/mysql", []string{"t -e X", "t --execute=X"}, any + "where.X = { match = '" + pattern + "' }", "reads-files runs-program exec-any-shell"})
	}
	table = append(table,
		attack{"a source on a line of its own", "/usr/bin/mysql", []string{"t -e X"}, "where.X = { match = '(?s)SELECT[^\\\\]*' }", "reads-files"},
		attack{"local data", "/usr/bin/mysql", []string{"t -e X"}, "insert = [\"--binary-mode\"]\nwhere.X = { match = 'SELECT 1; [a-zA-Z ]+' }", "reads-files"},
		attack{"no backslash, no other line, one statement", "/usr/bin/mysql", []string{"t -e X"}, "where.X = { match = 'SELECT [^\\\\;\\n]*' }", ""},
		attack{"in binary mode", "/usr/bin/mysql", []string{"t -e X"}, "insert = [\"--binary-mode\", \"--skip-local-infile\"]", ""},
		attack{"binary mode undone", "/usr/bin/mysql", []string{"t --binary-mode=0 -e X"}, any + "insert = [\"--binary-mode\", \"--skip-local-infile\"]", "runs-program"})
	hold(t, table)
}

func TestB4RedisCommands(t *testing.T) {
	cli := "/usr/bin/redis-cli"
	table := []attack{
		{"small letters", cli, []string{"t X Y..."}, "where.X = { match = '[a-z]+' }", "runs-code"},
		{"a list", cli, []string{"t X Y..."}, `where.X = ["get", "config"]`, "runs-code"},
		{"a list in capitals", cli, []string{"t X Y..."}, `where.X = ["GET", "CONFIG"]`, "runs-code"},
		{"a list in both", cli, []string{"t X Y..."}, `where.X = ["GET", "FlushAll"]`, "unjudged-command"},
		{"config and any word", cli, []string{"t config X Y"}, "", "runs-code"},
		{"in capitals", cli, []string{"t X Y"}, `insert = ["CONFIG"]`, "runs-code"},
		{"in both", cli, []string{"t X Y"}, `insert = ["Config", "SET"]`, "runs-code"},
		{"the password", cli, []string{"t config get X", "t config get requirepass"}, "", "shows-secret"},
		{"code", cli, []string{"t eval X 0", "t evalsha X 0", "t eval_ro X 0", "t script load X", "t function load X", "t fcall X 0", "t debug X", "t module load X"}, "", "runs-code"},
		{"another server", cli, []string{"t slaveof X 1", "t replicaof X 1", "t migrate X 1 k 0 5", "t -s X get k", "t -p X get k", "t -u X get k", "t -h X get k"}, "", "other-server"},
		{"unknown", cli, []string{"t flushall", "t shutdown", "t swapdb 0 1", "t sync", "t failover", "t client kill X", "t no-such"}, "", "unjudged-command"},
		{"secrets", cli, []string{"t monitor", "t acl list"}, "", "shows-secret"},
		{"a pipe from the terminal", cli, []string{"t --pipe"}, "", "runs-code"},
		{"a pipe from a reviewed file", cli, []string{"t --pipe < F"}, "where.F = { path = \"/app\" }", ""},
		{"reads and writes", cli, []string{"t get X", "t -n 0 ttl X", "t set X Y", "t memory usage X", "t --scan --pattern X", "t -h cache -p 6379 hgetall X", "t xinfo stream X"}, "", ""},
		{"a list of reads", cli, []string{"t X Y", "t -n 0 X Y"}, `where.X = ["get", "TTL"]`, ""},
		{"a pattern of reads", cli, []string{"t X Y"}, `where.X = { match = 'get|ttl|hget(all)?' }`, ""},
	}
	hold(t, table)
}

func TestB9DatabaseClients(t *testing.T) {
	lower := "where.X = { match = 'select .*' }"
	hold(t, []attack{
		{"sqlite3: small letters", "/usr/bin/sqlite3", []string{"t app.db X"}, lower, "reads-files runs-code"},
		{"sqlite3: attach", "/usr/bin/sqlite3", []string{"t app.db X"}, "where.X = { match = '(attach|ATTACH) .*' }", "reads-files"},
		{"sqlite3: out of its directory", "/usr/bin/sqlite3", []string{"t X Y"}, "insert = [\"-safe\"]\nwhere.X = { match = '/data/.*' }", "writes-files"},
		{"sqlite3: in its directory", "/usr/bin/sqlite3", []string{"t X Y"}, "insert = [\"-safe\"]\nwhere.X = { match = '/data/[a-z]+\\.db' }", ""},
		{"sqlite3: a reviewed file", "/usr/bin/sqlite3", []string{"t app.db < F"}, "where.F = { path = \"/app\" }", ""},
		{"psql: output", "/usr/bin/psql", []string{"t -o X -c Y app", "t -L X -c Y app"}, "where.X = { match = '/var/.*' }\nwhere.Y = [\"SELECT 1\"]", "writes-files"},
		{"psql: output to a program of a list", "/usr/bin/psql", []string{"t -o X -c Y app"}, "exec = \"any\"\nunsafe_exec = true\nwhere.X = [\"|sh\"]\nwhere.Y = [\"SELECT 1\"]", "runs-program"},
		{"psql: an address", "/usr/bin/psql", []string{"t -l X", "t -l -d X", "t -l --dbname=X"}, "where.X = { match = 'postgres.*' }", "other-server"},
		{"psql: beginnings of options", "/usr/bin/psql", []string{"t --hos=X -l", "t --por=X -l"}, "", "other-server"},
		{"pg_dump", "/usr/bin/pg_dump", []string{"t -f X app", "t --fil=X app"}, "", "writes-files"},
		{"mysql: beginnings of options", "/usr/bin/mysql", []string{"t -e a --hos=X", "t -e a --soc=X"}, "", "other-server"},
		{"mysql: the beginning of --execute", "/usr/bin/mysql", []string{"t --exec=X"}, "", "reads-files"},
		{"mysql: commands again", "/usr/bin/mysql", []string{"t -e a --comm=X", "t -e a --commands"}, "exec = \"any\"\nunsafe_exec = true", "runs-program"},
		{"mysql: other names of options", "/usr/bin/mysql", []string{"t -e a --loose-local-infile", "t -e a --local_infile=1", "t -e a --enable_local_infile", "t -e a --loc"}, "", "reads-files"},
		{"mysql: init-command", "/usr/bin/mysql", []string{"t -e a --init-command=X", "t -e a --init-command X"}, "", "reads-files"},
		{"mysql: what listens elsewhere", "/usr/bin/mysql", []string{"t -e a -S X", "t -e a --socket=X", "t -e a -P X", "t -e a --skip-ssl", "t -e a --ssl-mode=X", "t -e a --ssl-mode=disabled", "t -e a --ssl=0"}, "", "other-server"},
		{"mysql: TLS as it should be", "/usr/bin/mysql", []string{"t -e a --ssl-mode=verify_identity", "t -e a -h db", "t -e a --ssl", "t -e a --comments"}, "", ""},
		{"mongosh", "/usr/bin/mongosh", []string{"t --eval X", "t X"}, "", "runs-code"},
		{"clickhouse-client", "/usr/bin/clickhouse-client", []string{"t --query X", "t -q X"}, "", "writes-files"},
	})
}
