package doctor

import (
	"fmt"
	"strings"
)

// areas are what findings are about, as people read them.
var areas = map[string]string{
	"cluster": "cluster", "task": "task and container", "service": "task and container", "container": "task and container",
	"log": "session log", "role": "task role", "network": "network", "caller": "caller",
}

// Text is the findings for people: by area, with their ids in brackets, and what to do below. It holds what services said: print it through
// line.Plain.
func Text(all []Finding) string {
	var lines []string
	var titles []string
	blocks := map[string][]Finding{}
	for _, f := range all {
		title := areas[f.Area()]
		if blocks[title] == nil {
			titles = append(titles, title)
		}
		blocks[title] = append(blocks[title], f)
	}
	for _, title := range titles {
		lines = append(lines, title)
		for _, f := range together(blocks[title]) {
			level := string(f.Level)
			if f.Level == Error {
				level = "ERROR"
			}
			text := oneLine(f.Text)
			if f.Level != OK {
				text += " [" + f.ID + "]"
			}
			lines = append(lines, fmt.Sprintf("  %-12s %s", level, text))
			if f.Fix != "" {
				lines = append(lines, fmt.Sprintf("  %-12s fix: %s", "", oneLine(f.Fix)))
			}
		}
		lines = append(lines, "")
	}
	return strings.Join(append(lines, summary(all)), "\n")
}

// together joins neighbours that were not checked for the same reason.
func together(all []Finding) (joined []Finding) {
	for _, f := range all {
		if n := len(joined) - 1; n >= 0 && f.Level == NotChecked && joined[n].Level == NotChecked && joined[n].Text == f.Text {
			joined[n].ID += ", " + f.ID
			continue
		}
		joined = append(joined, f)
	}
	return joined
}

func summary(all []Finding) string {
	n := Count(all)
	plural := func(level Level) string {
		if n[level] == 1 {
			return fmt.Sprintf("1 %s", level)
		}
		return fmt.Sprintf("%d %ss", n[level], level)
	}
	return fmt.Sprintf("%s, %s, %d not checked, %d ok", plural(Error), plural(Warning), n[NotChecked], n[OK])
}

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }
