package policy

import (
	"os"
	"slices"
	"time"
)

// FileID is a file as it was when it was checked. Path is absolute and has no links in it.
type FileID struct {
	Path     string
	Dev, Ino uint64
}

// FileHash is the SHA-256, 64 hex digits, of a file's content. Path is absolute and has no links in it.
type FileHash struct{ Path, SHA256 string }

// GrantFile is a file that the tool sees as descriptor FD, 10 or above.
type GrantFile struct {
	FD   int
	File *os.File
}

// Identity is whom a tool runs as. Neither number nor any of Groups is 0. Groups doesn't repeat GID.
type Identity struct {
	UID, GID uint32
	Groups   []uint32
	Own      bool // opsh's own: it isn't root, and nothing changes them
}

// Grant is a command that may be launched, with everything it takes: what was typed isn't needed any more.
// Only Bind makes one. It holds open files: Close it.
type Grant struct {
	tool      *Tool
	rule      *Rule
	program   FileID
	path      string
	argv      []string
	env       []string
	stdin     *os.File
	files     []GrantFile
	identity  Identity
	execFiles []FileID
	reads     []FileID
	writes    []FileID
	hashes    []FileHash
}

// Tool is the policy's tool.
func (g *Grant) Tool() *Tool { return g.tool }

// Rule is the usage line that permitted the command.
func (g *Grant) Rule() *Rule { return g.rule }

// Program is the file to execute: the interpreter where the tool is a script.
func (g *Grant) Program() FileID { return g.program }

// Path is the tool's own file, absolute and without links: the script where it is one.
func (g *Grant) Path() string { return g.path }

// Argv is the words to execute it with, argv[0] included.
func (g *Grant) Argv() []string { return slices.Clone(g.argv) }

// Env is the tool's whole environment, NAME=VALUE, sorted by name. It may hold secrets.
func (g *Grant) Env() []string { return slices.Clone(g.env) }

// Dir is the directory the tool starts in.
func (g *Grant) Dir() string { return g.tool.Dir }

// Stdin is what stands behind <, a sealed copy read from its beginning, nil where there is no <.
func (g *Grant) Stdin() *os.File { return g.stdin }

// Files is the policy's file.NAMEs, by descriptor. Their content may be secret.
func (g *Grant) Files() []GrantFile { return slices.Clone(g.files) }

// Identity is whom the tool runs as.
func (g *Grant) Identity() Identity {
	id := g.identity
	id.Groups = slices.Clone(id.Groups)
	return id
}

// ExecFiles is what the tool may start, for ExecList only.
func (g *Grant) ExecFiles() []FileID { return slices.Clone(g.execFiles) }

// Limits is what the tool may use.
func (g *Grant) Limits() Limits { return g.tool.Limits }

// Reads is what the tool may read where it has an Access, each once: the policy's paths, with all below
// them, and what the command can't do without: the program, the tool's own script, the programs it may start,
// the files that its words name. nil where it has no Access.
func (g *Grant) Reads() []FileID { return slices.Clone(g.reads) }

// Writes is what the tool may write and read, with all below it, where it has an Access.
func (g *Grant) Writes() []FileID { return slices.Clone(g.writes) }

// Hashes is the content of what the command runs or reads: the tool where it is a script, the files that
// its words name, each once, and the one behind <.
func (g *Grant) Hashes() []FileHash { return slices.Clone(g.hashes) }

// Timeout is how long the tool may run.
func (g *Grant) Timeout() time.Duration { return g.tool.Timeout }

// Close closes the Grant's files. More than once does nothing more.
func (g *Grant) Close() {
	if g.stdin != nil {
		_ = g.stdin.Close() // opened for reading
	}
	for _, f := range g.files {
		_ = f.File.Close()
	}
}
