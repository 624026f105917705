package lint

// Interpreters, and what is built on them. Code that they run needs no exec: the kernel's list doesn't hold it, files and connect do.

const (
	railsGuide   = "https://guides.rubyonrails.org/command_line.html"
	rakeManual   = "https://ruby.github.io/rake/doc/command_line_usage_rdoc.html"
	rubyManual   = "https://man7.org/linux/man-pages/man1/ruby.1.html"
	pythonManual = "https://docs.python.org/3/using/cmdline.html"
)

func codeFacts() []fact {
	const review = `write where.SCRIPT = { path = "/app/script/ops" } with an ext: files that went through a review`
	script := func(language, see string, words ...string) danger {
		return danger{operand: firstOperand, probes: words, effect: runsCode, env: true, text: "it is run as " + language, instead: review, see: see}
	}
	return []fact{{
		names: "rails", kind: plainTool, see: gtfobins("ruby"),
		dangers: []danger{
			{verb: "runner", operand: firstOperand, probes: []string{"puts ENV.to_h", "system('id')"}, effect: runsCode, env: true,
				text: "rails runner evaluates what names no file, as Ruby", instead: review, see: railsGuide},
			{verb: "r", operand: firstOperand, probes: []string{"puts ENV.to_h"}, effect: runsCode, env: true, text: "rails runner evaluates what names no file, as Ruby", instead: review, see: railsGuide},
			{verb: "runner -", effect: runsCode, env: true, text: "rails runner reads Ruby from the terminal", instead: review, see: railsGuide},
			{verb: "console", effect: runsCode, env: true, text: "the console runs any Ruby, and opsh doesn't record it line by line", instead: "write rails runner SCRIPT for reviewed files", see: gtfobins("irb")},
			{verb: "c", effect: runsCode, env: true, text: "the console runs any Ruby, and opsh doesn't record it line by line", instead: "write rails runner SCRIPT for reviewed files", see: gtfobins("irb")},
			{verb: "dbconsole", effect: runsProgram, text: "it starts the database's client, with its own escapes and the application's password", instead: "write a tool for the client: see policy.example.toml", see: railsGuide},
			{verb: "db", effect: runsProgram, text: "it starts the database's client, with its own escapes and the application's password", instead: "write a tool for the client: see policy.example.toml", see: railsGuide},
			{verb: "credentials:show", effect: showsSecret, text: "it prints the application's credentials", instead: "leave it out", see: railsGuide},
			{verb: "credentials:edit", effect: showsSecret, text: "it opens the application's credentials in an editor", instead: "leave it out", see: railsGuide},
			{verb: "generate", effect: writesFiles, text: "it writes code into the application", instead: "leave it out", see: railsGuide},
			{operand: firstOperand, probes: []string{"runner", "console"}, effect: runsCode, env: true, text: "every command of rails may be typed, runner and console among them", instead: "write one usage line for each command", see: railsGuide},
		},
	}, {
		names: "rake", see: gtfobins("rake"),
		dangers: []danger{
			{options: "-e --execute -E --execute-continue -p --execute-print", effect: runsCode, env: true, text: "it runs its value as Ruby", instead: "leave it out", see: gtfobins("rake")},
			{options: "-f --rakefile -r --require -R --rakelibdir -I --libdir -C --directory", probes: []string{"/tmp/x", "x"}, effect: runsCode, env: true,
				text: "rake runs Ruby from there", instead: "leave it out", see: rakeManual},
			{operand: anyOperand, probes: []string{"db:drop", "secret"}, effect: runsCode, text: "every task may be typed, db:drop among them", instead: "write a list of the tasks", see: railsGuide},
		},
	}, {
		names: "bundle bundler", see: gtfobins("bundle"),
		dangers: []danger{
			{verb: "exec", operand: firstOperand, probes: []string{"ruby", "irb"}, effect: runsProgram, env: true, text: "bundle exec runs it as a program; Ruby scripts without any exec", instead: "write the program's own path as a tool of its own", see: gtfobins("bundle")},
			{verb: "console", effect: runsCode, env: true, text: "the console runs any Ruby", instead: "leave it out", see: gtfobins("bundle")},
		},
	}, {
		names: "ruby irb jruby", kind: interpreter, escape: "system starts a shell", see: gtfobins("ruby"),
		prompt: &prompt{batch: "-e -v -h --version --help --copyright", operands: 1, more: true, instead: "write SCRIPT, with a path in its where", see: rubyManual},
		dangers: []danger{
			{options: "-e", effect: runsCode, env: true, text: "its value is run as Ruby", instead: review, see: gtfobins("ruby")},
			{options: "-r -I -C -S -x --require", probes: []string{"/tmp/x", "x"}, effect: runsCode, env: true, text: "ruby loads code from there", instead: "leave it out", see: rubyManual},
			script("Ruby", rubyManual, "/tmp/x.rb", "x.rb"),
		},
	}, {
		names: "python pypy ipython", kind: interpreter, escape: "os.system starts a shell", see: gtfobins("python"),
		prompt: &prompt{batch: "-c -m -V -h --version --help", operands: 1, more: true, instead: "write SCRIPT, with a path in its where", see: pythonManual},
		dangers: []danger{
			{options: "-c", effect: runsCode, env: true, text: "its value is run as Python", instead: review, see: gtfobins("python")},
			{options: "-m", probes: []string{"http.server", "pdb", "code"}, effect: runsCode, env: true, text: "every module may be run: pdb and code are prompts, http.server shows files", instead: "list the modules", see: pythonManual},
			{options: "-i", effect: runsCode, env: true, text: "a prompt follows the script, and it runs any Python", instead: "leave it out", see: pythonManual},
			script("Python", pythonManual, "/tmp/x.py", "x.py"),
		},
	}, {
		names: "perl", kind: interpreter, escape: "system starts a shell", see: gtfobins("perl"),
		prompt: &prompt{batch: "-e -E -v -V -h", operands: 1, more: true, instead: "write SCRIPT, with a path in its where", see: "https://perldoc.perl.org/perlrun"},
		dangers: []danger{
			{options: "-e -E", effect: runsCode, env: true, text: "its value is run as Perl", instead: review, see: gtfobins("perl")},
			{options: "-I -M -m -d", probes: []string{"/tmp/x", "x"}, effect: runsCode, env: true, text: "perl loads code from there", instead: "leave it out", see: "https://perldoc.perl.org/perlrun"},
			script("Perl", "https://perldoc.perl.org/perlrun", "/tmp/x.pl", "x.pl"),
		},
	}, {
		names: "node nodejs", kind: interpreter, escape: "child_process starts a shell", see: gtfobins("node"),
		prompt: &prompt{batch: "-e --eval -p --print -v --version -h --help", operands: 1, more: true, instead: "write SCRIPT, with a path in its where", see: "https://nodejs.org/api/cli.html"},
		dangers: []danger{
			{options: "-e --eval -p --print -i --interactive --inspect --inspect-brk", effect: runsCode, env: true, text: "it runs any JavaScript", instead: review, see: gtfobins("node")},
			{options: "-r --require --import --loader --env-file", probes: []string{"/tmp/x", "x"}, effect: runsCode, env: true, text: "node loads code from there", instead: "leave it out", see: "https://nodejs.org/api/cli.html"},
			script("JavaScript", "https://nodejs.org/api/cli.html", "/tmp/x.js", "x.js"),
		},
	}, {
		names: "php", kind: interpreter, escape: "system starts a shell", see: gtfobins("php"),
		prompt: &prompt{batch: "-r -v -i -m -h --version --help", operands: 1, more: true, instead: "write SCRIPT, with a path in its where", see: "https://www.php.net/manual/en/features.commandline.options.php"},
		dangers: []danger{
			{options: "-r --run -a --interactive -B -R -E", effect: runsCode, env: true, text: "it runs any PHP", instead: review, see: gtfobins("php")},
			{options: "-d -c -z -t", probes: []string{"auto_prepend_file=/tmp/x", "/tmp/x"}, effect: runsCode, env: true, text: "php loads code from there", instead: "leave it out", see: "https://www.php.net/manual/en/features.commandline.options.php"},
			script("PHP", "https://www.php.net/manual/en/features.commandline.options.php", "/tmp/x.php", "x.php"),
		},
	}, {
		names: "awk gawk mawk nawk", kind: interpreter, escape: "system starts a shell", see: gtfobins("awk"),
		dangers: []danger{
			{options: "-f --file -i --include -l --load", probes: []string{"/tmp/x"}, effect: runsCode, env: true, text: "awk runs code from there", instead: "leave it out", see: gtfobins("awk")},
			{operand: firstOperand, probes: []string{`BEGIN { print ENVIRON["A"] }`}, effect: runsCode, env: true, text: "it is run as awk: it reads and writes files, and prints variables", instead: "write a list of the programs", see: gtfobins("awk")},
		},
	}}
}
