package lint

import (
	"slices"
	"strings"
)

// What is built on an interpreter. Code that it runs needs no exec: the kernel's list doesn't hold it, files and connect do.

const (
	railsGuide  = "https://guides.rubyonrails.org/command_line.html"
	railsSecret = "https://guides.rubyonrails.org/security.html#custom-credentials"
	rakeManual  = "https://ruby.github.io/rake/doc/command_line_usage_rdoc.html"
	bundleExec  = "https://bundler.io/man/bundle-exec.1.html"
)

func codeFacts() []fact {
	rails := func(verbs string, d danger) (all []danger) {
		for verb := range strings.FieldsSeq(verbs) {
			d.verb = verb
			if d.see == "" {
				d.see = railsGuide
			}
			if d.instead == "" {
				d.instead = "leave it out"
			}
			all = append(all, d)
		}
		return all
	}
	return []fact{{
		names: "rails", see: gtfobins("ruby"), values: "-e --environment -p --port -b --binding -P --pid -c --config -m --template -r --ruby -d --database --rc --db",
		dangers: slices.Concat(
			[]danger{{operand: firstOperand, probes: []string{"runner", "console"}, effect: runsCode, env: true, text: "every command of rails may be typed, runner and console among them", instead: "write one usage line for each command", see: railsGuide}},
			rails("runner r", danger{operand: firstOperand, probes: []string{"puts ENV.to_h"}, words: ".+", effect: runsCode, env: true, text: "rails runner evaluates what names no file, as Ruby", instead: review}),
			[]danger{{verb: "runner -", unless: "<", effect: runsCode, env: true, text: "rails runner reads Ruby from the terminal", instead: review, see: railsGuide},
				{verb: "r -", unless: "<", effect: runsCode, env: true, text: "rails runner reads Ruby from the terminal", instead: review, see: railsGuide}},
			rails("console c", danger{effect: runsCode, env: true, text: "the console runs any Ruby, and opsh doesn't record it line by line", instead: "write rails runner SCRIPT for reviewed files", see: gtfobins("irb")}),
			rails("dbconsole db", danger{effect: runsProgram, text: "it starts the database's client, with its own escapes and the application's password", instead: "write a tool for the client: see policy.example.toml"}),
			rails("credentials:show secrets:show encrypted:show credentials:diff", danger{effect: showsSecret, text: "it prints the application's credentials", see: railsSecret}),
			rails("credentials:edit secrets:edit encrypted:edit", danger{effect: showsSecret, text: "it opens the application's credentials in an editor", see: railsSecret}),
			rails("generate g destroy d new plugin app:update", danger{effect: writesFiles, text: "it writes code into the application, or removes it"}),
			rails("app:template", danger{effect: runsCode, env: true, text: "it runs a template, which is Ruby, from any file or server"}),
			rails("test t", danger{operand: anyOperand, effect: runsCode, text: "it runs Ruby from there"}),
			rails("server s", danger{effect: otherServer, text: "it serves the application a second time, to all that reach the port"}),
		),
	}, {
		names: "rake", see: gtfobins("rake"), values: "-e --execute -E --execute-continue -p --execute-print -f --rakefile -r --require -R --rakelibdir -I --libdir -C --directory -j --jobs", shortens: true,
		flags: "-n --dry-run -q --quiet -s --silent -v --verbose -T --tasks -D --describe -t --trace -P --prereqs",
		dangers: []danger{
			{options: "-e --execute -E --execute-continue -p --execute-print", effect: runsCode, env: true, text: "it runs its value as Ruby", instead: "leave it out", see: gtfobins("rake")},
			{options: "-f --rakefile -r --require -R --rakelibdir -I --libdir -C --directory", effect: runsCode, env: true, text: "rake runs Ruby from there", instead: "leave it out", see: rakeManual},
			{operand: anyOperand, probes: []string{"db:drop", "secret"}, words: "db:.*|secret", effect: runsCode, text: "every task may be typed, db:drop among them", instead: "write a list of the tasks", see: railsGuide},
		},
	}, {
		names: "bundle bundler", see: gtfobins("bundle"), wraps: "exec", values: "--gemfile -r --retry --jobs",
		flags: "--no-color --verbose -V --keep-file-descriptors",
		dangers: []danger{
			{operand: firstOperand, probes: []string{"exec", "console"}, effect: runsCode, env: true, text: "every command of bundle may be typed, exec and console among them", instead: "write one usage line for each command", see: gtfobins("bundle")},
			{verb: "exec", operand: firstOperand, probes: []string{"ruby", "irb"}, effect: runsCode, env: true, text: "bundle exec runs it: a program, or Ruby without any exec", instead: "write the program's own path as a tool of its own", see: bundleExec},
			{verb: "exec", operand: firstOperand, words: "(ruby|irb|pry|rails|rake|sh|bash)", even: true, effect: runsCode, env: true, text: "bundle exec runs it, whatever stands behind it", instead: "write the program's own path as a tool of its own", see: bundleExec},
			{verb: "console", effect: runsCode, env: true, text: "the console runs any Ruby", instead: "leave it out", see: gtfobins("bundle")},
			{verb: "open", effect: runsProgram, text: "it opens an editor", instead: "leave it out", see: "https://bundler.io/man/bundle-open.1.html"},
			{options: "--gemfile", effect: runsCode, env: true, text: "a Gemfile is Ruby that is run", instead: "write it in insert", see: "https://bundler.io/man/gemfile.5.html"},
		},
	}}
}
