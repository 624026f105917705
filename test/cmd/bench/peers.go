package main

import (
	"os/exec"
	"path/filepath"
	"strings"

	"opsh/test/fixture"
)

const opshName = "opsh"

// program is opsh or what people use today in its place.
type program struct {
	name string
	// needs is a command that must be there; empty: it always is.
	needs string
	// lacks says what it does less than opsh, in the letters of lacking.
	lacks string
	// once is what runs one line from start to exit. The line is words without a blank in them, the first of them one of tools.
	once func(p *place, line string) []string
	// session is what opens a prompt where such lines are typed; nil: it has none.
	session func(p *place) []string
	// prompt is what that prompt ends with.
	prompt string
	// output: it stands between the tool and the terminal, so that output passes through it.
	output bool
}

// lacking is what a program does less than opsh.
var lacking = [...]struct{ letter, what string }{
	{"r", "no rules for arguments: whoever may run a program may run it with any"},
	{"c", "doesn't contain what it runs"},
	{"l", "keeps no record of commands"},
	{"t", "its record is a file or log lines that root can change unseen: neither chained nor signed nor synced before the command starts"},
	{"o", "doesn't stand between the tool and the terminal: a tool can leave it in any state"},
	{"w", "doesn't record what is shown and typed"},
	{"s", "runs one command, has no session"},
}

// shell is bash, restricted, as the prompt behind programs that have none of their own.
func shell(p *place) []string { return []string{"bash", "--rcfile", p.rc, "-r", "-i"} }

// programs are all that take part. Opsh under another policy, such as one that records less, is a place of its own and one more line here: its
// cells then say how many times the other opsh takes.
func programs() []program {
	return []program{
		installed(opshName, "", func(p *place) fixture.Place { return p.opsh }),
		installed("opsh, recordings = \"off\"", "w", func(p *place) fixture.Place { return p.off }),
		{
			name: "nothing in between", lacks: "rclows",
			once: func(p *place, line string) []string { return p.words("bin", line) },
		},
		{
			name: "bash -r", lacks: "rclow", prompt: benchPrompt,
			once:    func(p *place, line string) []string { return []string{"bash", "--norc", "-r", "-c", line} },
			session: shell,
		},
		{
			name: "dash", lacks: "rclow", prompt: benchPrompt,
			once:    func(p *place, line string) []string { return []string{"dash", "-c", line} },
			session: func(p *place) []string { return []string{"dash", "-i"} },
		},
		sudo("sudo", "plain", "ctow", true),
		sudo("sudo, NOEXEC", "noexec", "tows", false), // a shell that may start nothing is none
		sudo("sudo, I/O log", "logged", "ct", true),
		{
			name: "doas", needs: "doas", lacks: "ctow", prompt: benchPrompt,
			once: func(p *place, line string) []string {
				return append([]string{"doas", "-u", toolUser}, p.words("plain", line)...)
			},
			session: func(p *place) []string { return append([]string{"doas", "-u", toolUser}, p.sessionIn("plain")...) },
		},
		recorder("script", "script", func(p *place, line string) []string {
			return []string{"script", "-q", "-e", "-c", line, p.scratch("typescript")}
		}),
		recorder("script to /dev/null", "script", func(_ *place, line string) []string {
			return []string{"script", "-q", "-e", "-c", line, "/dev/null"}
		}),
		recorder("ttyrec", "ttyrec", func(p *place, line string) []string {
			return []string{"ttyrec", "-e", line, p.scratch("ttyrecord")}
		}),
		recorder("asciinema", "asciinema", func(p *place, line string) []string {
			return []string{"asciinema", "rec", "-q", "--overwrite", "-c", line, p.scratch("cast")}
		}),
		recorder("tlog", "tlog-rec", func(p *place, line string) []string {
			return append([]string{"tlog-rec", "--writer=file", "--file-path=" + p.scratch("tlog")}, strings.Fields(line)...)
		}),
	}
}

// installed is an opsh that was installed with a policy.
func installed(name, lacks string, at func(p *place) fixture.Place) program {
	return program{
		name: name, lacks: lacks, prompt: "opsh> ", output: true,
		once:    func(p *place, line string) []string { return []string{at(p).Opsh, "-c", line} },
		session: func(p *place) []string { return []string{at(p).Opsh} },
	}
}

// sudo is it with the tags of one of the directories that its configuration names.
func sudo(name, tags, lacks string, session bool) program {
	as := []string{"sudo", "-n", "-u", toolUser}
	s := program{
		name: name, needs: "sudo", lacks: lacks, prompt: benchPrompt, output: tags == "logged",
		once: func(p *place, line string) []string { return append(as[:len(as):len(as)], p.words(tags, line)...) },
	}
	if session {
		s.session = func(p *place) []string { return append(as[:len(as):len(as)], p.sessionIn(tags)...) }
	}
	return s
}

// recorder is a program that records a terminal, and has bash as its prompt.
func recorder(name, needs string, once func(p *place, line string) []string) program {
	lacks := "rct"
	if strings.HasSuffix(name, "/dev/null") {
		lacks = "rclw"
	}
	return program{
		name: name, needs: needs, lacks: lacks, prompt: benchPrompt, output: true, once: once,
		session: func(p *place) []string { return once(p, strings.Join(shell(p), " ")) },
	}
}

// missing says why a program can't take part here.
func (g program) missing() string {
	if g.needs == "" {
		return ""
	}
	if _, err := exec.LookPath(g.needs); err != nil {
		return "not to be had on this machine"
	}
	return ""
}

// words are a line's, its tool taken from one of the directories of tools.
func (p *place) words(directory, line string) []string {
	words := strings.Fields(line)
	words[0] = filepath.Join(p.dir, directory, words[0])
	return words
}

// sessionIn is shell with its program taken from one of the directories of tools.
func (p *place) sessionIn(directory string) []string {
	return p.words(directory, strings.Join(shell(p), " "))
}
