package lint

const (
	mysqlOptions   = "https://dev.mysql.com/doc/refman/8.4/en/mysql-command-options.html"
	mysqlCommands  = "https://dev.mysql.com/doc/refman/8.4/en/mysql-commands.html"
	mysqlLocalData = "https://dev.mysql.com/doc/refman/8.4/en/load-data-local-security.html"
	mysqlFiles     = "https://dev.mysql.com/doc/refman/8.4/en/option-file-options.html"
	mysqlConnect   = "https://dev.mysql.com/doc/refman/8.4/en/connection-options.html"
	mysqlDump      = "https://dev.mysql.com/doc/refman/8.4/en/mysqldump.html"
	mysqlValues    = "--defaults-file --defaults-extra-file --defaults-group-suffix --login-path --character-sets-dir --connect-timeout -D --database --default-auth --default-character-set --delimiter -e --execute" +
		" -h --host --init-command --max-allowed-packet --max-join-size --net-buffer-length --plugin-dir -P --port --prompt --protocol --select-limit --server-arg -S --socket --ssl-ca --ssl-capath --ssl-cert --ssl-cipher" +
		" --ssl-key --ssl-crl --ssl-crlpath --ssl-mode --tls-version --tee -u --user --load-data-local-dir"
)

// The client knows its own commands in either case, at the beginning of a line and of a statement, and those with a backslash anywhere.
// MariaDB takes the beginnings of long options, both take _ for -.
func mysqlFacts() []fact {
	const noCommands = "--binary-mode --sandbox --skip-commands --commands=0 --commands=OFF"
	const noLocal = "--skip-local-infile --local-infile=0 --local-infile=OFF --disable-local-infile"
	const begin = `(.*[;\n]|.*\\g|/\*.*\*/|\s*delimiter\s.*)?\s*` // of a statement
	const local = `(?i)` + begin + `load\s+(data|xml)\s(.*\s)?local\s.*`
	const reviewed = `write insert = ["--binary-mode", "--skip-local-infile"] in this tool (MariaDB 10.11.19, 11.4.5 and later: --sandbox, too), or < SCRIPT for reviewed files`
	return []fact{{
		names: "mysql mariadb", escape: `\! and system start a shell`, see: gtfobins("mysql"), values: mysqlValues, loose: true, shortens: true,
		flags:  "-t -N -B -s -r -n -q -A -b -C -E -f -G -H -i -L -v -w -X --xml --html --verbose --vertical --quick --unbuffered --no-beep --table --column-names --comments --compress --batch --auto-rehash --ssl --raw --skip-column-names --silent --force",
		prompt: &prompt{batch: "-e --execute --help -? -V --version --print-defaults", instead: "write -e SQL, or < SCRIPT for reviewed files", see: mysqlCommands},
		dangers: []danger{
			{options: "-e --execute", probes: []string{`\! id`, `SELECT 1 \! id`}, words: `.*\\!.*|(?i:` + begin + `system\s.*)`, effect: runsProgram, env: true, unless: noCommands + " --skip-system-command --system-command=0",
				text: "the client runs it as a program", instead: reviewed, see: gtfobins("mysql")},
			{options: "-e --execute", probes: []string{"source /etc/passwd", `SELECT 1 \. /etc/passwd`}, words: `.*\\[.T].*|(?i:` + begin + `(source|tee)\s.*)`, effect: readsFiles, unless: noCommands,
				text: "the client reads files with source and writes them with tee", instead: reviewed, see: mysqlCommands},
			{options: "-e --execute --init-command", probes: []string{"LOAD DATA LOCAL INFILE '/etc/passwd' INTO TABLE t"}, words: local, effect: readsFiles, unless: noLocal,
				text: "the client sends files of this container to the server", instead: `write insert = ["--skip-local-infile"] in this tool`, see: mysqlLocalData},
			{options: "--local-infile --enable-local-infile --load-data-local-dir", effect: readsFiles,
				text: "the client sends files of this container to the server", instead: `leave it out, and write insert = ["--skip-local-infile"]`, see: mysqlLocalData},
			{options: "--system-command --commands --enable-commands --enable-system-command", effect: runsProgram,
				text: "it turns the client's own commands on, whatever insert says: the last one counts", instead: "leave it out", see: mysqlOptions},
			{options: "--binary-mode --sandbox --skip-local-infile", probes: []string{"0"}, words: "(?i)0|off|false", even: true, effect: runsProgram, text: "it turns the client's own commands on, whatever insert says: the last one counts", instead: "leave it out", see: mysqlOptions},
			{options: "--skip-binary-mode --disable-binary-mode --skip-sandbox", effect: runsProgram, text: "it turns the client's own commands on, whatever insert says: the last one counts", instead: "leave it out", see: mysqlOptions},
			{options: "--pager", probes: []string{"sh"}, words: ".+", effect: runsProgram, text: "the client runs it as a program", instead: "leave it out, or list the pagers", see: mysqlOptions},
			{options: "--tee", effect: writesFiles, text: "the client writes all its output there", instead: "leave it out: opsh records the output", see: mysqlOptions},
			{options: "--debug -#", probes: []string{"d:t:o,/tmp/x"}, words: ".+", effect: writesFiles, text: "the client writes a trace there", instead: "leave it out", see: mysqlOptions},
			{options: "--defaults-file --defaults-extra-file --login-path", effect: otherServer,
				text: "the file names the server, the options and the plugins that are loaded", instead: "give the file in insert, as {file.NAME}", see: mysqlFiles},
			{options: "--plugin-dir --default-auth", effect: runsCode, text: "the client loads a library from there", instead: "leave it out, or write it in insert", see: mysqlOptions},
			{options: "-h --host", probes: []string{"evil.example"}, words: anyHost, effect: otherServer,
				text: "the client logs in there with this tool's password", instead: `write where.HOST = ["db.example.internal"], or the host in insert`, see: mysqlOptions},
			{options: "-P --port -S --socket", effect: otherServer, text: "the client logs in to what listens there with this tool's password", instead: "write it in insert, or a list", see: mysqlConnect},
			{options: "--skip-ssl --disable-ssl --skip-ssl-verify-server-cert --disable-ssl-verify-server-cert", effect: otherServer, text: "whoever stands between can answer for the server, and gets the password", instead: "leave it out", see: mysqlConnect},
			{options: "--ssl --ssl-verify-server-cert --ssl-mode", probes: []string{"0", "DISABLED"}, words: "(?i)0|off|false|disabled|preferred", even: true, effect: otherServer, text: "whoever stands between can answer for the server, and gets the password", instead: "leave it out", see: mysqlConnect},
			{options: "--ssl-ca --ssl-capath", effect: otherServer, text: "whoever holds that certificate can answer for the server", instead: "leave it out, or write it in insert", see: mysqlConnect},
			{options: "--print-defaults", effect: showsSecret, text: "it prints the options, with the password of the option file", instead: "leave it out", see: mysqlFiles},
			{options: "-p --password", probes: []string{"x"}, words: ".+", effect: showsSecret, text: "a password in a command line stands in the records, and every process can read it",
				instead: "give the password in a file: see file.client in policy.example.toml", see: "https://dev.mysql.com/doc/refman/8.4/en/password-security-user.html"},
		},
	}, {
		names: "mysqldump mariadb-dump mysqlimport mysqladmin", values: mysqlValues + " -T --tab -r --result-file --log-error -w --where --ignore-table --fields-terminated-by", loose: true, shortens: true,
		flags: "--tables --all-databases --databases",
		dangers: []danger{
			{options: "-T --tab -r --result-file --log-error", effect: writesFiles, text: "it writes there", instead: "leave it out", see: mysqlDump},
			{options: "-h --host", probes: []string{"evil.example"}, words: anyHost, effect: otherServer, text: "it logs in there with this tool's password", instead: "list the hosts", see: mysqlConnect},
			{options: "-P --port -S --socket", effect: otherServer, text: "it logs in to what listens there with this tool's password", instead: "write it in insert, or a list", see: mysqlConnect},
			{options: "--skip-ssl --disable-ssl", effect: otherServer, text: "whoever stands between can answer for the server, and gets the password", instead: "leave it out", see: mysqlConnect},
			{options: "--defaults-file --defaults-extra-file", effect: otherServer, text: "the file names the server and the options", instead: "give the file in insert", see: mysqlFiles},
			{options: "--plugin-dir --default-auth", effect: runsCode, text: "it loads a library from there", instead: "leave it out, or write it in insert", see: mysqlOptions},
		},
	}}
}
