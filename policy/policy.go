// Package policy reads the security team's allowlist and decides by it.
//
// Open and Parse read the file strictly and report every error at once. Decide is pure: words in, the
// rule that permits them or the reason why none does out. Bind touches the machine: it opens and checks
// what a decision names and alone makes a Grant, the only thing that can be launched.
//
// The package is a leaf: it imports none of ours. What it needs of the line syntax ([[test]] lines) the
// caller brings as a Splitter.
package policy

import (
	"fmt"
	"regexp"
	"time"
)

// Command is one split line. Input is the word after "<", nil where there is none.
type Command struct {
	Words []string
	Input *string
}

// Splitter splits a line as the prompt does (line.Split, wrapped by the caller).
type Splitter func(line string) (Command, error)

// Pos is a place in the policy file. Line and Col count from 1; Col counts characters, not bytes.
type Pos struct{ Line, Col int }

// Policy is a file that loaded without an error. It never changes after Parse returned it.
type Policy struct {
	Name    string // the file's base name, as messages show it
	Hash    string // SHA-256 of the file's bytes, 64 hex digits
	Session Session
	Audit   Audit
	Tools   []*Tool           // sorted by name
	Secrets map[string]Secret // by NAME of [secret.NAME]
	Tests   []Test

	byName   map[string]*Tool
	failing  bool      // a mistake or a test that fails: only Draft and Tested return such a policy, and Bind runs nothing by it
	warnings []Warning // in the file's order
}

// Session is the [session] table with its defaults filled in.
type Session struct {
	Prompt      string // "opsh" when left out
	Reason      Reason
	Origin      Origin        // OriginECSExec when left out
	Guard       Guard         // GuardRequire when left out, and GuardOff where Origin is OriginAny
	IdleTimeout time.Duration // 15m when left out
	MaxDuration time.Duration // 4h when left out
	UIDs        UIDRange      // 64000-64063 when left out
	SameUser    bool          // opsh may run without root; its tools then run as its own user
}

// Reason says whether a session must state why it is opened. Match is nil where any text will do.
type Reason struct {
	Required bool
	Match    *regexp.Regexp // anchored to the whole text
	Pattern  string         // Match as the policy writes it
}

// Origin says who may have started opsh.
type Origin string

// The values of session.origin.
const (
	OriginECSExec Origin = "ecs-exec"
	OriginAny     Origin = "any"
)

// Guard says whether a session wants opshd to hold the agent that started it.
type Guard string

// The values of session.guard.
const (
	GuardRequire Guard = "require"
	GuardOff     Guard = "off"
)

// UIDRange is inclusive. First belongs to the reaper (contain.End), sessions take First+1 to Last;
// so a range holds two uids at least.
type UIDRange struct{ First, Last uint32 }

// Audit is the [audit] table with its defaults filled in.
type Audit struct {
	WhenDown   WhenDown // Refuse when left out
	CloudWatch *CloudWatch
	Recordings Recordings
}

// Recordings says what becomes of what sessions show. The zero value, when left out, keeps it on the session's machine.
type Recordings struct {
	Off    bool   // nothing is recorded but what the trail holds
	Region string // of the bucket; CloudWatch's when left out
	Bucket string // "": recordings stay on the machine
	Prefix string // of the objects' keys: "" or text that ends in /
}

// WhenDown says what becomes of a command whose record can't leave this machine now.
type WhenDown string

// The values of audit.when_down.
const (
	WhenDownRefuse WhenDown = "refuse"
	WhenDownSpool  WhenDown = "spool"
)

// CloudWatch names the log group that the trail is shipped to.
type CloudWatch struct{ Region, LogGroup string }

// Secret is a [secret.NAME] table.
type Secret struct {
	Name   string
	From   string // "env:VAR", "file:PATH", ...
	Source Source // From taken apart
	Pos    Pos
}

// Test is a [[test]] table.
type Test struct {
	Run   string
	Allow bool
	Pos   Pos
}

// Tool is a [tool.NAME] table with its defaults filled in.
type Tool struct {
	Name     string // what the operator types
	Path     string // absolute: what runs, and its argv[0]
	About    string // one line for help, "" when left out
	Dir      string // working directory, "/" when left out
	User     string // whose home, group and groups the tool gets
	ShareUID bool   // the tool runs under User's own uid instead of the session's
	Exec     Exec
	Insert   []Template // words put right behind argv[0]
	Rules    []*Rule    // in the file's order: the first that matches decides
	Where    map[string]*Where
	Env      map[string]Template
	Pass     []string // names of opsh's own variables handed through
	PassAWS  bool     // pass may name AWS credential variables
	Files    map[string]Template
	Timeout  time.Duration // 10m when left out
	Limits   Limits
	Access   *Access // the key files; nil when left out: what its user may read and write

	// ConnectOnly: the tool opens TCP connections to Connect only, to nothing where that is empty, and doesn't
	// listen. Otherwise it may do both as it likes, and Connect is nil. The kernel's Landlock knows ports, not
	// hosts: a tool that may connect to db:3306 may connect to port 3306 of any host. It knows TCP, not UDP.
	ConnectOnly bool
	Connect     []Endpoint

	Landlock Landlock  // LandlockRequire when left out; it says something where there is Access or ConnectOnly
	Approval *Approval // nil when left out: no runbook has to be approved
	Pos      Pos
}

