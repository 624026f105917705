package policy

// accessPath is one path of the key files.
type accessPath struct{ key, path string }

// paths is all of a tool's, those to read first.
func (a *Access) paths() (all []accessPath) {
	if a == nil {
		return nil
	}
	for _, p := range a.Read {
		all = append(all, accessPath{"read", p})
	}
	for _, p := range a.Write {
		all = append(all, accessPath{"write", p})
	}
	return all
}
