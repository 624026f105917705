package explain

import (
	"fmt"
	"slices"
	"strings"

	"github.com/mattn/go-runewidth"

	"opsh/policy"
	"opsh/shell/answer"
	"opsh/shell/line"
)

const (
	maxWords = 20 // rows of the table of words
	maxLines = 6  // usage lines beside the nearest
	maxTools = 10 // tools named where there is no such tool
	maxShown = 36 // columns of a word in a sentence
)

// Text is the explanation for people, without a line's end at its end.
func (e *Explanation) Text() string {
	var out []string
	switch {
	case e.Unsplit != nil:
		out = e.unsplit()
	case e.Match != nil:
		out = e.allowed()
	default:
		out = e.refused()
	}
	return strings.Join(out, "\n")
}

func (e *Explanation) unsplit() []string {
	out := fold("refused: "+e.Unsplit.Error(), "", indent)
	var marks []mark
	if e.Unsplit.Col > 0 {
		marks = []mark{{from: e.Unsplit.Col - 1, to: e.Unsplit.Col}}
	}
	out = append(out, "")
	out = append(out, ruled(e.Raw, marks)...)
	if e.Unsplit.Hint != "" {
		out = append(out, "")
		out = append(out, fold("hint: "+e.Unsplit.Hint, "", indent)...)
	}
	if e.Unsplit.Open {
		out = append(out, fold("At its prompt opsh would ask for another line; opsh -c and a [[test]] are refused.", "", "")...)
	}
	return out
}

func (e *Explanation) allowed() []string {
	a := e.nearest()
	out := []string{"allowed by " + e.place(a.Rule.Pos), ""}
	out = append(out, e.typed(nil)...)
	out = append(out, "")
	out = append(out, ruled(a.Rule.Text, taken(a))...)
	out = append(out, "")
	out = append(out, e.table(a)...)
	out = append(out, "")
	return append(out, e.run()...)
}

func (e *Explanation) refused() []string {
	r := e.Refusal
	out := fold("refused: "+e.blame(r.Word)+r.Reason, "", indent)
	if len(e.cmd.Words) == 0 {
		return out
	}
	out = append(out, "")
	out = append(out, e.typed(&r.Word)...)
	near := e.nearest()
	if near == nil {
		out = append(out, e.noTool()...)
	} else {
		out = append(out, "")
		out = append(out, e.table(near)...)
		out = append(out, e.attempts(near)...)
	}
	if r.Try != nil {
		// One line, whatever its width: it is there to be copied.
		out = append(out, "", "try: "+answer.Quoted(*r.Try))
	}
	return out
}

// typed is the line with a number under each word, and carets under the one at fault.
func (e *Explanation) typed(fault *int) []string {
	last := len([]rune(e.Raw))
	var marks, carets []mark
	for i, w := range e.words {
		marks = append(marks, mark{from: w.Col - 1, label: fmt.Sprint(i + 1)})
		if fault != nil && *fault == i {
			carets = []mark{{from: w.Col - 1, to: e.end(i)}}
		}
	}
	if fault != nil && *fault == len(e.words) { // behind the last word
		carets = []mark{{from: last, to: last + 1}}
	}
	return ruled(e.Raw, append(marks, carets...))
}

// end is the character behind word i. What stands between two words is blanks, joined lines and the "<".
func (e *Explanation) end(i int) int {
	raw := []rune(e.Raw)
	begin, end := e.words[i].Col-1, len(raw)
	if i+1 < len(e.words) {
		end = e.words[i+1].Col - 1
	}
	text := strings.TrimRight(string(raw[begin:end]), " \n\\")
	if e.cmd.Input != nil && i == len(e.words)-2 {
		text = strings.TrimRight(strings.TrimSuffix(text, "<"), " ")
	}
	return begin + max(1, len([]rune(text)))
}

// taken numbers the parts of a usage line with the words that filled them.
func taken(a *policy.Attempt) []mark {
	marks := []mark{{from: 0, label: "1"}}
	for i := 0; i < len(a.Takes); i++ {
		first := i
		for i+1 < len(a.Takes) && a.Takes[i+1].At == a.Takes[first].At {
			i++
		}
		text := fmt.Sprint(a.Takes[first].Word + 1)
		if i > first {
			text += fmt.Sprint("-", a.Takes[i].Word+1)
		}
		marks = append(marks, mark{from: a.Takes[first].At, label: text})
	}
	// Options may be typed in any order; labels are placed from left to right.
	slices.SortStableFunc(marks, func(a, b mark) int { return a.from - b.from })
	return marks
}