// Limits bounds a tool, with the defaults filled in.
type Limits struct {
	Processes int           // of its uid, threads included; 512 when left out
	Memory    int64         // bytes of address space of each process; 4 GiB when left out
	CPU       time.Duration // of each process, in whole seconds; 0, when left out: none
	OpenFiles int           // of each process; 1024 when left out
	Output    int64         // bytes that a command may print; 1 GiB when left out
}

// Access is the files that a tool may open, beside what every program needs: these and all below them.
// Absolute and clean paths, none twice. What it may write it may read, too.
type Access struct {
	Read, Write []string

	at map[string]Pos // where the policy names each
}

// Endpoint is where a tool may connect to. Host is a name in lower case or an address, without brackets.
type Endpoint struct {
	Host string
	Port uint16 // not 0
}

// Landlock says what becomes of a tool where the kernel can't hold it to its files and connect.
type Landlock string

// The values of tool.landlock.
const (
	LandlockRequire    Landlock = "require"     // it doesn't run
	LandlockBestEffort Landlock = "best-effort" // it runs with what the kernel can do
	LandlockOff        Landlock = "off"         // nothing is tried
)

// ExecMode says what a tool may start.
type ExecMode string

// The values of tool.exec; a list of absolute paths is ExecList.
const (
	ExecNone ExecMode = "none"
	ExecList ExecMode = "list"
	ExecAny  ExecMode = "any"
)

// Exec is what a tool may start. Paths is set for ExecList only.
type Exec struct {
	Mode  ExecMode
	Paths []string
}

// Template is a text with {secret.NAME}, {secret.NAME:FORM} and {file.NAME} in it, already taken apart.
type Template []Piece

// Piece is a literal text, or a reference when Kind isn't PieceText.
type Piece struct {
	Kind PieceKind
	Text string // the literal, or the NAME of the reference
}

// PieceKind says what a Piece stands for.
type PieceKind int

// The pieces of a Template.
const (
	PieceText         PieceKind = iota
	PieceSecret                 // the secret's value, verbatim
	PieceSecretQuoted           // "…" with \ and " escaped
	PieceFile                   // /dev/fd/N
	PieceSecretPgpass           // \ and : escaped, as a field of psql's .pgpass
	PieceSecretURL              // percent-encoded, as a part of a URL
)

// WhereKind is the kind of a where value.
type WhereKind string

// The kinds of where.
const (
	WhereAny   WhereKind = "any"
	WhereList  WhereKind = "list"
	WhereMatch WhereKind = "match"
	WhereInt   WhereKind = "int"
	WherePath  WhereKind = "path"
)

// Where says which words may fill a placeholder.
type Where struct {
	Name    string
	Kind    WhereKind
	List    []string       // WhereList: taken as written
	Re      *regexp.Regexp // WhereMatch: anchored to the whole word
	Pattern string         // WhereMatch: as the policy writes it
	Min     int64          // WhereInt
	Max     int64          // WhereInt
	Dir     string         // WherePath: absolute and clean
	Ext     string         // WherePath: ".sql", or "" for any
	Empty   bool           // admits the empty word
	Dash    bool           // admits a word that begins with -
	Pos     Pos
}

// Error is one mistake in a policy file. Msg reads "cannot X: why".
type Error struct {
	Pos  Pos
	Msg  string
	Hint string // what to write instead, "" where there is nothing to say
}

// Errors is every mistake of a file, in the file's order. Its Error method prints each as
// NAME:LINE:COL: MSG, then the line and a caret under the column.
type Errors struct {
	Name string
	List []Error

	src []byte
}

// Refusal says why a command may not run. Word is the index of the offending word in Command.Words
// (0 is the tool), len(Words) for the word behind "<" or for something missing at the end; -1 where
// no word is to blame. Reason is one lower-case clause without a full stop.
type Refusal struct {
	Word   int
	Reason string
	Usage  string   // the nearest usage line, "" where there is none
	Try    *Command // a corrected command that Decide permits, nil where none was found
}

func (r *Refusal) Error() string { return r.Reason }

// Match is a permitted command: which rule, and what filled it. Only Decide makes one.
type Match struct {
	Tool  *Tool
	Rule  *Rule
	Words []string // as typed, Words[0] is the tool's name
	Input *string  // the word behind "<"
	Fills []Fill   // one for each word (or attached value) that a placeholder took, in order

	decided bool // only Decide sets it: Bind refuses a Match that was made by hand
}

// Fill says that Words[Word][Offset:] filled the placeholder of Where. For the word behind "<",
// Word is len(Words).
type Fill struct {
	Word, Offset int
	Where        *Where
}

// String is FILE-less "LINE:COL".
func (p Pos) String() string { return fmt.Sprintf("%d:%d", p.Line, p.Col) }
