package policy

import (
	"strconv"
)

// Layout is where a policy's file writes its keys, and its comments: for who shows a policy to its authors. opsh needs none of it.
type Layout struct {
	Comments []Comment // in the file's order

	root *tomlNode
}

// Comment is a comment of the file. Text is what stands behind the #, to the end of the line.
type Comment struct {
	Pos  Pos // of the #
	Text string
}

// LayoutOf reads where a policy's source has what. src is one that Parse or Tested took; of any other the layout is as much as could be read.
func LayoutOf(src []byte) *Layout {
	r := &tomlReader{src: string(src), line: 1, col: 1}
	if len(checkSource(src)) > 0 {
		r.src = ""
	}
	r.file()
	return &Layout{Comments: r.comments, root: r.root}
}

// Key is where the key begins that the names lead to, as in Key("tool", "mysql", "exec"). A number is an element of a list, from 0; it
// begins where its value does. ok is false where the file has no such key.
func (l *Layout) Key(names ...string) (at Pos, ok bool) {
	n := l.node(names)
	if n == nil {
		return Pos{}, false
	}
	return n.key, true
}

// In is where the byte at offset of a text stands, or the text's beginning where escapes or several lines make the columns of the file
// and of the text differ. ok is false where no text of that length is there.
func (l *Layout) In(offset int, names ...string) (at Pos, ok bool) {
	n := l.node(names)
	if n == nil || n.kind != kindString || offset < 0 || offset > len(n.str) {
		return Pos{}, false
	}
	return n.at(offset), true
}

func (l *Layout) node(names []string) *tomlNode {
	n := l.root
	for _, name := range names {
		switch {
		case n == nil:
			return nil
		case n.kind == kindList:
			i, err := strconv.Atoi(name)
			if err != nil || i < 0 || i >= len(n.items) {
				return nil
			}
			n = n.items[i]
		default:
			n = n.table[name]
		}
	}
	return n
}
