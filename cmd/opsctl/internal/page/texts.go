package page

import (
	"encoding/json"
	"fmt"

	"embed"
)

// Language is one that a report can be written in.
type Language string

// The languages.
const (
	Japanese Language = "ja"
	English  Language = "en"
)

//go:embed texts/ja.json texts/en.json
var textFiles embed.FS

// texts are the sentences of one language by their key. A test holds that both languages have the same.
type texts map[string]string

func textsOf(l Language) (texts, error) {
	if l != Japanese && l != English {
		return nil, fmt.Errorf("cannot write a report in the language %q: there are ja and en", string(l))
	}
	text, err := textFiles.ReadFile("texts/" + string(l) + ".json")
	if err != nil {
		return nil, fmt.Errorf("cannot read the texts: %w", err)
	}
	var t texts
	if err := json.Unmarshal(text, &t); err != nil {
		return nil, fmt.Errorf("cannot read the texts: %w", err)
	}
	return t, nil
}

// say is a sentence with what belongs into it. A key that isn't there is a mistake of ours, which a test would have found.
func (t texts) say(key string, args ...any) string {
	format, ok := t[key]
	if !ok {
		panic("there is no text " + key)
	}
	if len(args) == 0 {
		return format
	}
	return fmt.Sprintf(format, args...)
}
