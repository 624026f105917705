package audit

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Event says what a record is about.
type Event string

// The events of a session. Begin is the first and End the last.
const (
	Begin   Event = "begin"   // the session starts
	Runbook Event = "runbook" // a runbook was received whole
	Run     Event = "run"     // a command is about to start
	Running Event = "running" // a command has been silent for a while
	Exec    Event = "exec"    // a command's tool starts another program
	Denied  Event = "denied"  // a command's tool was kept from a program or another system call
	Exit    Event = "exit"    // a command ended
	Refused Event = "refused" // a command was not started
	End     Event = "end"     // the session is over

	// A guard's trail has these between its begin and its end.
	Killed Event = "killed" // what ECS Exec's agent had started was ended, since it wasn't opsh
	Guard  Event = "guard"  // what the guard says of itself
)

// CallExec is the Call of a record about a program that a tool tried to start.
const CallExec = "exec"

// Category says how a command or a session ended: the word behind the status in opsh's end line.
type Category string

// The categories of design section 6.
const (
	CategoryExit       Category = "exit"
	CategorySignal     Category = "signal"
	CategoryRefused    Category = "refused"
	CategoryTimeout    Category = "timeout"
	CategoryUnrecorded Category = "unrecorded"
	CategoryBroken     Category = "broken"
)

// FileHash is a file that a command reads, by the path that was opened and the SHA-256 of its content.
type FileHash struct {
	Path   string `json:"path"`
	SHA256 string `json:"sha256"`
}

// Approval is a signed approval of a runbook: for what, until when, and by which keys.
type Approval struct {
	Number  string   `json:"number"`
	Cluster string   `json:"cluster"`
	Service string   `json:"service"`
	Expires string   `json:"expires"`           // RFC 3339, UTC
	Keys    []string `json:"keys"`              // fingerprints, as ssh-keygen -l shows them
	Unknown []string `json:"unknown,omitempty"` // of those who signed, keys that no tool of the policy names
}

// The values of Record.Recording that name no place.
const (
	RecordingOff   = "off"   // the policy wants none
	RecordingLocal = "local" // on the session's machine alone
)

// Recorded is how much of the session's recording there was when a record was made: all that was shown before the record's own line.
type Recorded struct {
	Bytes     int64  `json:"bytes"`                // of the file
	SHA256    string `json:"sha256"`               // of these
	Replaced  int64  `json:"replaced,omitempty"`   // bytes of output and input that weren't UTF-8, so far
	Cut       int64  `json:"cut,omitempty"`        // bytes of output and input for which there was no room, so far
	CutSHA256 string `json:"cut_sha256,omitempty"` // of these
}

