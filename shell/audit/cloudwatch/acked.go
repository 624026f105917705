package cloudwatch

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"os"
	"strings"

	"opsh/shell/ship"
)

// acked says how much of a trail the service has acknowledged. It lies beside the trail as TRAIL.acked, and is a hint only: without it,
// or when it doesn't fit the file or the target, the trail is sent from its start.
type acked struct {
	Region, LogGroup string
	Offset           int64  // bytes of the file
	Line             string // SHA-256 of the line that ends there
	Time             int64  // of its event, in milliseconds
}

const ackedSuffix = ".acked"

// Shipped says whether the service has acknowledged all of a trail's file.
func (t Target) Shipped(path string) bool {
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	st, err := f.Stat()
	return err == nil && st.Size() > 0 && loadAcked(path, f, t).Offset == st.Size()
}

func lineHash(line []byte) string {
	sum := sha256.Sum256(line)
	return hex.EncodeToString(sum[:])
}

// loadAcked returns the note, or none where it can't be believed.
func loadAcked(path string, trail io.ReaderAt, t Target) acked {
	none := acked{Region: t.Region, LogGroup: t.LogGroup}
	text, err := os.ReadFile(path + ackedSuffix)
	if err != nil {
		return none
	}
	var a acked
	if json.Unmarshal(text, &a) != nil || a.Region != t.Region || a.LogGroup != t.LogGroup || a.Offset <= 0 {
		return none
	}
	piece := make([]byte, min(a.Offset, maxBatchBytes))
	if _, err := trail.ReadAt(piece, a.Offset-int64(len(piece))); err != nil || piece[len(piece)-1] != '\n' {
		return none
	}
	last := string(piece[:len(piece)-1])
	last = last[strings.LastIndexByte(last, '\n')+1:]
	if lineHash([]byte(last)) != a.Line {
		return none
	}
	return a
}

// save replaces the note.
func (a acked) save(path string) error { return ship.SaveNote(path+ackedSuffix, a) }
