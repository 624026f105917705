package audit

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestVerifyWhole(t *testing.T) {
	w := sample(t, "ecs-execute-command-0a1b2c")
	var seqs []int
	d := verify(t, w.text(), Options{Policy: strings.Repeat("1f0c77aa", 8), Each: func(r Record) { seqs = append(seqs, r.Seq) }})
	says(t, d, Whole, `could not write 2 records before this one: "no space left"`)
	if d.Records != 9 || d.Runs != 1 || d.Refusals != 1 || d.Unwritten != 2 || *d.Status != 0 || d.Hash != w.prev || d.Key != w.public() ||
		d.From != "2026-11-23T18:02:11.004Z" || d.To != "2026-11-23T18:02:20.876Z" || d.Reason != "INC-4711 障害 <&>" || fmt.Sprint(seqs) != "[0 1 2 3 4 5 6 7 8]" {
		t.Errorf("%+v, each %v", d, seqs)
	}
}

// TestVerifyNames: what is wrong is said in words, at its place.
func TestVerifyNames(t *testing.T) {
	const id = "ecs-execute-command-0a1b2c"
	whole := func() [][]byte { return sample(t, id).lines }
	other := sample(t, "opsh-other").lines
	forked := newWriter(t, id)
	forked.lines = slices.Clone(whole()[:3])
	third, err := Parse(forked.lines[2])
	must(t, err)
	forked.seq, forked.prev, forked.at = 3, third.Hash, forked.at.Add(time.Minute)
	forked.add(Record{Event: Exit, Command: 1, Status: code(1)})
	made := func(change func(*Record)) [][]byte {
		w := newWriter(t, id)
		w.add(Record{Event: Begin})
		w.add(Record{Event: Run, Command: 1}, change)
		w.add(Record{Event: End, Status: code(0)})
		return w.lines
	}
	for _, test := range []struct {
		name  string
		lines [][]byte
		state State
		want  string
	}{
		{"no end", whole()[:8], Open, ""},
		{"nothing", nil, Broken, "{0 -1 it is empty"},
		{"one gone", slices.Delete(whole(), 4, 5), Broken, "{5 5 record 4 is missing before it}"},
		{"three gone", slices.Delete(whole(), 2, 5), Broken, "{3 5 records 2 to 4 are missing before it}"},
		{"the first gone", whole()[1:], Broken, "doesn't start with a begin"},
		{"a repeat", slices.Insert(whole(), 4, whole()[3]), Broken, "{5 3 a repeat of record 3}"},
		{"a swap", append(append(whole()[:4], whole()[5], whole()[4]), whole()[6:]...), Broken, "{6 4 it is out of order: record 5 was there before}"},
		{"a fork", slices.Insert(whole(), 4, forked.lines[3]), Broken, "{5 3 a fork: there are two different records 3}"},
		{"a fork that is renumbered", made(func(r *Record) { r.Seq, r.Prev = 1, strings.Repeat("a", 64) }), Broken, "{2 1 the chain is broken"},
		{"behind the end", append(whole(), whole()[8]), Broken, "a repeat of record 8"},
		{"the end twice", append(whole(), other[8]), Broken, "{10 8 a fork"},
		{"a line between", slices.Insert(whole(), 4, []byte("x")), Broken, "{5 -1 a line that is no record: it is too short}"},
		{"another's begin", append(other[:1:1], whole()[1:]...), Broken, "{2 1 it belongs to another session}"},
		{"another's tail", append(whole()[:5], other[5:]...), Broken, "{6 5 its signature was not made by the session's key}"},
		{"a long line", slices.Insert(whole(), 4, bytes.Repeat([]byte("x"), MaxRecord+1)), Broken, "{5 -1 a line that is no record: it is longer"},
		{"backwards", made(func(r *Record) { r.Time = "2026-11-23T18:02:11.003Z" }), Broken, "{2 1 its time is before"},
		{"an odd time", made(func(r *Record) { r.Time = "2026-11-23T18:02:11.5Z" }), Broken, "{2 1 its time can't be read}"},
		{"a second begin", made(func(r *Record) { r.Event = Begin }), Broken, "{2 1 a second begin}"},
		{"a key", made(func(r *Record) { r.Key = "x" }), Broken, "{2 1 it holds a key"},
		{"a closer in the middle", made(func(r *Record) { r.Closer = "x" }), Broken, "{2 1 it holds a key"},
		{"an unknown event", made(func(r *Record) { r.Event = "sudo" }), Broken, "{2 1 its event is none"},
		{"an exit without status", made(func(r *Record) { r.Event = Exit }), Broken, "{2 1 it has no status}"},
		{"a negative number", made(func(r *Record) { r.Seq = -1 }), Broken, "{2 -1 its number is none"},
		{"a huge number", made(func(r *Record) { r.Seq = 1<<31 - 2 }), Broken, "its number is none"},
		{"another session's id", made(func(r *Record) { r.Session = "x" }), Broken, "{2 1 it belongs to another session}"},
		{"the clock", made(func(r *Record) { r.Clock = "2026-11-23T18:02:10.000Z" }), Whole, "{2 1 the machine's clock went backwards"},
	} {
		t.Run(test.name, func(t *testing.T) { says(t, verify(t, join(test.lines), Options{}), test.state, test.want) })
	}
	skip := made(func(r *Record) {})
	fork := newWriter(t, id)
	first := fork.add(Record{Event: Begin})
	fork.add(Record{Event: Run, Command: 1})
	fork.add(Record{Event: Run, Command: 2}, func(r *Record) { r.Prev = first.Hash })
	says(t, verify(t, fork.text(), Options{}), Broken, "{3 2 a fork: it says that it follows record 0, as another record does}")
	says(t, verify(t, join(skip), Options{Policy: strings.Repeat("0", 64)}), Broken, "{1 0 the session ran under another policy")
	says(t, verify(t, append(join(skip), "tail"...), Options{}), Broken, "4 bytes follow the end of the session")
	says(t, verify(t, append(join(skip[:2]), "tail"...), Options{}), Open, "{3 -1 the last line, of 4 bytes,")
}

