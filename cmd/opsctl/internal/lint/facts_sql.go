package lint

// Database clients. What SQL may do is a matter of the database user's rights; here it is about the clients, which have commands of their
// own beside SQL. Measured on MariaDB 10.11 and 11.8 and MySQL 8.0, 8.4 and 9.7; the others from their manuals.

const (
	mysqlOptions   = "https://dev.mysql.com/doc/refman/8.4/en/mysql-command-options.html"
	mysqlCommands  = "https://dev.mysql.com/doc/refman/8.4/en/mysql-commands.html"
	mysqlLocalData = "https://dev.mysql.com/doc/refman/8.4/en/load-data-local-security.html"
	mysqlFiles     = "https://dev.mysql.com/doc/refman/8.4/en/option-file-options.html"
	mariadbClient  = "https://mariadb.com/docs/server/clients-and-utilities/mariadb-client/mariadb-command-line-client"
	psqlManual     = "https://www.postgresql.org/docs/current/app-psql.html"
	conninfo       = "https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING"
	sqliteManual   = "https://www.sqlite.org/cli.html"
	redisManual    = "https://redis.io/docs/latest/develop/tools/cli/"
	redisSecurity  = "https://redis.io/docs/latest/operate/oss_and_stack/management/security/"
)

func sqlFacts() []fact {
	const noCommands = "--binary-mode --sandbox --skip-commands --commands=0 --commands=OFF"
	const noLocal = "--skip-local-infile --local-infile=0 --local-infile=OFF --disable-local-infile"
	const reviewed = `write insert = ["--binary-mode", "--skip-local-infile"] in this tool (MariaDB 10.11.19, 11.4.5 and later: --sandbox, too), or < SCRIPT for reviewed files`
	return []fact{{
		names: "mysql mariadb", escape: `\! and system start a shell`, see: gtfobins("mysql"),
		prompt: &prompt{batch: "-e --execute --help -? -V --version --print-defaults", instead: "write -e SQL, or < SCRIPT for reviewed files", see: mysqlCommands},
		dangers: []danger{
			{options: "-e --execute", probes: []string{`\! id`, "system id"}, effect: runsProgram, env: true, unless: noCommands + " --skip-system-command --system-command=0",
				text: "the client runs it as a program", instead: reviewed, see: gtfobins("mysql")},
			{options: "-e --execute", probes: []string{"source /etc/passwd", `\. /etc/passwd`, `\T /tmp/x`}, effect: readsFiles, unless: noCommands,
				text: "the client reads files with source and writes them with tee", instead: reviewed, see: mysqlCommands},
			{options: "-e --execute", probes: []string{"LOAD DATA LOCAL INFILE '/etc/passwd' INTO TABLE t"}, effect: readsFiles, unless: noLocal,
				text: "the client sends files of this container to the server", instead: `write insert = ["--skip-local-infile"] in this tool`, see: mysqlLocalData},
			{options: "--local-infile --enable-local-infile --loose-local-infile --load-data-local-dir", effect: readsFiles,
				text: "the client sends files of this container to the server", instead: `leave it out, and write insert = ["--skip-local-infile"]`, see: mysqlLocalData},
			{options: "--system-command --commands --enable-commands --enable-system-command", effect: runsProgram,
				text: "it turns the client's own commands on, whatever insert says: the last one counts", instead: "leave it out", see: mysqlOptions},
			{options: "--pager", probes: []string{"sh", "/bin/sh"}, effect: runsProgram, text: "the client runs it as a program", instead: "leave it out, or list the pagers", see: mysqlOptions},
			{options: "--tee", probes: []string{"/tmp/x", "x.txt"}, effect: writesFiles, text: "the client writes all its output there", instead: "leave it out: opsh records the output", see: mysqlOptions},
			{options: "--debug -#", probes: []string{"d:t:o,/tmp/x"}, effect: writesFiles, text: "the client writes a trace there", instead: "leave it out", see: mysqlOptions},
			{options: "--defaults-file --defaults-extra-file --login-path", probes: []string{"/tmp/x", "x"}, effect: otherServer,
				text: "the file names the server, the options and the plugins that are loaded", instead: "give the file in insert, as {file.NAME}", see: mysqlFiles},
			{options: "--plugin-dir --default-auth", probes: []string{"/tmp", "x"}, effect: runsCode, text: "the client loads a library from there", instead: "leave it out, or write it in insert", see: mysqlOptions},
			{options: "-h --host", probes: []string{"evil.example", "203.0.113.9"}, effect: otherServer,
				text: "the client logs in there with this tool's password", instead: `write where.HOST = ["db.example.internal"], or the host in insert`, see: mysqlOptions},
			{options: "--print-defaults", effect: showsSecret, text: "it prints the options, with the password of the option file", instead: "leave it out", see: mysqlFiles},
			{options: "-p --password", probes: []string{"x"}, effect: showsSecret, text: "a password in a command line stands in the records, and every process can read it",
				instead: "give the password in a file: see file.client in policy.example.toml", see: "https://dev.mysql.com/doc/refman/8.4/en/password-security-user.html"},
		},
	}, {
		names: "mysqldump mariadb-dump mysqlimport", dangers: []danger{
			{options: "-T --tab -r --result-file --log-error", probes: []string{"/tmp/x", "x.sql"}, effect: writesFiles, text: "it writes there", instead: "leave it out", see: "https://dev.mysql.com/doc/refman/8.4/en/mysqldump.html"},
			{options: "-h --host", probes: []string{"evil.example"}, effect: otherServer, text: "it logs in there with this tool's password", instead: "list the hosts", see: mysqlOptions},
			{options: "--defaults-file --defaults-extra-file", probes: []string{"/tmp/x"}, effect: otherServer, text: "the file names the server and the options", instead: "give the file in insert", see: mysqlFiles},
		},
	}, {
		names: "psql", escape: `\! starts a shell`, see: gtfobins("psql"),
		prompt: &prompt{batch: "-c --command -f --file -l --list -V --version -? --help", instead: "write -c SQL, or < SCRIPT for reviewed files", see: psqlManual},
		dangers: []danger{
			{options: "-c --command", probes: []string{`\! id`}, effect: runsProgram, env: true, text: "psql runs it as a program", instead: `write where.SQL = { match = '[^\\].*' }: a command of psql's own begins with \`, see: gtfobins("psql")},
			{options: "-c --command", probes: []string{`\copy t from '/etc/passwd'`, `\i /etc/passwd`, `\o /tmp/x`}, effect: readsFiles, env: true,
				text: `psql reads files with \i and \copy, writes them with \o, and prints variables with \getenv`, instead: `write where.SQL = { match = '[^\\].*' }: a command of psql's own begins with \`, see: psqlManual},
			{options: "-f --file", probes: []string{"/tmp/x", "/etc/passwd"}, effect: readsFiles, text: "psql reads SQL and its own commands, \\! among them, from there", instead: `write < SCRIPT, or where.FILE = { path = "/dir", ext = ".sql" }`, see: psqlManual},
			{options: "-o --output -L --log-file", probes: []string{"/tmp/x", "x"}, effect: writesFiles, text: "psql writes there; behind | it runs a program", instead: "leave it out: opsh records the output", see: psqlManual},
			{options: "-h --host -d --dbname", probes: []string{"evil.example", "host=evil.example"}, effect: otherServer, text: "psql logs in there with this tool's password", instead: "write a list of what may be typed", see: conninfo},
			{operand: firstOperand, probes: []string{"host=evil.example dbname=x", "postgresql://evil.example/x"}, effect: otherServer,
				text: "a database's name with = or :// in it names a server, and psql logs in there with this tool's password", instead: "write a list of the databases", see: conninfo},
			{options: "-v --set --variable", probes: []string{"HISTFILE=/tmp/x"}, effect: writesFiles, text: "psql's variables name files that it writes", instead: "list what may be set", see: psqlManual},
		},
	}, {
		names: "sqlite3", escape: ".shell and .system start a shell", see: gtfobins("sqlite3"),
		prompt: &prompt{batch: "-version -help --version --help", operands: 2, instead: "write a second placeholder for the SQL, and -safe in insert", see: sqliteManual},
		dangers: []danger{
			{operand: laterOperand, probes: []string{".shell id", ".system id"}, effect: runsProgram, env: true, unless: "-safe --safe", text: "sqlite3 runs it as a program", instead: `write insert = ["-safe"]`, see: gtfobins("sqlite3")},
			{operand: laterOperand, probes: []string{".read /etc/passwd", "SELECT readfile('/etc/passwd')", ".output /tmp/x"}, effect: readsFiles, unless: "-safe --safe",
				text: "sqlite3 reads and writes files with commands and functions of its own", instead: `write insert = ["-safe"]`, see: sqliteManual + "#the_safe_command_line_option"},
			{operand: laterOperand, probes: []string{".load /tmp/x", "SELECT load_extension('/tmp/x')"}, effect: runsCode, env: true, unless: "-safe --safe", text: "sqlite3 loads a library from there", instead: `write insert = ["-safe"]`, see: "https://www.sqlite.org/loadext.html"},
			{operand: firstOperand, probes: []string{"/tmp/x", "/etc/passwd"}, effect: writesFiles, text: "sqlite3 opens, or makes, any file as a database", instead: `write where.DATABASE = ["/data/app.db"]`, see: sqliteManual},
			{options: "-cmd --cmd", probes: []string{".shell id"}, effect: runsProgram, env: true, unless: "-safe --safe", text: "sqlite3 runs it as a program", instead: "leave it out", see: sqliteManual},
			{options: "-init --init", probes: []string{"/tmp/x"}, effect: readsFiles, text: "sqlite3 runs the commands of that file", instead: "leave it out", see: sqliteManual},
		},
	}, {
		names: "redis-cli valkey-cli", see: gtfobins("redis"),
		prompt: &prompt{batch: "--eval --scan --bigkeys --memkeys --hotkeys --stat --latency -v --version --help --pipe", operands: 1, more: true, instead: "write the commands that are needed, one usage line each: redis-cli get KEY", see: redisManual},
		dangers: []danger{
			{operand: firstOperand, probes: []string{"CONFIG", "MODULE", "EVAL", "FLUSHALL"}, effect: runsCode, text: "CONFIG SET writes files on the server, MODULE and EVAL run code there, FLUSHALL empties it",
				instead: "write one usage line for each command: redis-cli get KEY", see: redisSecurity},
			{verb: "config set", effect: runsCode, text: "with dir and dbfilename the server writes any file", instead: "list the settings that may be changed, or leave it out", see: redisSecurity},
			{verb: "eval", effect: runsCode, text: "the server runs Lua", instead: "leave it out", see: redisSecurity},
			{verb: "module", effect: runsCode, text: "the server loads a library", instead: "leave it out", see: redisSecurity},
			{options: "--rdb --functions-rdb", probes: []string{"/tmp/x", "x.rdb"}, effect: writesFiles, text: "redis-cli writes all data there", instead: "leave it out", see: redisManual},
			{options: "--eval", probes: []string{"/tmp/x.lua"}, effect: runsCode, text: "the server runs the Lua of that file", instead: `write where.FILE = { path = "/dir", ext = ".lua" }`, see: redisManual},
			{options: "-h -u", probes: []string{"evil.example", "redis://evil.example"}, effect: otherServer, text: "redis-cli logs in there with this tool's password", instead: "list the servers", see: redisManual},
			{options: "-a --pass", effect: showsSecret, text: "a password in a command line stands in the records, and every process can read it", instead: `write env = { REDISCLI_AUTH = "{secret.redis}" }`, see: redisManual},
		},
	}}
}
