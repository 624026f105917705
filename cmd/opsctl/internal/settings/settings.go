// Package settings reads opsctl.toml: which container opsctl means where the command line doesn't say.
//
// The file decides which account and cluster a person's session is opened in, so it is taken only from where nobody else can put it
// (trust_unix.go), only one file counts, whole, so that no mixture of two names a third place, and whoever uses it says which it was. A working
// tree's file is written by all who commit there: that is why the person's own environment has more to say about the identity
// (Settings.Profile), and why no setting here chooses what is run.
package settings

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"github.com/BurntSushi/toml"
)

// Name is the file's.
const Name = "opsctl.toml"

// maxBytes is far more than a file of these keys needs.
const maxBytes = 64 << 10

// Settings are a file's. What it doesn't set is empty.
type Settings struct {
	File string // which file it was; empty: there is none

	Cluster, Service, Container string
	Region                      string
	// Broker is the URL of the broker that opens the sessions.
	Broker string
	// Profile is one of the person's own AWS configuration; credentials and AWS_PROFILE in the environment come before it (Identity).
	Profile string
}

// Variable is the one of the environment by which a person names the file.
const Variable = "OPSCTL_CONFIG"

// Places are where a file is looked for.
type Places struct {
	Named  string // by the person: the only one, wherever it lies and whoever it belongs to
	Dir    string // the working directory; the search goes up from it to the root of the repository that it lies in
	Config string // the user's configuration directory; the file is opsh/opsctl.toml there
	Home   string // the user's
}

// Load reads the first file that there is: the one named, the working tree's, the user's. None: no settings, no error.
func Load(p Places) (Settings, error) {
	if p.Named != "" {
		return read(p.Named, func(string, *os.File) error { return nil })
	}
	for _, dir := range searched(p) {
		s, err := read(filepath.Join(dir, Name), func(path string, f *os.File) error { return trusted(path, f, p.Home) })
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		return s, err
	}
	return Settings{}, nil
}

// searched are the directories to look in: from the working directory up to the root of its repository, then the user's own. Outside a
// repository it is the working directory alone: what lies above belongs to something else.
func searched(p Places) (dirs []string) {
	if p.Dir != "" {
		dirs = []string{p.Dir}
		var up []string
		for dir := p.Dir; ; dir = filepath.Dir(dir) {
			up = append(up, dir)
			if _, err := os.Lstat(filepath.Join(dir, ".git")); err == nil {
				dirs = up
				break
			}
			if dir == filepath.Dir(dir) {
				break
			}
		}
	}
	if p.Config != "" {
		dirs = append(dirs, filepath.Join(p.Config, "opsh"))
	}
	return dirs
}

// read reads a file that trust has nothing against.
func read(path string, trust func(path string, f *os.File) error) (Settings, error) {
	if info, err := os.Stat(path); err != nil {
		return Settings{}, fmt.Errorf("cannot read the settings: %w", err)
	} else if !info.Mode().IsRegular() { // before it is opened: a pipe would wait for its writer
		return Settings{}, fmt.Errorf("cannot read the settings %s: it is not a regular file", path)
	}
	f, err := os.Open(path)
	if err != nil {
		return Settings{}, fmt.Errorf("cannot read the settings: %w", err)
	}
	defer f.Close() //nolint:errcheck // it was only read
	if err := trust(path, f); err != nil {
		return Settings{}, fmt.Errorf("cannot trust the settings %s: %w", path, err)
	}
	content, err := io.ReadAll(io.LimitReader(f, maxBytes+1))
	if err != nil {
		return Settings{}, fmt.Errorf("cannot read the settings: %w", err)
	}
	if len(content) > maxBytes {
		return Settings{}, fmt.Errorf("cannot read the settings %s: it has more than %d bytes", path, maxBytes)
	}
	s, err := parse(filepath.Base(path), content)
	s.File = path
	return s, err
}

// value is a setting's: a word.
type value string

// UnmarshalTOML refuses what is no word; the library adds the place.
func (v *value) UnmarshalTOML(data any) error {
	s, ok := data.(string)
	switch {
	case !ok:
		return errors.New("the value is not a string")
	case s == "":
		return errors.New("the value is empty; leave the key out")
	case strings.HasPrefix(s, "-"), strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r >= 0x7f }):
		return errors.New("the value is not a word of ASCII letters, digits and punctuation")
	}
	*v = value(s)
	return nil
}

// unknown refuses every value: its key is none.
type unknown struct{ keys string }

func (u *unknown) UnmarshalTOML(any) error {
	return fmt.Errorf("there is no such key; the keys are %s", u.keys)
}

// parse reads a file's content. All that is wrong is reported at once, each with its place.
func parse(name string, content []byte) (Settings, error) {
	var s Settings
	keys := []struct {
		name string
		to   *string
	}{{"cluster", &s.Cluster}, {"service", &s.Service}, {"container", &s.Container}, {"profile", &s.Profile}, {"region", &s.Region}, {"broker", &s.Broker}}
	var names []string
	for _, k := range keys {
		names = append(names, k.name)
	}
	if !utf8.Valid(content) {
		return s, fmt.Errorf("cannot read %s: it isn't UTF-8", name)
	}
	var found map[string]toml.Primitive // by exact name: into a struct the library would take Cluster for cluster
	md, err := toml.NewDecoder(bytes.NewReader(content)).Decode(&found)
	if err != nil {
		return s, wrong(name, "", err)
	}
	var all []error
	seen := map[string]bool{}
	for _, key := range md.Keys() {
		if seen[key[0]] { // it has been refused with its table
			continue
		}
		seen[key[0]] = true
		var to any = &unknown{strings.Join(names, ", ")}
		var v value
		var field *string
		for _, k := range keys {
			if k.name == key[0] {
				to, field = &v, k.to
			}
		}
		if err := md.PrimitiveDecode(found[key[0]], to); err != nil {
			all = append(all, wrong(name, key[0], err))
		} else {
			*field = string(v)
		}
	}
	if err := errors.Join(all...); err != nil {
		return Settings{}, err
	}
	return s, nil
}

// wrong is a mistake at its place.
func wrong(name, key string, err error) error {
	var at toml.ParseError
	if !errors.As(err, &at) {
		return fmt.Errorf("cannot read %s: %w", name, err)
	}
	doing := "cannot read it"
	if key != "" {
		doing = "cannot set " + key
	}
	why := cmp.Or(at.Message, err.Error())
	if at.Position.Line == 0 { // the library knows no place for the table that a dotted key makes
		return fmt.Errorf("%s: %s: %s", name, doing, why)
	}
	return fmt.Errorf("%s:%d:%d: %s: %s", name, at.Position.Line, max(1, at.Position.Col), doing, why)
}
