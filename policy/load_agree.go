package policy

import (
	"errors"
	"fmt"

	"github.com/BurntSushi/toml"
)

// agree holds our own reading of the file against the library's. Both must accept it, and hold the same
// keys and values; otherwise somebody reads the policy differently than it was reviewed, and it is refused.
func agree(root *tomlNode, src string) (err *Error) {
	// The library panics on some input that it calls a bug of its own. That too is a refusal.
	defer func() {
		if p := recover(); p != nil {
			err = wrongAt(Pos{1, 1}, fmt.Sprintf("cannot read the file: the TOML library fails: %v", p), "")
		}
	}()
	var all map[string]any
	if _, e := toml.Decode(src, &all); e != nil {
		pos := Pos{1, 1}
		msg := e.Error()
		if pe := (toml.ParseError{}); errors.As(e, &pe) {
			pos, msg = placeOf(src, pe.Position.Start), pe.Message
		}
		return wrongAt(pos, "cannot read the file: "+msg, "")
	}
	if pos, ok := same(root, all); !ok {
		return wrongAt(pos, "cannot read this: two readers of the file disagree about it", "write it in a plainer way")
	}
	return nil
}

// same compares a value as we read it with the library's, and says where they differ.
func same(n *tomlNode, v any) (Pos, bool) {
	switch v := v.(type) {
	case map[string]any:
		if n.kind != kindTable || len(v) != len(n.keys) {
			return n.pos, false
		}
		for _, k := range n.keys {
			theirs, ok := v[k]
			if !ok {
				return n.table[k].key, false
			}
			if pos, ok := same(n.table[k], theirs); !ok {
				return pos, false
			}
		}
	case []map[string]any:
		if n.kind != kindList || len(v) != len(n.items) {
			return n.pos, false
		}
		for i, item := range n.items {
			if pos, ok := same(item, v[i]); !ok {
				return pos, false
			}
		}
	case []any:
		if n.kind != kindList || len(v) != len(n.items) {
			return n.pos, false
		}
		for i, item := range n.items {
			if pos, ok := same(item, v[i]); !ok {
				return pos, false
			}
		}
	case string:
		return n.pos, n.kind == kindString && n.str == v
	case int64:
		return n.pos, n.kind == kindInt && n.num == v
	case bool:
		return n.pos, n.kind == kindBool && n.on == v
	default:
		return n.pos, false
	}
	return Pos{}, true
}

// placeOf turns a byte offset into a place.
func placeOf(src string, offset int) Pos {
	r := tomlReader{src: src, line: 1, col: 1}
	for r.off < offset && !r.end() {
		r.next()
	}
	return r.place()
}
