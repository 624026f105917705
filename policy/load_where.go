package policy

import (
	"fmt"
	"strings"
)

// placeholderName is what usage lines and where call a placeholder.
var placeholderName = upTo(64, `^[A-Z][A-Z0-9_]*$`)

const whereHint = `write "any", a list of words, { match = '…' }, { int = [1, 1000] } or { path = "/dir", ext = ".sql" }`

// wheres reads a tool's where.NAMEs; all is nil where it has none. A mistaken one is kept nevertheless, so
// that its placeholder isn't reported as missing, too: the policy doesn't load anyway.
func (l *loader) wheres(t *Tool, all *tomlNode) {
	if all == nil || !l.is(all, kindTable, "where") {
		return
	}
	t.Where = map[string]*Where{}
	for _, name := range all.keys {
		n := all.table[name]
		w := l.where(name, n)
		if !placeholderName.MatchString(name) {
			hint := "upper-case letters, digits and _"
			if up := strings.ToUpper(name); placeholderName.MatchString(up) {
				hint = "write where." + up
				if all.table[up] == nil {
					t.Where[up] = w
				}
			}
			l.fail(n.key, hint, "cannot use where.%s: placeholders are written in upper case", keyText(name))
		}
		t.Where[name] = w
	}
}

func (l *loader) where(name string, n *tomlNode) *Where {
	w := &Where{Name: name, Pos: n.key}
	switch {
	case n.kind == kindString && n.str == "any":
		w.Kind = WhereAny
	case n.kind == kindList:
		l.whereList(w, n)
	case n.kind == kindTable:
		l.whereTable(w, n)
	default:
		l.fail(n.pos, hintForWhere(n), "cannot use where.%s: there is no such value", keyText(name))
	}
	return w
}

// whereTable reads the long form. { any = true } and { list = […] } are there for empty and dash beside
// them.
func (l *loader) whereTable(w *Where, n *tomlNode) {
	known := l.checkKeys(n, "where", whereKeys)
	for _, key := range n.keys {
		kind := WhereKind(key)
		switch kind {
		case WhereAny, WhereList, WhereMatch, WhereInt, WherePath:
		default:
			continue
		}
		if w.Kind != "" {
			l.fail(n.table[key].key, "keep one of them", "cannot use where.%s: it has %s already, and one meaning", keyText(w.Name), w.Kind)
			continue
		}
		w.Kind = kind
		m := n.table[key]
		switch kind {
		case WhereAny:
			if l.is(m, kindBool, "any") && !m.on {
				l.fail(m.pos, "write any = true", "cannot use where.%s: any = false says nothing", keyText(w.Name))
			}
		case WhereList:
			l.whereList(w, m)
		case WhereMatch:
			w.Re, w.Pattern = l.pattern(m)
		case WhereInt:
			l.whereInt(w, m)
		case WherePath:
			l.wherePath(w, m)
		}
	}
	if w.Kind == "" && known {
		l.absent(n.pos, whereHint, "cannot use where.%s: it doesn't say which words it admits", keyText(w.Name))
	}
	w.Empty, w.Dash = l.flag(n, "empty"), l.flag(n, "dash")
	if w.Empty && (w.Kind == WhereInt || w.Kind == WherePath) {
		l.fail(n.table["empty"].key, "remove it", "cannot use empty in where.%s: the empty word is no %s", keyText(w.Name), w.Kind)
	}
	m := n.table["ext"]
	if m == nil {
		return
	}
	if w.Kind != WherePath {
		l.absent(m.key, "remove it", "cannot use ext in where.%s: it belongs beside path", keyText(w.Name))
	}
	if ext, ok := l.text(m, "ext"); ok {
		if w.Ext = ext; ext == "." || ext[0] != '.' || strings.Contains(ext, "/") {
			hint := `write ".sql", say`
			if bareText.MatchString(ext) && entryName.MatchString(ext) {
				hint = "write " + quoted("."+ext)
			}
			l.fail(m.pos, hint, "cannot use ext = %s: it must begin with a dot", quoted(ext))
		}
	}
}

func (l *loader) whereList(w *Where, n *tomlNode) {
	w.Kind = WhereList
	what := "where." + keyText(w.Name)
	if n.kind == kindList {
		for _, item := range n.items {
			if item.kind == kindString && item.str == "" {
				l.fail(item.pos, "write { list = [ … ], empty = true }", "cannot list the empty word in %s: it would be overlooked", what)
				return
			}
		}
	}
	l.texts(n, what, maxWords, func(item *tomlNode) { w.List = append(w.List, item.str) })
}

func (l *loader) whereInt(w *Where, n *tomlNode) {
	if n.kind != kindList || len(n.items) != 2 || n.items[0].kind != kindInt || n.items[1].kind != kindInt {
		l.fail(n.pos, hintForInt(n), "cannot use int: it must be the lowest and the highest number")
		return
	}
	w.Min, w.Max = n.items[0].num, n.items[1].num
	if w.Min > w.Max {
		l.fail(n.pos, fmt.Sprintf("write int = [%d, %d]", w.Max, w.Min), "cannot use int: no number is from %d to %d", w.Min, w.Max)
	}
}

// wherePath: opsh opens these files as root, before the tool's user could be refused. Below these
// directories lie the machine's secrets and devices, or everything.
func (l *loader) wherePath(w *Where, n *tomlNode) {
	dir, ok := l.absolute(n, "path")
	if !ok {
		return
	}
	w.Dir = dir
	for _, top := range []string{"/proc", "/sys", "/dev"} {
		if dir == "/" || dir == top || strings.HasPrefix(dir, top+"/") {
			l.fail(n.pos, "name the directory that holds the reviewed files", "cannot use path = %s: opsh reads these files as root", quoted(dir))
			return
		}
	}
}
