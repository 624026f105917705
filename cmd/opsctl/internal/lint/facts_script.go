package lint

// Interpreters. Code that they run needs no exec: the kernel's list doesn't hold it, files and connect do.

const (
	rubyManual   = "https://man7.org/linux/man-pages/man1/ruby.1.html"
	pythonManual = "https://docs.python.org/3/using/cmdline.html"
	perlManual   = "https://perldoc.perl.org/perlrun"
	nodeManual   = "https://nodejs.org/api/cli.html"
	phpManual    = "https://www.php.net/manual/en/features.commandline.options.php"
	denoManual   = "https://docs.deno.com/runtime/reference/cli/"
	javaManual   = "https://docs.oracle.com/en/java/javase/21/docs/specs/man/java.html"

	review = `write where.SCRIPT = { path = "/app/script/ops" } with an ext: files that went through a review`
)

// script is the danger of a script that isn't a reviewed file; with the options of unless the first operand is none.
func script(language, see, unless string) danger {
	return danger{operand: firstOperand, probes: []string{"/tmp/x", "/tmp/x.rb", "/tmp/x.py", "/tmp/x.pl", "/tmp/x.js", "/tmp/x.php"}, words: anyFile + "|[^/]+", unless: unless, effect: runsCode, env: true, text: "it is run as " + language, instead: review, see: see}
}

// typed is the danger of a script that is typed in.
func typed(language, see string) danger {
	return danger{verb: "-", unless: "<", effect: runsCode, env: true, text: language + " is read from the terminal and run", instead: "write < SCRIPT for a reviewed file", see: see}
}

