package policy

import "path"

// ComparedFiles is how many files a mistyped name is worth comparing with.
const ComparedFiles = 1000

// RefuseFile is the refusal of a permitted command whose fill f names a file that may not be used; why is a clause about its word. there is the files
// that f's placeholder admits, relative to its directory: where one of them is spelled much like the word, the refusal names it. It is pure; Bind and
// whoever looks at files in its stead say the same.
func (p *Policy) RefuseFile(m *Match, f Fill, why string, there []string) *Refusal {
	r := &Refusal{Word: f.Word, Reason: why, Usage: m.Rule.Text}
	c := Command{Words: m.Words, Input: m.Input}
	if !correctable(c) {
		return r
	}
	front, word := "", ""
	if f.Word == len(m.Words) {
		word = *m.Input
	} else {
		front, word = m.Words[f.Word][:f.Offset], m.Words[f.Word][f.Offset:]
	}
	if path.IsAbs(word) && below(word, f.Where.Dir) {
		front, word = front+f.Where.Dir+"/", word[len(f.Where.Dir)+1:]
	}
	for _, name := range alike(word, there, 1) {
		fixed := front + name
		if f.Word == len(m.Words) {
			c.Input = &fixed
		} else {
			c = replaced(c, f.Word, f.Word+1, fixed)
		}
		if again, _ := p.Decide(c); again != nil {
			r.Try = &c
		}
	}
	return r
}