// table says of each word what the usage line took it for.
func (e *Explanation) table(a *policy.Attempt) []string {
	rows := [][2]string{{e.show(0), fmt.Sprintf("the tool (line %d)", a.Rule.Tool.Pos.Line)}}
	parts := a.Rule.Parts()
	told := map[*policy.Where]int{} // the word with which a placeholder's meaning was told
	for _, t := range a.Takes {
		text := role(a.Rule.Text, parts[t.Part], t)
		switch w := t.Where; {
		case w == nil:
		case told[w] > 0:
			text += fmt.Sprintf("%s, as word %d", w.Name, told[w])
		default:
			told[w] = t.Word + 1
			text += fmt.Sprintf("%s: %s (line %d)", w.Name, meaning(w), w.Pos.Line)
		}
		rows = append(rows, [2]string{e.show(t.Word), text})
	}
	stop := len(e.words) - 1
	if s := a.Stop; s != nil {
		if s.Word < len(e.words) {
			stop = s.Word
			rows = append(rows, [2]string{e.show(stop), "stops here: " + e.Refusal.Reason})
		}
		for i := len(rows); i < len(e.words); i++ {
			rows = append(rows, [2]string{e.show(i), "not looked at"})
		}
	}
	return tabulate(rows, stop)
}

// tabulate numbers the rows. Of many only the first are shown, and those around the one where the line stopped.
func tabulate(rows [][2]string, stop int) []string {
	const around = 2
	shown := func(i int) bool { return i < maxWords-2*around || i >= stop-around && i <= stop+around }
	width := 0
	for i, r := range rows {
		if shown(i) {
			width = max(width, columns(r[0]))
		}
	}
	digits := len(fmt.Sprint(len(rows)))
	var out []string
	for i, r := range rows {
		if !shown(i) {
			if shown(i - 1) {
				out = append(out, indent+"...")
			}
			continue
		}
		number := fmt.Sprintf("%s%*d ", indent, digits, i+1)
		out = append(out, fold(r[1], number+pad(r[0], width)+"  ", strings.Repeat(" ", len(number)+width+2))...)
	}
	return out
}

// role is what a part took a word for, before its placeholder is named.
func role(usage string, p policy.Part, t policy.Take) string {
	switch {
	case p.Kind == policy.PartLiteral:
		return "as the usage line has it"
	case p.Kind == policy.PartOption && t.Where == nil:
		return "the option " + usage[p.From:p.To]
	case p.Kind == policy.PartOption && t.Offset > 0:
		return "the option " + usage[p.From:p.To] + " with "
	case p.Kind == policy.PartOption:
		return "the value "
	case p.Kind == policy.PartInput:
		return "the input "
	}
	return ""
}

// attempts shows how far each usage line got, the nearest first.
func (e *Explanation) attempts(near *policy.Attempt) []string {
	list := []*policy.Attempt{near}
	for i := range e.Attempts {
		if a := &e.Attempts[i]; a != near {
			list = append(list, a)
		}
	}
	slices.SortStableFunc(list[1:], func(a, b *policy.Attempt) int { return b.Stop.Word - a.Stop.Word })
	var out []string
	for i, a := range list {
		if i > maxLines {
			out = append(out, "", fmt.Sprintf("%d more usage lines of %s got no further", len(list)-i, near.Rule.Tool.Name))
			break
		}
		out = append(out, "")
		out = append(out, fold(e.place(a.Rule.At(a.Stop.From))+": "+e.blame(a.Stop.Word)+a.Stop.Reason, "", indent)...)
		out = append(out, ruled(a.Rule.Text, append(taken(a), mark{from: a.Stop.From, to: a.Stop.To}))...)
	}
	return out
}

// noTool says what there is where the policy has no such tool.
func (e *Explanation) noTool() []string {
	switch name := e.cmd.Words[0]; name {
	case "help", "history", "exit":
		return append([]string{""}, fold("hint: at its prompt opsh has a command "+name+" of its own; the policy has no say in it", "", indent)...)
	}
	var names []string
	for _, t := range e.Policy.Tools[:min(len(e.Policy.Tools), maxTools)] {
		names = append(names, t.Name)
	}
	text := "hint: the policy has " + strings.Join(names, ", ")
	if n := len(e.Policy.Tools) - len(names); n > 0 {
		text += fmt.Sprintf(" and %d tools more", n)
	}
	return append([]string{""}, fold(text, "", indent)...)
}

// blame names the word that is at fault, as opsh does in a refusal.
func (e *Explanation) blame(word int) string {
	switch {
	case word < 0:
		return ""
	case word < len(e.cmd.Words):
		return fmt.Sprintf("word %d, %s: ", word+1, e.show(word))
	case word < len(e.words):
		return "behind <, " + e.show(word) + ": "
	}
	return "at the end: "
}

// show is word i as a shell takes it, shortened.
func (e *Explanation) show(i int) string { return shorten(line.QuoteWord(e.words[i].Text)) }

func (e *Explanation) place(p policy.Pos) string { return line.Plain(e.Policy.Name) + ":" + p.String() }

func shorten(text string) string {
	c := runewidth.Condition{StrictEmojiNeutral: true}
	return c.Truncate(text, maxShown, "...")
}
