package bucket

import (
	"encoding/json"
	"os"

	"opsh/shell/ship"
)

// shipped says how much of a recording is in the bucket. It lies beside the recording as RECORDING.shipped.
type shipped struct {
	Region, Bucket, Prefix string
	Part                   int   // how many objects are there
	Offset                 int64 // bytes of the file that they hold
	To                     int64 // where the slice ends that was on its way; 0: none was

	unsure bool // it may have arrived without our knowing
}

// ShippedSuffix is what the note of a recording is named by.
const ShippedSuffix = ".shipped"

// loadShipped returns the note, or none where there is none, or where it is about another target or another file.
func loadShipped(file *os.File, t Target) shipped {
	none := shipped{Region: t.Region, Bucket: t.Bucket, Prefix: t.Prefix}
	content, err := os.ReadFile(file.Name() + ShippedSuffix)
	if err != nil {
		return none
	}
	var s shipped
	st, err := file.Stat()
	if err != nil || json.Unmarshal(content, &s) != nil || s.Region != t.Region || s.Bucket != t.Bucket || s.Prefix != t.Prefix ||
		s.Part < 0 || s.Offset < 0 || s.Offset > st.Size() || s.To > st.Size() || s.To != 0 && (s.To <= s.Offset || s.To > s.Offset+sliceMost) {
		return none
	}
	s.unsure = s.To > 0
	return s
}

// save replaces the note.
func (s shipped) save(path string) error { return ship.SaveNote(path+ShippedSuffix, s) }