// Record is one event. The trail fills Session, Seq, Time, Clock, Prev, Hash and Sig; the caller the rest.
// A member that doesn't apply to the event is left out of the encoding.
type Record struct {
	Session string `json:"session"`
	Seq     int    `json:"seq"`
	Time    string `json:"time"`            // TimeFormat
	Clock   string `json:"clock,omitempty"` // what the clock said, when it went backwards
	Event   Event  `json:"event"`

	Trouble string `json:"trouble,omitempty"` // why records before this one could not be written
	Missing int    `json:"missing,omitempty"` // how many

	// begin
	Key  string `json:"key,omitempty"`  // the session's Ed25519 public key, base64
	Task string `json:"task,omitempty"` // ECS task, as the metadata endpoint's address names it
	// Of the task, as its metadata endpoint says; left out where that didn't answer at once.
	Cluster string `json:"cluster,omitempty"` // its name
	Service string `json:"service,omitempty"` // whose the task is; also left out where it is none's
	Host    string `json:"host,omitempty"`    // the container's host name
	Opsh    string `json:"opsh,omitempty"`    // opsh's version
	Policy  string `json:"policy,omitempty"`  // SHA-256 of the policy file
	Kernel  string `json:"kernel,omitempty"`  // what the probe found
	Mode    string `json:"mode,omitempty"`    // interactive, command or runbook
	Reason  string `json:"reason,omitempty"`
	UID     uint32 `json:"uid,omitempty"` // the uid that the session's tools run under
	// Where the recording is kept: RecordingOff, RecordingLocal, or s3://BUCKET/PREFIX/ where it is shipped to as well.
	Recording string `json:"recording,omitempty"`

	// runbook
	Runbook  string    `json:"runbook,omitempty"`  // SHA-256
	Length   int       `json:"length,omitempty"`   // bytes
	Approval *Approval `json:"approval,omitempty"` // what came with it and was verified

	// run, running, exec, denied, exit, refused
	Command int        `json:"command,omitempty"` // #N
	Line    string     `json:"line,omitempty"`    // as shown, quoted
	Words   []string   `json:"words,omitempty"`
	Input   string     `json:"input,omitempty"` // the word behind <
	Tool    string     `json:"tool,omitempty"`
	Path    string     `json:"path,omitempty"`
	Argv    []string   `json:"argv,omitempty"` // as executed; secrets are never in it
	Rule    string     `json:"rule,omitempty"` // FILE:LINE
	Files   []FileHash `json:"files,omitempty"`
	Raw     *Raw       `json:"raw,omitempty"` // a line that doesn't split
	Why     string     `json:"why,omitempty"`
	Lacks   []string   `json:"lacks,omitempty"` // run: what this kernel can't hold the tool to, and the policy is content with

	// exec, denied: Path and Argv are what the tool named
	Call string `json:"call,omitempty"` // CallExec, or the system call's name
	PID  int    `json:"pid,omitempty"`
	By   string `json:"by,omitempty"` // the program that tried

	// killed, guard: Path and Argv are what was started, Call the guard's word for it
	Of string `json:"of,omitempty"` // the agent's id of the session that it was started in

	Recorded *Recorded `json:"recorded,omitempty"` // running, exit, refused, end

	// exit, end
	Status   *int     `json:"status,omitempty"`
	Category Category `json:"category,omitempty"`
	Signal   string   `json:"signal,omitempty"`
	Millis   int64    `json:"ms,omitempty"`
	Bytes    int64    `json:"bytes,omitempty"`   // of output
	Left     []string `json:"left,omitempty"`    // processes that were left behind and ended
	Denials  int      `json:"denials,omitempty"` // how many calls were denied
	Runs     int      `json:"runs,omitempty"`
	Refusals int      `json:"refusals,omitempty"`

	// end
	Closer string `json:"closer,omitempty"` // the session that closed the trail of one whose opsh and watcher were gone; Key is its key then

	Prev string `json:"prev"`
	Hash string `json:"-"`
	Sig  string `json:"-"`
}

// Raw stands for a line that could not be split: enough to recognise it, and no more, since an
// attacker chooses its size.
type Raw struct {
	Length int    `json:"length"` // bytes
	SHA256 string `json:"sha256"`
	Head   string `json:"head"` // quoted, of its first KiB
}

// TimeFormat is how records and echoed lines write the time, always UTC.
const TimeFormat = "2006-01-02T15:04:05.000Z"

// MaxRecord bounds a record's encoding in bytes. CloudWatch Logs takes events up to 1 MB.
const MaxRecord = 900 << 10

// ErrTooLarge says that a record's encoding is over MaxRecord. Nothing was recorded; a smaller record can say so.
var ErrTooLarge = errors.New("cannot record: the record is too large")

// Short is the first 8 hex digits of the hash, as the echoed line shows it.
func (r Record) Short() string {
	if len(r.Hash) < 8 {
		return ""
	}
	return r.Hash[:8]
}

// When is Time parsed; the zero time when it doesn't parse.
func (r Record) When() time.Time {
	t, err := time.Parse(TimeFormat, r.Time)
	if err != nil {
		return time.Time{}
	}
	return t
}

// zeros is the prev of a first record.
var zeros = strings.Repeat("0", 64)

// isSessionID says whether an id can name a trail's file, and be shown as it is: 1 to 128 letters, digits, - and _, the first of them neither
// of the two. Not by a regular expression: compiling this one took opsh and its watcher 0.4 ms each, at every start.
func isSessionID(s string) bool {
	if len(s) == 0 || len(s) > 128 {
		return false
	}
	for i := range len(s) {
		switch c := s[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9':
		case i > 0 && (c == '-' || c == '_'):
		default:
			return false
		}
	}
	return true
}

