package policy

import (
	"maps"
	"slices"
	"strconv"
	"strings"
)

// The keys that each table of a policy has. Whatever else stands there is a mistake: a misspelt key that
// was passed over would leave a default where the reviewer read a setting.
const (
	fileKeys       = "version session audit tool secret test"
	sessionKeys    = "prompt reason origin guard idle_timeout max_duration uids same_user"
	reasonKeys     = "match"
	auditKeys      = "when_down cloudwatch recordings"
	cloudWatchKeys = "region log_group"
	toolKeys       = "path about dir user share_uid exec unsafe_exec insert allow where env pass pass_aws file timeout limits files connect landlock approval"
	approvalKeys   = "keys signatures"
	recordingsKeys = "region bucket prefix"
	limitsKeys     = "processes memory cpu open_files output"
	filesKeys      = "read write"
	whereKeys      = "any list match int path ext empty dash"
	secretKeys     = "from region"
	testKeys       = "run want"
)

// checkKeys refuses the keys of a table that it doesn't have. whose is "a tool", "[session]".
func (l *loader) checkKeys(t *tomlNode, whose, known string) (ok bool) {
	names := strings.Fields(known)
	ok = true
	for _, k := range t.keys {
		if slices.Contains(names, k) {
			continue
		}
		hint := whose + " has " + strings.Join(names, ", ")
		if near := nearestKey(k, names); near != "" {
			hint = "did you mean " + near + "?"
			t.meant = append(t.meant, near)
		} else if whose == "a secret" && t.table[k].kind == kindString && (k == "env" || k == "file" || k == "path") {
			hint = "write " + sourceOf(k, t.table[k].str)
			t.meant = append(t.meant, "from")
		} else if place := placeOfKey(k, t.table[k]); place != "" {
			hint = "write it " + place
			if strings.HasPrefix(place, "as [") {
				t.meant = append(t.meant, "tool")
			}
		}
		why := whose + " has no such key"
		if slices.Contains(names, strings.ToLower(k)) {
			why, hint = "keys are written in lower case", "write "+strings.ToLower(k)
			t.meant = append(t.meant, strings.ToLower(k))
		}
		l.fail(t.table[k].key, hint, "cannot use the key %s: %s", keyText(k), why)
		ok = false
	}
	return ok
}

// placeOfKey is where a key that is right, but stands at the wrong place, belongs; "" where that isn't known.
func placeOfKey(k string, n *tomlNode) string {
	for _, one := range []struct{ keys, place string }{
		{"version", "at the top of the file, above the first [header]"},
		{sessionKeys, "below [session]"},
		{auditKeys, "below [audit]"},
		{"where", "below [tool.NAME], as where.NAME = …, or [tool.NAME.where]"},
		{toolKeys, "below [tool.NAME]"},
		{limitsKeys, "as limits." + k + " below [tool.NAME]"},
	} {
		if slices.Contains(strings.Fields(one.keys), k) {
			return one.place
		}
	}
	if toolName.MatchString(k) && n.kind == kindTable && (n.table["path"] != nil || n.table["allow"] != nil) {
		return "as [tool." + k + "]"
	}
	return ""
}

// misspells says that a key of t was reported that means this one. What would follow from its absence isn't
// reported, too: one mistake is one error.
func (n *tomlNode) misspells(key string) bool {
	return n.table[key] == nil && slices.Contains(n.meant, key)
}

// keyText is a key as the file would write it.
func keyText(k string) string {
	for i := 0; i < len(k); i++ {
		if !isBareKey(k[i]) {
			return strconv.Quote(k)
		}
	}
	if k == "" {
		return `""`
	}
	return k
}

// nearestKey is the name that k was most likely meant to be, "" where none is near.
func nearestKey(k string, names []string) string {
	best, least := "", 3
	if len(k) > 64 {
		return ""
	}
	for _, name := range names {
		// mem for memory, environment for env.
		if len(k) >= 3 && strings.HasPrefix(name, k) || len(name) >= 3 && strings.HasPrefix(k, name) {
			return name
		}
		if d := keyDistance(strings.ToLower(k), strings.ToLower(name)); d < least && d < len(name) {
			best, least = name, d
		}
	}
	return best
}

// guesses is how many errors there may be before names of the policy's own aren't compared any more: a file may hold
// thousands, and as many that refer to none of them.
const guesses = 50

// nearestOf is nearestKey for names of the policy's own.
func nearestOf[V any](l *loader, k string, names map[string]V) string {
	if len(l.errs) >= guesses {
		return ""
	}
	return nearestKey(k, slices.Sorted(maps.Keys(names)))
}

// keyDistance counts the letters to insert, delete or replace to make a into b.
func keyDistance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		corner := row[0]
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := corner
			if a[i-1] != b[j-1] {
				cost++
			}
			corner = row[j]
			row[j] = min(cost, row[j]+1, row[j-1]+1)
		}
	}
	return row[len(b)]
}
