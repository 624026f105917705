package policy

import (
	"fmt"
	"slices"
)

// find is what the path leads to, links followed. That may be anything and anybody's, a directory of the
// tool's own above all. But every directory above it is root's alone: Landlock opens what lies there when
// the tool starts, and who can put a link there would choose what that is.
func (p accessPath) find() (FileID, error) {
	n, err := resolve(p.path, false)
	if err != nil {
		return FileID{}, fmt.Errorf("files.%s: %w", p.key, err)
	}
	n.close()
	return n.id(), nil
}

// access resolves the key files, and adds what the tool must be able to read in any case.
func (b *binder) access(prog *program) error {
	if b.tool.Access == nil {
		return nil
	}
	for _, p := range b.tool.Access.paths() {
		id, err := p.find()
		switch {
		case err != nil:
			return err
		case p.key == "read":
			b.read(id)
		case !slices.Contains(b.grant.writes, id):
			b.grant.writes = append(b.grant.writes, id)
		}
	}
	b.read(prog.id)
	b.read(prog.tool)
	for _, id := range b.grant.execFiles {
		b.read(id)
	}
	return nil
}

// read adds to what may be read.
func (b *binder) read(id FileID) {
	if !slices.Contains(b.grant.reads, id) {
		b.grant.reads = append(b.grant.reads, id)
	}
}