// TestVerifyClosed: an end that another session wrote is no proof that nothing followed.
func TestVerifyClosed(t *testing.T) {
	w := sample(t, "opsh-dead")
	w.lines = w.lines[:5]
	last, err := Parse(w.lines[4])
	must(t, err)
	heir := newWriter(t, "opsh-heir")
	heir.session, heir.lines, heir.seq, heir.prev, heir.at = w.session, w.lines, 5, last.Hash, w.at
	heir.add(Record{Event: End, Status: code(125), Category: CategoryBroken, Closer: "opsh-heir", Key: heir.public()})
	d := verify(t, heir.text(), Options{})
	says(t, d, Open)
	if d.Closer != "opsh-heir" {
		t.Errorf("%+v", d)
	}
	heir.lines = heir.lines[:5]
	heir.seq, heir.prev = 5, last.Hash
	heir.add(Record{Event: End, Status: code(0), Category: CategoryExit, Closer: "opsh-heir", Key: w.public()})
	says(t, verify(t, heir.text(), Options{}), Broken, "its signature was not made")
	heir.lines = heir.lines[:5]
	heir.seq, heir.prev = 5, last.Hash
	heir.add(Record{Event: End, Status: code(0), Category: CategoryExit})
	says(t, verify(t, heir.text(), Options{}), Broken, "its signature was not made")
}

// TestOneSpelling: a record that is whole by hash and signature, but can be read in two ways, isn't one.
func TestOneSpelling(t *testing.T) {
	for _, body := range []string{
		`{"session":"s","seq":0,"time":"2026-11-23T18:02:11.004Z","event":"begin","key":"KEY","reason":"a","reason":"b","prev":"ZEROS"}`,
		`{"session":"s","seq":0,"time":"2026-11-23T18:02:11.004Z","event":"begin","key":"KEY","Reason":"a","prev":"ZEROS"}`,
		`{"seq":0,"session":"s","time":"2026-11-23T18:02:11.004Z","event":"begin","key":"KEY","prev":"ZEROS"}`,
		`{"session":"s", "seq":0,"time":"2026-11-23T18:02:11.004Z","event":"begin","key":"KEY","prev":"ZEROS"}`,
		`{"session":"\u0073","seq":0,"time":"2026-11-23T18:02:11.004Z","event":"begin","key":"KEY","prev":"ZEROS"}`,
		`{"session":"s","seq":0,"time":"2026-11-23T18:02:11.004Z","event":"begin","key":"KEY","reason":"","prev":"ZEROS"}`,
		`{"session":"s","seq":0,"time":"2026-11-23T18:02:11.004Z","event":"begin","key":"KEY","who":"me","prev":"ZEROS"}`,
		`{"session":"s","seq":0,"time":"2026-11-23T18:02:11.004Z","event":"begin","key":"KEY","prev":"ZEROS"} `,
		`null`, `{}`,
	} {
		w := newWriter(t, "s")
		body = strings.ReplaceAll(strings.ReplaceAll(body, "KEY", w.public()), "ZEROS", zeros)
		hash := sha256.Sum256([]byte(body))
		line := body[:len(body)-1] + hashMember + hex.EncodeToString(hash[:]) + sigMember + base64.StdEncoding.EncodeToString(ed25519.Sign(w.key, hash[:])) + lineEnd
		says(t, verify(t, []byte(line+"\n"), Options{}), Broken)
	}
}

// TestVerifyRepeats: what a shipper that delivers at least once makes of a trail is put in order; what it can't have done is named.
func TestVerifyRepeats(t *testing.T) {
	lines := sample(t, "s").lines
	random := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		mixed := slices.Clone(lines)
		for range random.IntN(9) {
			mixed = append(mixed, lines[random.IntN(len(lines))])
		}
		random.Shuffle(len(mixed), func(i, j int) { mixed[i], mixed[j] = mixed[j], mixed[i] })
		var seqs []int
		d := verify(t, join(mixed), Options{Repeats: true, Each: func(r Record) { seqs = append(seqs, r.Seq) }})
		if says(t, d, Whole); d.Repeated != len(mixed)-9 || d.Records != 9 || !slices.IsSorted(seqs) {
			t.Fatalf("%+v", d)
		}
		gone := random.IntN(9)
		lost := slices.DeleteFunc(mixed, func(l []byte) bool { return bytes.Equal(l, lines[gone]) })
		d = verify(t, join(lost), Options{Repeats: true})
		if gone == 8 {
			says(t, d, Open)
		} else if says(t, d, Broken); gone > 0 {
			says(t, d, Broken, fmt.Sprintf("record %d is missing", gone))
		}
	}
	other := sample(t, "opsh-other").lines
	says(t, verify(t, join(append(lines[:9:9], other[4])), Options{Repeats: true}), Broken, "{10 4 a fork: there are two different records 4}")
	says(t, verify(t, join(append([][]byte{lines[4], other[4]}, lines...)), Options{Repeats: true}), Broken, "{2 4 a fork: there are two different records 4}")
}

// TestVerifyWindow: a stream whose first record never comes is held back only so far.
func TestVerifyWindow(t *testing.T) {
	w := newWriter(t, "s")
	for w.seq < aheadMost+100 {
		event := Run
		if w.seq == 0 {
			event = Begin
		}
		w.add(Record{Event: event})
	}
	v := NewVerifier(Options{Repeats: true})
	for _, l := range w.lines[1:] {
		if v.Line(l); len(v.ahead) > aheadMost {
			t.Fatalf("%d records are held", len(v.ahead))
		}
	}
	v.Line(w.lines[0])
	says(t, v.Finish(), Broken, "record 0 is missing before it", "{10100 0 it is out of order")
}

// TestProblemsAreBounded: garbage throughout is counted, not kept.
func TestProblemsAreBounded(t *testing.T) {
	d := verify(t, bytes.Repeat([]byte("garbage\n"), 100_000), Options{})
	if d.State != Broken || len(d.Problems) != kept || d.More != 100_000-kept {
		t.Errorf("%d problems and %d more", len(d.Problems), d.More)
	}
}
