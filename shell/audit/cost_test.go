package audit

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strings"
	"testing"
	"time"
)

// usual is a command's record of usual length.
func usual(n int) Record {
	const sql = "SELECT id, customer FROM orders WHERE state = 2"
	return Record{
		Event: Run, Command: n, Session: "ecs-execute-command-0a1b2c", Seq: n, Time: "2026-11-23T18:02:11.004Z", Prev: zeros,
		Line: "mysql -t -e '" + sql + "' app_production", Words: []string{"mysql", "-t", "-e", sql, "app_production"},
		Tool: "mysql", Path: "/usr/bin/mariadb", Rule: "policy.toml:21", Argv: []string{"mysql", "--defaults-extra-file=/dev/fd/5", "-t", "-e", sql, "app_production"},
	}
}

func benchmarkKey() ed25519.PrivateKey {
	seed := sha256.Sum256([]byte("benchmark"))
	return ed25519.NewKeyFromSeed(seed[:])
}

func BenchmarkSeal(b *testing.B) {
	key := benchmarkKey()
	long := usual(1)
	long.Words = append(long.Words, strings.Repeat("x", 60<<10))
	for name, r := range map[string]Record{"usual": usual(1), "64KiB": long} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, _, err := seal(r, key); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkParse(b *testing.B) {
	line, _, err := seal(usual(1), benchmarkKey())
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	b.SetBytes(int64(len(line)))
	for b.Loop() {
		if _, err := Parse(line); err != nil {
			b.Fatal(err)
		}
	}
}

// What a record costs to verify must not grow with the trail.
func BenchmarkVerify(b *testing.B) {
	for _, n := range []int{10, 100, 1000} {
		text := longText(b, n)
		b.Run(fmt.Sprintf("records=%d", n), func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				if v, err := Verify(bytes.NewReader(text), Options{}); err != nil || v.State == Broken {
					b.Fatal(err, v.Problems)
				}
			}
		})
	}
}

// longText is a trail of n records and a Begin.
func longText(b *testing.B, n int) []byte {
	key := benchmarkKey()
	at := time.Date(2026, 11, 23, 18, 2, 11, 0, time.UTC)
	var text bytes.Buffer
	prev := zeros
	for i := range n + 1 {
		r := usual(i)
		if i == 0 {
			r = Record{Event: Begin, Session: r.Session, Key: base64.StdEncoding.EncodeToString(key.Public().(ed25519.PublicKey)), Policy: zeros}
		}
		r.Seq, r.Prev, r.Time = i, prev, at.Add(time.Duration(i)*time.Second).Format(TimeFormat)
		line, sealed, err := seal(r, key)
		if err != nil {
			b.Fatal(err)
		}
		text.Write(line)
		text.WriteByte('\n')
		prev = sealed.Hash
	}
	return text.Bytes()
}
