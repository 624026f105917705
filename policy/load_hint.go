package policy

import (
	"errors"
	"fmt"
	"path"
	"regexp/syntax"
	"strconv"
	"strings"
	"time"
)

// What to write instead of a value that a key doesn't take: the value itself, corrected, where there is no doubt
// about what was meant.

// hintForWord is the hint for a word that must be one of a few.
func hintForWord(n *tomlNode, words ...string) string {
	if n.kind == kindString {
		if near := nearestKey(n.str, words); near != "" {
			return "did you mean " + quoted(near) + "?"
		}
	}
	var all []string
	for _, w := range words {
		all = append(all, quoted(w))
	}
	last := len(all) - 1
	return "write " + strings.Join(all[:last], ", ") + " or " + all[last]
}

// kindHint is the hint for a value of the wrong kind.
func kindHint(n *tomlNode, want tomlKind, what string) string {
	switch {
	case want == kindTable && n.origin == originTables:
		return "write [" + what + "] with single brackets"
	case want == kindTable:
		return map[string]string{
			"env":        `write env = { NAME = "value" }`,
			"files":      `write files = { read = ["/directory"] }`,
			"cloudwatch": `write cloudwatch = { region = "…", log_group = "…" }`,
		}[what]
	case want == kindList && n.kind == kindString && n.plain:
		return "write [" + quoted(n.str) + "]"
	case want == kindBool && n.kind == kindString:
		return hintForBool(n.str)
	case want == kindInt && n.kind == kindString && decimal.MatchString(n.str):
		return "write " + n.str + " without quotes"
	case want != kindString:
		return ""
	case n.kind == kindList && len(n.items) == 1 && n.items[0].kind == kindString:
		return "write " + quoted(n.items[0].str) + " without brackets"
	case what == "user":
		return "write the user's name, in quotes"
	case what == "uids":
		return uidsHint
	case n.kind == kindInt && (strings.HasPrefix(what, "an element of where.") || strings.HasPrefix(what, "env.") || what == "prompt" || what == "about"):
		return "write " + quoted(strconv.FormatInt(n.num, 10))
	case n.kind == kindOther && n.str != "":
		return "write " + quoted(n.str)
	}
	return ""
}

// hintForBool is the hint for a text that stands where true or false must.
func hintForBool(s string) string {
	switch strings.ToLower(s) {
	case "true", "yes", "on", "y":
		return "write true without quotes"
	case "false", "no", "off", "n":
		return "write false without quotes"
	}
	return "write true or false, without quotes"
}

const durationHint = `write hours, minutes and seconds: "1h30m", "90s"`

// spelling of units that people use instead of h, m and s.
var longUnit = late(`^([0-9]{1,5}) ?(h|m|s|hours?|hrs?|minutes?|mins?|seconds?|secs?)$`)

// hintForDuration is the hint for a text that is no duration.
func hintForDuration(s string) string {
	if num, err := strconv.ParseUint(s, 10, 16); err == nil && num > 0 {
		return fmt.Sprintf(`write its unit: "%dm" for minutes, "%ds" for seconds`, num, num)
	}
	if m := longUnit.FindStringSubmatch(strings.ToLower(s)); m != nil {
		return "write " + quoted(m[1]+m[2][:1])
	}
	if d, err := time.ParseDuration(strings.TrimPrefix(s, "-")); err == nil && d > 0 && d <= maxDuration && d%time.Second == 0 {
		return "write " + quoted(hoursMinutesSeconds(d))
	}
	return durationHint
}

func hoursMinutesSeconds(d time.Duration) string {
	text := ""
	for _, one := range []struct {
		unit time.Duration
		name string
	}{{time.Hour, "h"}, {time.Minute, "m"}, {time.Second, "s"}} {
		if n := d / one.unit; n > 0 {
			text += strconv.Itoa(int(n)) + one.name
			d -= n * one.unit
		}
	}
	return text
}

const sizeHint = `write a whole number and kB, MB, GB, KiB, MiB or GiB: "512MiB"`

var nearlySize = late(`^([1-9][0-9]{0,9}) ?([kmg])(i?)b?$`)

// hintForSize is the hint for a text that is no size. A bare unit is left to the writer: some mean 1000, some 1024.
func hintForSize(s string) string {
	m := nearlySize.FindStringSubmatch(strings.ToLower(s))
	if m == nil {
		return sizeHint
	}
	decimals, binary := m[1]+strings.ToUpper(m[2])+"B", m[1]+strings.ToUpper(m[2])+"iB"
	if m[2] == "k" {
		decimals = m[1] + "kB"
	}
	switch {
	case m[3] == "i":
		return "write " + quoted(binary)
	case sizeText.MatchString(strings.ReplaceAll(s, " ", "")):
		return "write " + quoted(strings.ReplaceAll(s, " ", ""))
	}
	return "write " + quoted(decimals) + " (of 1000s) or " + quoted(binary) + " (of 1024s)"
}

var numberIn = late(`(?:^|[^0-9])(-?[0-9]{1,18})`)

