package runbook

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
)

// trickle hands a text over in pieces of n bytes.
type trickle struct {
	Memory
	n int
}

func (k *trickle) Next(ctx context.Context, max int) ([]byte, error) {
	return k.Memory.Next(ctx, min(max, k.n))
}

func commandsOf(t *testing.T, text string, piece int) (got []string, failed error) {
	t.Helper()
	r := &Reader{From: &trickle{Memory{[]byte(text)}, piece}}
	for {
		raw, at, err := r.Command()
		if errors.Is(err, io.EOF) {
			return got, nil
		}
		if err != nil {
			return got, err
		}
		got = append(got, fmt.Sprintf("%d:%s", at, raw))
	}
}

func TestRunbookLines(t *testing.T) {
	for _, test := range []struct {
		text string
		want []string
	}{
		{"", nil},
		{"\n\n  \n# a comment\n\t# another\n", nil},
		{"a b\nc\n", []string{"1:a b", "2:c"}},
		{"a b\nc", []string{"1:a b", "2:c"}},
		{"a\r\nb\r\n\r\nc", []string{"1:a", "2:b", "4:c"}},
		{"a\rb\r", []string{"1:a", "2:b"}},
		{"a 'x\ny'\nb\n", []string{"1:a 'x\ny'", "3:b"}},
		{"a 'x\n# y'\nb\n", []string{"1:a 'x\n# y'", "3:b"}},
		{"a 'x\ny", []string{"1:a 'x\ny"}},
		{"a\\\nb\n", []string{"1:a\\\nb"}},
		{"a\n\x04b\n", []string{"1:a"}},
		{"# unfinished ' quote\nb\n", []string{"2:b"}},
	} {
		for _, piece := range []int{1, 2, 1 << 20} {
			got, err := commandsOf(t, test.text, piece)
			if err != nil || !slices.Equal(got, test.want) {
				t.Errorf("%q by %d: %q, %v; want %q", test.text, piece, got, err, test.want)
			}
		}
	}
	if _, err := commandsOf(t, strings.Repeat("x", 1<<20), 1<<20); err == nil {
		t.Error("a line of a megabyte was accepted")
	}
}
