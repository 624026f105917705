package prompt

import (
	"context"
	"errors"
	"io"
	"os"
	"testing"
	"time"
)

func TestKeyboard(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	k := NewKeyboard(r, time.Now)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := k.Next(ctx, 1); !errors.Is(err, context.Canceled) {
		t.Errorf("a wait that was ended: %v", err)
	}
	w.WriteString("abc")
	one, err := k.Next(context.Background(), 1)
	if string(one) != "a" || err != nil {
		t.Fatalf("%q %v", one, err)
	}
	k.Unread([]byte("xa"))
	var all []byte
	w.WriteString("d")
	w.Close()
	for {
		b, err := k.Next(context.Background(), 2)
		if errors.Is(err, io.EOF) {
			break
		}
		all = append(all, b...)
	}
	if string(all) != "xabcd" || !k.Gone() || k.Ready() != 0 {
		t.Errorf("%q, gone %v", all, k.Gone())
	}
}

// TestKeyboardHoldsBack: what nobody reads stays where it comes from.
func TestKeyboardHoldsBack(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	k := NewKeyboard(r, time.Now)
	wrote := make(chan int)
	const sent = 1 << 20
	go func() {
		n, _ := w.Write(make([]byte, sent))
		w.Close()
		wrote <- n
	}()
	for k.Ready() < keyboardHolds {
		time.Sleep(time.Millisecond)
	}
	got := 0
	for {
		if k.Ready() > keyboardHolds+16<<10 {
			t.Fatalf("%d bytes are held", k.Ready())
		}
		b, err := k.Next(context.Background(), 4096)
		if err != nil {
			break
		}
		got += len(b)
	}
	if got != sent || <-wrote != sent {
		t.Errorf("%d of %d bytes came", got, sent)
	}
}