// hintForInt is the hint for something that is no pair of numbers.
func hintForInt(n *tomlNode) string {
	texts := []string{n.str}
	for _, item := range n.items {
		texts = append(texts, item.str)
		if item.kind == kindInt {
			texts = append(texts, strconv.FormatInt(item.num, 10))
		}
	}
	var nums []int64
	for _, m := range numberIn.FindAllStringSubmatch(strings.Join(texts, " "), 3) {
		num, _ := strconv.ParseInt(m[1], 10, 64)
		nums = append(nums, num)
	}
	if len(nums) != 2 || nums[0] > nums[1] {
		return "write int = [1, 1000]"
	}
	return fmt.Sprintf("write int = [%d, %d]", nums[0], nums[1])
}

// hintForWhere is the hint for a text that says nothing about a placeholder.
func hintForWhere(n *tomlNode) string {
	s := n.str
	switch {
	case n.kind != kindString || s == "":
		return whereHint
	case s == "*" || s == ".*" || s == "all":
		return `write "any"`
	case strings.HasPrefix(s, "/") && path.Clean(s) == s && bareText.MatchString(s):
		return "write [" + quoted(s) + "] for this word alone, or { path = " + quoted(s) + " } for the files below it"
	case bareText.MatchString(s):
		return "write [" + quoted(s) + "] for this word alone"
	case !strings.Contains(s, "'") && strings.ContainsAny(s, `[(*+?\^$`):
		return "write { match = '" + s + "' }"
	}
	return whereHint
}

// hintForPattern is the hint for a pattern that doesn't compile.
func hintForPattern(err error) string {
	var e *syntax.Error
	if !errors.As(err, &e) {
		return ""
	}
	switch e.Code {
	case syntax.ErrInvalidPerlOp:
		return "RE2 has no look-ahead and no look-behind: write what the word may be, not what it may not be"
	case syntax.ErrInvalidEscape:
		if c := e.Expr[len(e.Expr)-1]; c >= '1' && c <= '9' {
			return "RE2 has no references to groups"
		}
		return `write \\ for a backslash itself`
	case syntax.ErrMissingParen, syntax.ErrUnexpectedParen:
		return `write \( or \) for a parenthesis itself`
	case syntax.ErrMissingBracket:
		return `write \[ for a bracket itself`
	case syntax.ErrMissingRepeatArgument:
		return "write .* for any characters, \\" + e.Expr[:1] + " for the character itself"
	case syntax.ErrInvalidRepeatOp:
		return "RE2 has no possessive repetition: write one of both"
	case syntax.ErrInvalidCharRange:
		return `write the lower character first, \- for a - itself`
	}
	return ""
}

// sourceOf is the from of a secret whose source was written as a key of its own.
func sourceOf(key, value string) string {
	if key == "path" {
		key = "file"
	}
	return "from = " + quoted(key+":"+value)
}

// hintForPath is the hint for a path that doesn't begin with /.
func hintForPath(s string) string {
	switch {
	case strings.HasPrefix(s, "~"):
		return "write the directory itself: ~ means nothing here"
	case strings.Contains(s, "$"):
		return "write the directory itself: no variables are replaced here"
	case s == "any" || s == "none":
		return "write exec = " + quoted(s) + ", without brackets"
	}
	return "write the path from / on"
}

// hintForEndpoint is the hint for a place that nobody can connect to.
func hintForEndpoint(s string) string {
	host := strings.ToLower(s)
	if _, behind, ok := strings.Cut(host, "://"); ok {
		host, _, _ = strings.Cut(behind, "/")
	}
	if _, why := parseEndpoint(host); why == "" {
		return "write " + quoted(host)
	}
	return `write "HOST:PORT", "10.0.0.5:3306" or "[::1]:3306"`
}

// hintForSource is the hint for a text that names no source of secrets.
func hintForSource(s string) string {
	if envName.MatchString(s) {
		return "write " + quoted("env:"+s)
	}
	scheme, rest, _ := strings.Cut(s, ":")
	switch scheme {
	case "arn":
		for _, kind := range []SourceKind{SourceSecretsManager, SourceSSM} {
			if full := string(kind) + ":" + s; strings.Contains(s, ":"+string(kind)+":") && isSource(full) {
				return "write " + quoted(full)
			}
		}
	case "secretsmanager":
		// The task definition's valueFrom has the key, the stage and the version behind the ARN.
		if m := valueFrom.FindStringSubmatch(rest); m != nil && m[3] == "" && isSource(scheme+":"+m[1]+"#"+m[2]) {
			return "write " + quoted(scheme+":"+m[1]+"#"+m[2])
		}
		return `write "secretsmanager:NAME" or "secretsmanager:NAME#KEY"; an ARN may stand for NAME`
	case "ssm":
		return `write "ssm:/PATH/OF/THE/PARAMETER"`
	case "rds-iam":
		return `write "rds-iam:USER@HOST:PORT", with the host as RDS names it`
	}
	if near := nearestKey(scheme, []string{"env", "file", "secretsmanager", "ssm", "rds-iam"}); near != "" && near != scheme {
		return "did you mean " + quoted(near+":"+rest) + "?"
	}
	return `write "env:VARIABLE", "file:/absolute/path", "secretsmanager:NAME#KEY", "ssm:/NAME" or "rds-iam:USER@HOST:PORT"`
}

// valueFrom is an ARN with what ECS has behind it: the key of a JSON object, a stage and a version.
var valueFrom = late(`^(arn:[^#]*:secret:[^:#]+):([^:#]+):(?:[^:#]*:([^:#]*))?$`)

func isSource(from string) bool {
	_, ok := parseSource(from)
	return ok
}
