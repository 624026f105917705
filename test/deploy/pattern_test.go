package deploy

import (
	"fmt"
	"strings"
)

// matches says whether EventBridge would match an event with a pattern, and fails on what a pattern can't say. The rules are those of
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html and of AWS's own matcher, aws/event-ruler.
func matches(pattern, event map[string]any) (bool, error) {
	all := true
	for key, want := range pattern {
		var ok bool
		var err error
		switch w := want.(type) {
		case []any:
			if key == "$or" {
				ok, err = matchesOne(w, event)
				break
			}
			got, exists := event[key]
			ok, err = leaf(w, got, exists)
		case map[string]any:
			// A parent that isn't there has no leaves: { exists = false } below it matches.
			below, _ := event[key].(map[string]any)
			ok, err = matches(w, below)
		default:
			err = fmt.Errorf("%s: a pattern's leaf is a list", key)
		}
		if err != nil {
			return false, err
		}
		all = all && ok // to the end, so that every part of the pattern is checked
	}
	return all, nil
}

func matchesOne(patterns []any, event map[string]any) (bool, error) {
	if len(patterns) == 0 {
		return false, fmt.Errorf("$or is empty")
	}
	found := false
	for _, p := range patterns {
		inner, ok := p.(map[string]any)
		if !ok {
			return false, fmt.Errorf("$or holds %v", p)
		}
		ok, err := matches(inner, event)
		if err != nil {
			return false, err
		}
		found = found || ok
	}
	return found, nil
}

// leaf says whether one of the alternatives of a leaf fits.
func leaf(alternatives []any, got any, exists bool) (bool, error) {
	if len(alternatives) == 0 {
		return false, fmt.Errorf("an empty list matches nothing and isn't valid")
	}
	text, isText := got.(string)
	found := false
	for _, a := range alternatives {
		switch a := a.(type) {
		case string:
			found = found || isText && a == text
		case map[string]any:
			if len(a) != 1 {
				return false, fmt.Errorf("%v: one operator at a time", a)
			}
			for operator, operand := range a {
				ok, err := operate(operator, operand, text, isText, exists)
				if err != nil {
					return false, err
				}
				found = found || ok
			}
		default:
			return false, fmt.Errorf("the test doesn't know the alternative %v", a)
		}
	}
	return found, nil
}

func operate(operator string, operand any, text string, isText, exists bool) (bool, error) {
	switch operator {
	case "exists":
		want, ok := operand.(bool)
		if !ok {
			return false, fmt.Errorf("exists: %v", operand)
		}
		return want == exists, nil
	case "prefix":
		want, ok := operand.(string)
		if !ok || want == "" {
			return false, fmt.Errorf("prefix: %v", operand)
		}
		return isText && strings.HasPrefix(text, want), nil
	case "anything-but":
		inner, ok := operand.(map[string]any)
		wildcards, list := inner["wildcard"].([]any)
		if !ok || !list || len(inner) != 1 || len(wildcards) == 0 {
			return false, fmt.Errorf("the test knows only anything-but with a list of wildcards, not %v", operand)
		}
		none := true
		for _, w := range wildcards {
			pattern, ok := w.(string)
			if !ok || strings.Contains(pattern, "**") || strings.Contains(pattern, `\`) {
				return false, fmt.Errorf("wildcard: %v", w)
			}
			none = none && !wildcard(pattern, text)
		}
		return isText && none, nil // it needs a value: an absent one isn't "anything"
	}
	return false, fmt.Errorf("the test doesn't know the operator %s", operator)
}

// wildcard: * is any text; all else, ? too, is itself.
func wildcard(pattern, text string) bool {
	before, after, star := strings.Cut(pattern, "*")
	if !star {
		return pattern == text
	}
	if !strings.HasPrefix(text, before) {
		return false
	}
	for rest := text[len(before):]; ; rest = rest[1:] {
		if wildcard(after, rest) {
			return true
		}
		if rest == "" {
			return false
		}
	}
}
