package policy

// CheckMachine looks at everything on this machine that Bind will want: tools, interpreters, users and
// directories. It returns every problem at once, each "NAME:LINE:COL: cannot X: why" in the policy's order.
// Secrets aren't fetched.
func (p *Policy) CheckMachine() []error { return p.checkMachine() }

// ListFiles is the files that an operator may name where w stands: relative to its directory, sorted, at
// most max of them. It is for help and completion, so it leaves out what can't be read instead of failing.
func ListFiles(w *Where, max int) []string {
	if w == nil || w.Kind != WherePath || max <= 0 {
		return nil
	}
	return listFiles(w, max)
}
