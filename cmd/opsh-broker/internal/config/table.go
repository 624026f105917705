package config

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
)

// table is one table of the file. What is wrong in it is gathered.
type table struct {
	path  string // "allow 2: ", "" at the top
	keys  map[string]any
	taken []string
	wrong *[]error
}

func (t *table) fail(key, why string) {
	if key != "" {
		key = "set " + key
	} else {
		key = "use the rule"
	}
	*t.wrong = append(*t.wrong, fmt.Errorf("%scannot %s: %s", t.path, key, why))
}

// take is a key's value.
func (t *table) take(key string) (v any, ok bool) {
	t.taken = append(t.taken, key)
	v, ok = t.keys[key]
	return v, ok
}

// named is how many of these keys there are.
func (t *table) named(keys ...string) (n int) {
	for _, k := range keys {
		if _, ok := t.keys[k]; ok {
			n++
		}
	}
	return n
}

// rest refuses every key that nothing took.
func (t *table) rest(known string) {
	for _, key := range slices.Sorted(maps.Keys(t.keys)) {
		if !slices.Contains(t.taken, key) {
			*t.wrong = append(*t.wrong, fmt.Errorf("%scannot set %q: there is no such key; the keys are %s", t.path, key, known))
		}
	}
}

// text is a string that must be there.
func (t *table) text(key string, form *regexp.Regexp, what string) string {
	v, ok := t.take(key)
	s, isText := v.(string)
	switch {
	case !ok:
		t.fail(key, "it is missing: "+what)
	case !isText || !form.MatchString(s):
		t.fail(key, "it must be "+what)
	default:
		return s
	}
	return ""
}

// number is a whole number, or without the key the usual one.
func (t *table) number(key string, usual int) int {
	v, ok := t.take(key)
	if !ok {
		return usual
	}
	n, isNumber := v.(int64)
	if !isNumber || n < 1 || n > mostPerMinute {
		t.fail(key, fmt.Sprintf("it must be a number from 1 to %d", mostPerMinute))
		return 0
	}
	return int(n)
}

// names is a list of names of IAM.
func (t *table) names(key string) (names []string) {
	v, ok := t.take(key)
	if !ok {
		return nil
	}
	all, isList := v.([]any)
	if !isList || len(all) == 0 {
		t.fail(key, "it must be a list of names, at least one; leave the key out")
		return nil
	}
	for _, one := range all {
		s, isText := one.(string)
		if !isText || !iamName.MatchString(s) {
			t.fail(key, fmt.Sprintf("%q is no name: no ARN, no path and no pattern", fmt.Sprint(one)))
			continue
		}
		names = append(names, s)
	}
	return names
}

// tags is a table of keys and values.
func (t *table) tags(key string) map[string]string {
	v, ok := t.take(key)
	if !ok {
		return nil
	}
	all, isTable := v.(map[string]any)
	if !isTable || len(all) == 0 {
		t.fail(key, "it must be a table of tags and their values, at least one; leave the key out")
		return nil
	}
	found := map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(all)) {
		s, isText := all[name].(string)
		if !isText || !tagText.MatchString(s) || !tagText.MatchString(name) {
			t.fail(key, fmt.Sprintf("%q is no tag with a value", name))
			continue
		}
		found[name] = s
	}
	return found
}

// tables are an array's tables, at least one.
func (t *table) tables(key string) (found []*table) {
	v, _ := t.take(key)
	all, isTables := v.([]map[string]any)
	if !isTables || len(all) == 0 {
		t.fail(key, "there must be a table [["+key+"]] for everything that is allowed, at least one")
		return nil
	}
	for i, keys := range all {
		found = append(found, &table{path: fmt.Sprintf("%s %d: ", key, i+1), keys: keys, wrong: t.wrong})
	}
	return found
}
