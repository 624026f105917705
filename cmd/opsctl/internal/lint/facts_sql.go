package lint

// Database clients. What SQL may do is a matter of the database user's rights; here it is about the clients, which have commands of their
// own beside SQL. Measured on MariaDB 10.11 and 11.8, MySQL 8.0, 8.4 and 9.7, psql 15 and sqlite3 3.40; the others from their manuals.

const (
	psqlManual   = "https://www.postgresql.org/docs/current/app-psql.html"
	conninfo     = "https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING"
	dumpManual   = "https://www.postgresql.org/docs/current/app-pgdump.html"
	sqliteManual = "https://www.sqlite.org/cli.html"
	mongoManual  = "https://www.mongodb.com/docs/mongodb-shell/reference/options/"
	clickManual  = "https://clickhouse.com/docs/interfaces/cli"
)

func sqlFacts() []fact {
	const safe = "-safe --safe"
	const noCommand = `write where.SQL = { match = '[^\\].*' }: a command of psql's own begins with \`
	const dsn = "a database's name with = or :// in it names a server, and its password goes there"
	return []fact{{
		names: "psql", escape: `\! starts a shell`, see: gtfobins("psql"), shortens: true,
		values: "-c --command -d --dbname -f --file -v --set --variable -L --log-file -o --output -F --field-separator -P --pset -R --record-separator -T --table-attr -h --host -p --port -U --username",
		flags:  "-l --list -a --echo-all -A --no-align -b -e -E -n -q --quiet -s -S -t --tuples-only -w --no-password -W -x --expanded -X --no-psqlrc -z -0 -1 --single-transaction -H --html --csv",
		prompt: &prompt{batch: "-c --command -f --file -l --list -V --version -? --help", instead: "write -c SQL, or < SCRIPT for reviewed files", see: psqlManual},
		dangers: []danger{
			{options: "-c --command", probes: []string{`\! id`}, words: `\\!.*`, effect: runsProgram, env: true, text: "psql runs it as a program", instead: noCommand, see: gtfobins("psql")},
			{options: "-c --command", probes: []string{`\copy t from '/etc/passwd'`}, words: `\\[^!].*`, effect: readsFiles, env: true,
				text: `psql reads files with \i and \copy, writes them with \o, and prints variables with \getenv`, instead: noCommand, see: psqlManual},
			{options: "-f --file", effect: readsFiles, text: "psql reads SQL and its own commands, \\! among them, from there", instead: `write < SCRIPT, or where.FILE = { path = "/dir", ext = ".sql" }`, see: psqlManual},
			{options: "-o --output", probes: []string{"|sh"}, words: `\|.*`, even: true, effect: runsProgram, text: "behind | psql runs a program", instead: "leave it out: opsh records the output", see: psqlManual},
			{options: "-o --output -L --log-file", effect: writesFiles, text: "psql writes there", instead: "leave it out: opsh records the output", see: psqlManual},
			{options: "-h --host -p --port", effect: otherServer, text: "psql logs in there with this tool's password", instead: "write a list of what may be typed", see: conninfo},
			{options: "-d --dbname", probes: []string{"host=evil.example"}, words: dsnWords, effect: otherServer, text: dsn, instead: "write a list of the databases", see: conninfo},
			{operand: firstOperand, probes: []string{"host=evil.example dbname=x"}, words: dsnWords, effect: otherServer, text: dsn, instead: "write a list of the databases", see: conninfo},
			{options: "-v --set --variable", probes: []string{"HISTFILE=/tmp/x"}, words: `HISTFILE=.*`, effect: writesFiles, text: "psql's variables name files that it writes", instead: "list what may be set", see: psqlManual},
		},
	}, {
		names: "pg_dump pg_dumpall pg_restore", see: dumpManual, shortens: true,
		values: "-f --file -F --format -j --jobs -Z --compress -d --dbname -h --host -p --port -U --username -n --schema -N --exclude-schema -t --table -T --exclude-table --exclude-table-data -E --encoding -S --superuser --role --section --snapshot --lock-wait-timeout --filter",
		dangers: []danger{
			{options: "-f --file", effect: writesFiles, text: "it writes there", instead: "leave it out: opsh records the output", see: dumpManual},
			{options: "--filter", effect: readsFiles, text: "it reads that file, and its messages show it", instead: "leave it out", see: dumpManual},
			{options: "-h --host -p --port", effect: otherServer, text: "it logs in there with this tool's password", instead: "write a list of what may be typed", see: conninfo},
			{options: "-d --dbname", probes: []string{"host=evil.example"}, words: dsnWords, effect: otherServer, text: dsn, instead: "write a list of the databases", see: conninfo},
			{operand: firstOperand, probes: []string{"host=evil.example dbname=x"}, words: dsnWords, effect: otherServer, text: dsn, instead: "write a list of the databases", see: conninfo},
		},
	}, {
		names: "sqlite3 sqlite", escape: ".shell and .system start a shell", see: gtfobins("sqlite3"), style: wordStyle,
		values: "-cmd --cmd -init --init -separator --separator -newline --newline -nullvalue --nullvalue -mmap --mmap -maxsize --maxsize -nonce --nonce -vfs --vfs",
		flags:  "-csv -json -line -list -table -box -column -html -quote -tabs -markdown -ascii -header -noheader -batch -bail -echo -readonly -safe --safe -stats -nofollow -interactive",
		prompt: &prompt{batch: "-version -help --version --help", operands: 2, instead: "write a second placeholder for the SQL, and -safe in insert", see: sqliteManual},
		dangers: []danger{
			{operand: laterOperand, probes: []string{".shell id"}, words: `\..*`, effect: runsProgram, env: true, unless: safe, text: "sqlite3 runs it as a program", instead: `write insert = ["-safe"]`, see: gtfobins("sqlite3")},
			{operand: laterOperand, probes: []string{".read /etc/passwd", "SELECT readfile('/etc/passwd')"}, words: `\..*|(?i:.*(readfile|writefile|fsdir|edit)\s*\(.*|.*attach\s.*|.*vacuum\s.*into\s.*)`, effect: readsFiles, unless: safe,
				text: "sqlite3 reads and writes files with commands and functions of its own", instead: `write insert = ["-safe"]`, see: sqliteManual + "#the_safe_command_line_option"},
			{operand: laterOperand, probes: []string{".load /tmp/x"}, words: `\.l.*|(?i:.*load_extension\s*\(.*)`, effect: runsCode, env: true, unless: safe, text: "sqlite3 loads a library from there", instead: `write insert = ["-safe"]`, see: "https://www.sqlite.org/loadext.html"},
			{operand: firstOperand, probes: []string{"/tmp/x"}, words: anyFile, effect: writesFiles, text: "sqlite3 opens, or makes, any file as a database", instead: `write where.DATABASE = ["/data/app.db"]`, see: sqliteManual},
			{options: "-cmd --cmd", probes: []string{".shell id"}, words: `\..*`, effect: runsProgram, env: true, unless: safe, text: "sqlite3 runs it as a program", instead: "leave it out", see: sqliteManual},
			{options: "-cmd --cmd", probes: []string{".read /etc/passwd"}, words: `\..*|(?i:.*(readfile|writefile|load_extension|edit)\s*\(.*|.*attach\s.*)`, effect: readsFiles, unless: safe, text: "sqlite3 reads and writes files with commands of its own", instead: "leave it out", see: sqliteManual},
			{options: "-init --init", effect: readsFiles, text: "sqlite3 runs the commands of that file", instead: "leave it out", see: sqliteManual},
			{options: "-A --A -archive --archive", effect: writesFiles, text: "sqlite3 packs and unpacks files", instead: "leave it out", see: sqliteManual + "#sqlite_archive_support"},
			{options: "-nonce --nonce", effect: runsProgram, text: "whoever knows the nonce turns -safe off", instead: "leave it out", see: sqliteManual + "#the_safe_command_line_option"},
		},
	}, {
		names: "mongosh mongo", kind: interpreter, escape: "it runs any JavaScript", see: mongoManual,
		values: "--eval -f --file --host --port -u --username -p --password --authenticationDatabase --authenticationMechanism --tlsCertificateKeyFile --tlsCAFile --json",
		prompt: &prompt{batch: "--eval -f --file --version -h --help", instead: "write a script, with a path in its where, and -f", see: mongoManual},
		dangers: []danger{
			{options: "--eval", effect: runsCode, env: true, text: "it runs its value as JavaScript, with files and programs", instead: "write -f SCRIPT, with a path in its where", see: mongoManual},
			{options: "-f --file --shell", effect: runsCode, env: true, text: "it runs JavaScript from there", instead: "write a path in its where", see: mongoManual},
			{options: "--host --port", effect: otherServer, text: "it logs in there with this tool's password", instead: "list the servers", see: mongoManual},
			{operand: anyOperand, probes: []string{"mongodb://evil.example", "/tmp/x.js"}, words: anyURL + "|" + anyFile + `|.*\.m?js`, effect: runsCode, env: true, text: "it is a server, or JavaScript that is run", instead: "list the databases", see: mongoManual},
		},
	}, {
		names: "clickhouse clickhouse-client", see: clickManual,
		values: "-q --query --queries-file -h --host --port -u --user --password -d --database -f --format --config-file -C -c --config",
		prompt: &prompt{batch: "-q --query --queries-file --version -V --help", instead: "write --query SQL, or < SCRIPT for reviewed files", see: clickManual},
		dangers: []danger{
			{options: "-q --query", probes: []string{"SELECT * FROM t INTO OUTFILE '/tmp/x'"}, words: `(?i).*(outfile|infile)\s.*`, effect: writesFiles, text: "the client reads files with INFILE and writes them with OUTFILE", instead: "write a match that admits neither, or < SCRIPT for reviewed files", see: "https://clickhouse.com/docs/sql-reference/statements/select/into-outfile"},
			{options: "--queries-file", effect: readsFiles, text: "the client runs what stands in that file", instead: "write < SCRIPT", see: clickManual},
			{options: "-h --host --port", effect: otherServer, text: "the client logs in there with this tool's password", instead: "list the servers", see: clickManual},
			{options: "-C -c --config --config-file", effect: otherServer, text: "the file names the server", instead: "leave it out, or write it in insert", see: clickManual},
			{verb: "local", effect: readsFiles, text: "clickhouse local reads and writes any file", instead: "leave it out", see: "https://clickhouse.com/docs/operations/utilities/clickhouse-local"},
		},
	}}
}

// Words that several tables speak of. A pattern that was written with care admits none of them.
const (
	anyFile  = `(.*/)?\.\./.*|/(etc|proc|root|run|tmp|dev|home)/.*`                                     // a path that leads anywhere
	anyHost  = `(?i)(.*[.@/])?evil(\.example|\.com|\.io)?|203\.0\.113\.9`                               // a server that isn't the policy's
	anyURL   = `(?i)([a-z+]*://)?([^/?#]*[.@])?(evil(\.example|\.com|\.io)?|203\.0\.113\.9)([:/?#].*)?` // an address there
	dsnWords = `.*=.*|postgres(ql)?://.*`                                                               // a database that names a server
)