func scriptFacts() []fact {
	return []fact{{
		names: "ruby jruby", kind: interpreter, escape: "system starts a shell", see: gtfobins("ruby"),
		values: "-e -C -I -r -E -F -T --encoding --external-encoding --internal-encoding", flags: "-w -v -n -p -l -a -c -s -d -y -U -W", style: scriptStyle,
		prompt: &prompt{batch: "-e -v -h --version --help --copyright", operands: 1, more: true, instead: "write SCRIPT, with a path in its where", see: rubyManual},
		dangers: []danger{
			{options: "-e", effect: runsCode, env: true, text: "its value is run as Ruby", instead: review, see: gtfobins("ruby")},
			{options: "-r -I -C -S -x --require", effect: runsCode, env: true, text: "ruby loads code from there", instead: "leave it out", see: rubyManual},
			script("Ruby", rubyManual, "-e"), typed("Ruby", rubyManual),
		},
	}, {
		names: "python pypy", kind: interpreter, escape: "os.system starts a shell", see: gtfobins("python"),
		values: "-c -m -W -X --check-hash-based-pycs", flags: "-b -B -d -E -i -I -O -P -q -s -S -u -v -x", style: scriptStyle,
		prompt: &prompt{batch: "-c -m -V -h --version --help", operands: 1, more: true, instead: "write SCRIPT, with a path in its where", see: pythonManual},
		dangers: []danger{
			{options: "-c", effect: runsCode, env: true, text: "its value is run as Python", instead: review, see: gtfobins("python")},
			{options: "-m", probes: []string{"http.server"}, words: ".+", effect: runsCode, env: true, text: "every module may be run: pdb and code are prompts, http.server shows files", instead: "list the modules", see: pythonManual},
			{options: "-i", effect: runsCode, env: true, text: "a prompt follows the script, and it runs any Python", instead: "leave it out", see: pythonManual},
			script("Python", pythonManual, "-c -m"), typed("Python", pythonManual),
		},
	}, {
		names: "perl", kind: interpreter, escape: "system starts a shell", see: gtfobins("perl"),
		values: "-e -E -I", flags: "-a -c -f -l -n -p -s -S -t -T -u -U -v -w -W -X", style: scriptStyle,
		prompt: &prompt{batch: "-e -E -v -V -h", operands: 1, more: true, instead: "write SCRIPT, with a path in its where", see: perlManual},
		dangers: []danger{
			{options: "-e -E", effect: runsCode, env: true, text: "its value is run as Perl", instead: review, see: gtfobins("perl")},
			{options: "-I -M -m -d", effect: runsCode, env: true, text: "perl loads code from there", instead: "leave it out", see: perlManual},
			script("Perl", perlManual, "-e -E"), typed("Perl", perlManual),
		},
	}, {
		names: "node nodejs", kind: interpreter, escape: "child_process starts a shell", see: gtfobins("node"),
		values: "-e --eval -p --print -pe -r --require --import --loader --experimental-loader -C --conditions --input-type --title --env-file --test-name-pattern", style: wordStyle,
		prompt: &prompt{batch: "-e --eval -p --print -v --version -h --help", operands: 1, more: true, instead: "write SCRIPT, with a path in its where", see: nodeManual},
		dangers: []danger{
			{options: "-e --eval -p --print -pe -i --interactive --inspect --inspect-brk", effect: runsCode, env: true, text: "it runs any JavaScript", instead: review, see: gtfobins("node")},
			{options: "-r --require --import --loader --env-file", effect: runsCode, env: true, text: "node loads code from there", instead: "leave it out", see: nodeManual},
			script("JavaScript", nodeManual, "-e --eval -p --print -pe"), typed("JavaScript", nodeManual),
		},
	}, {
		names: "php", kind: interpreter, escape: "system starts a shell", see: gtfobins("php"),
		values: "-r --run -d -c -z -t -S -f -F -B -R -E", style: scriptStyle,
		prompt: &prompt{batch: "-r -v -i -m -h --version --help", operands: 1, more: true, instead: "write SCRIPT, with a path in its where", see: phpManual},
		dangers: []danger{
			{options: "-r --run -a --interactive -B -R -E", effect: runsCode, env: true, text: "it runs any PHP", instead: review, see: gtfobins("php")},
			{options: "-d -c -z -t", effect: runsCode, env: true, text: "php loads code from there", instead: "leave it out", see: phpManual},
			script("PHP", phpManual, "-r --run"), typed("PHP", phpManual),
		},
	}, {
		names: "awk gawk mawk nawk", kind: interpreter, escape: "system starts a shell", see: gtfobins("awk"),
		values: "-v -F -f -i -l -e --assign --field-separator --file --include --load --source",
		dangers: []danger{
			{options: "-f --file -i --include -l --load", effect: runsCode, env: true, text: "awk runs code from there", instead: "leave it out", see: gtfobins("awk")},
			{operand: firstOperand, probes: []string{`BEGIN { print ENVIRON["A"] }`}, words: ".+", unless: "-f --file", effect: runsCode, env: true, text: "it is run as awk: it reads and writes files, and prints variables", instead: "write a list of the programs", see: gtfobins("awk")},
		},
	}, {
		names: "irb pry ipython jshell gdb guile", kind: interpreter, escape: "it runs any code", see: gtfobins("gdb"),
		values: "-x --command -ex --eval-command -iex -e -c -l -s -r -I -p --pid",
		prompt: &prompt{batch: "-v --version -h --help -batch --batch", operands: 2, instead: "leave it out, or write a reviewed script", see: gtfobins("irb")},
		dangers: []danger{
			{options: "-x --command -ex --eval-command -iex -e -c -l -s -r -I", effect: runsCode, env: true, text: "it runs its value, or a file, as code", instead: "leave it out", see: gtfobins("gdb")},
			{options: "-p --pid", effect: runsCode, env: true, text: "gdb reads and changes another process", instead: "leave it out", see: gtfobins("gdb")},
			script("code", gtfobins("gdb"), ""), typed("code", gtfobins("gdb")),
		},
	}, {
		names: "lua luajit tclsh wish expect Rscript julia", kind: interpreter, escape: "it runs any code", see: gtfobins("lua"),
		values: "-e -l -c -f", flags: "-i -v -E -W", style: scriptStyle,
		prompt: &prompt{batch: "-e -v -c", operands: 1, instead: "write SCRIPT, with a path in its where", see: gtfobins("lua")},
		dangers: []danger{
			{options: "-e -l -c -i -f", effect: runsCode, env: true, text: "it runs its value, or a file, as code", instead: review, see: gtfobins("lua")},
			script("code", gtfobins("lua"), "-e"), typed("code", gtfobins("lua")),
		},
	}, {
		names: "deno bun tsx ts-node", kind: interpreter, escape: "it runs any JavaScript", see: denoManual,
		values: "-e --eval -p --print -c --config --import-map --preload",
		prompt: &prompt{batch: "-v -V --version -h --help -e --eval", operands: 1, instead: "write run SCRIPT, with a path in its where", see: denoManual},
		dangers: []danger{
			{verb: "eval", effect: runsCode, env: true, text: "it runs what stands behind it as JavaScript", instead: review, see: denoManual},
			{verb: "repl", effect: runsCode, env: true, text: "a prompt that runs any JavaScript", instead: "leave it out", see: denoManual},
			{verb: "run", operand: firstOperand, probes: []string{"/tmp/x.js"}, words: anyFile + "|" + anyURL + "|[^/]+", effect: runsCode, env: true, text: "it is run as JavaScript", instead: review, see: denoManual},
			{verb: "x", effect: runsCode, env: true, text: "it downloads a package and runs it", instead: "leave it out", see: "https://bun.com/docs/cli/bunx"},
			{options: "-e --eval -p --print -c --config --import-map --preload", effect: runsCode, env: true, text: "it runs any JavaScript", instead: review, see: denoManual},
			{options: "-A --allow-all --allow-run --allow-ffi", effect: runsProgram, text: "the script may start programs", instead: "leave it out", see: "https://docs.deno.com/runtime/fundamentals/security/"},
			script("JavaScript", denoManual, ""), typed("JavaScript", denoManual),
		},
	}, {
		names: "java", kind: interpreter, see: javaManual, style: wordStyle,
		values: "-jar -cp -classpath --class-path -p --module-path -m --module --add-modules --upgrade-module-path",
		dangers: []danger{
			{options: "-jar -cp -classpath --class-path -p --module-path -m --module --upgrade-module-path -agentpath -agentlib -javaagent", effect: runsCode, env: true, text: "java runs code from there", instead: "write it in insert", see: javaManual},
			{operand: firstOperand, probes: []string{"@/tmp/x", "/tmp/X.java"}, words: `@.*|.*\.java|[A-Za-z.]+`, unless: "-jar -m --module", effect: runsCode, env: true, text: "java runs it: a class, a source file, or options from a file", instead: "write it in insert", see: javaManual},
		},
	}}
}