const (
	hashMember = `,"hash":"`
	sigMember  = `","sig":"`
	lineEnd    = `"}`
	sigLength  = 88 // base64 of ed25519.SignatureSize bytes
	tailLength = len(hashMember) + 2*sha256.Size + len(sigMember) + sigLength + len(lineEnd)
)

// encode is a record's body: its members but hash and sig.
func encode(r Record) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(r)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}

// seal encodes r, hashes and signs it. It returns the line without its LF, and r with Hash and Sig set.
func seal(r Record, key ed25519.PrivateKey) ([]byte, Record, error) {
	body, err := encode(r)
	if err == nil && bytes.Contains(body, []byte(`\ufffd`)) {
		// What isn't UTF-8 is encoded as this escape, and read as U+FFFD, which is encoded as itself: a verifier that encodes what it has
		// read must get the same bytes.
		r = Record{}
		if err = json.Unmarshal(body, &r); err == nil {
			body, err = encode(r)
		}
	}
	if err != nil {
		return nil, r, fmt.Errorf("cannot encode a record: %w", err)
	}
	if len(body)+tailLength > MaxRecord {
		return nil, r, fmt.Errorf("%w: it has %d bytes, at most %d are kept", ErrTooLarge, len(body)+tailLength, MaxRecord)
	}
	hash := sha256.Sum256(body)
	r.Hash = hex.EncodeToString(hash[:])
	r.Sig = base64.StdEncoding.EncodeToString(ed25519.Sign(key, hash[:]))
	line, err := r.Sealed()
	return line, r, err
}

// Parse reads one line (without its LF). It checks the hash against the body, and that the body is exactly what opsh makes of such a record: a
// member that is there twice, or is spelled in another way, would be read differently by different programs. It does
// not check the signature or the chain: see Record.Signed and Verifier.
func Parse(line []byte) (Record, error) {
	var r Record
	n := len(line) - tailLength
	if n < 1 {
		return r, errors.New("cannot read a record: it is too short")
	}
	body := append(append([]byte{}, line[:n]...), '}')
	tail := string(line[n:])
	hash, sig := tail[len(hashMember):][:2*sha256.Size], tail[len(tail)-len(lineEnd)-sigLength:][:sigLength]
	if tail != hashMember+hash+sigMember+sig+lineEnd {
		return r, errors.New("cannot read a record: it does not end in hash and sig")
	}
	sum := sha256.Sum256(body)
	if hex.EncodeToString(sum[:]) != hash {
		return r, errors.New("cannot trust a record: its hash is not that of its content")
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	if err := d.Decode(&r); err != nil {
		return r, fmt.Errorf("cannot read a record: %w", err)
	}
	if again, err := encode(r); err != nil || !bytes.Equal(again, body) {
		return r, errors.New("cannot trust a record: its members are not written as opsh writes them, so two readers may take it for two things")
	}
	r.Hash, r.Sig = hash, sig
	return r, nil
}

// Sealed is the record as its trail's file holds it, without the LF: the bytes that Parse has read, or that Append has written.
func (r Record) Sealed() ([]byte, error) {
	body, err := encode(r)
	if err != nil {
		return nil, fmt.Errorf("cannot encode a record: %w", err)
	}
	return append(body[:len(body)-1:len(body)-1], hashMember+r.Hash+sigMember+r.Sig+lineEnd...), nil
}

// Signed says whether the record's signature was made by the key (base64, as in the begin record).
func (r Record) Signed(key string) bool {
	public, err := base64.StdEncoding.Strict().DecodeString(key)
	if err != nil || len(public) != ed25519.PublicKeySize {
		return false
	}
	sig, err := base64.StdEncoding.Strict().DecodeString(r.Sig)
	if err != nil {
		return false
	}
	hash, err := hex.DecodeString(r.Hash)
	return err == nil && ed25519.Verify(public, hash, sig)
}
