package frame

import (
	"bytes"
	"errors"
	"io"
	"testing"
	"testing/iotest"
)

func TestFrames(t *testing.T) {
	var b bytes.Buffer
	for _, payload := range []string{"", "a", "二\n\x00"} {
		if err := Write(&b, Output, []byte(payload)); err != nil {
			t.Fatal(err)
		}
	}
	whole := b.Bytes()
	r := iotest.OneByteReader(bytes.NewReader(whole))
	for _, want := range []string{"", "a", "二\n\x00"} {
		if kind, got, err := Read(r); err != nil || kind != Output || string(got) != want {
			t.Errorf("%c %q, %v", kind, got, err)
		}
	}
	if _, _, err := Read(r); !errors.Is(err, io.EOF) {
		t.Error(err)
	}
	if _, _, err := Read(bytes.NewReader(whole[:len(whole)-1][10:])); err == nil {
		t.Error("half a frame was read")
	}
	if _, _, err := Read(bytes.NewReader([]byte{'o', 0xff, 0, 0, 0})); err == nil {
		t.Error("a frame of 4 GB was read")
	}
	if err := Write(&b, Input, make([]byte, most+1)); err == nil {
		t.Error("a frame that can't be read was written")
	}
}
