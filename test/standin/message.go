package standin

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"time"
)

// The messages of the data channel, as the agent writes and reads them (aws/amazon-ssm-agent, agent/session/contracts). Written anew here, so that
// the client's library is not tested against itself.

// The types of messages.
const (
	typeInput  = "input_stream_data"
	typeOutput = "output_stream_data"
	typeAck    = "acknowledge"
	typeClosed = "channel_closed"
	typeStart  = "start_publication"
)

// The types of a data message's payload.
const (
	payloadOutput            = 1
	payloadSize              = 3
	payloadHandshakeRequest  = 5
	payloadHandshakeResponse = 6
	payloadHandshakeComplete = 7
	payloadChallenge         = 8
	payloadChallengeResponse = 9
)

// headerLength is where the payload's length stands.
const headerLength = 116

type message struct {
	kind     string
	sequence int64
	id       [16]byte
	payload  uint32 // its type
	body     []byte
}

func (m message) encode() []byte {
	b := binary.BigEndian.AppendUint32(nil, headerLength)
	b = append(b, fmt.Sprintf("%-32s", m.kind)...)
	b = binary.BigEndian.AppendUint32(b, 1)
	b = binary.BigEndian.AppendUint64(b, uint64(time.Now().UnixMilli()))
	b = binary.BigEndian.AppendUint64(b, uint64(m.sequence))
	b = binary.BigEndian.AppendUint64(b, 0)
	b = append(b, m.id[8:]...)
	b = append(b, m.id[:8]...)
	sum := sha256.Sum256(m.body)
	b = append(b, sum[:]...)
	b = binary.BigEndian.AppendUint32(b, m.payload)
	b = binary.BigEndian.AppendUint32(b, uint32(len(m.body)))
	return append(b, m.body...)
}

func decode(b []byte) (m message, err error) {
	if len(b) < headerLength+4 || binary.BigEndian.Uint32(b) != headerLength {
		return m, errors.New("a message is too short, or has another header")
	}
	m.kind = strings.TrimRight(string(b[4:36]), " \x00")
	m.sequence = int64(binary.BigEndian.Uint64(b[48:]))
	copy(m.id[8:], b[64:72])
	copy(m.id[:8], b[72:80])
	m.payload = binary.BigEndian.Uint32(b[112:])
	m.body = b[headerLength+4:]
	if int(binary.BigEndian.Uint32(b[headerLength:])) != len(m.body) {
		return m, errors.New("a message's length is wrong")
	}
	if sum := sha256.Sum256(m.body); string(sum[:]) != string(b[80:112]) {
		return m, errors.New("a message's digest is wrong")
	}
	return m, nil
}

func newID() (id [16]byte) {
	rand.Read(id[:])
	id[6], id[8] = id[6]&0x0f|0x40, id[8]&0x3f|0x80
	return id
}

// text is an id as acknowledgements name it.
func text(id [16]byte) string {
	return fmt.Sprintf("%x-%x-%x-%x-%x", id[:4], id[4:6], id[6:8], id[8:10], id[10:])
}
