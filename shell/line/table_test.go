package line

import "strings"

// Two columns: what Split takes, and into which words; what it refuses, where and with which words of its own.

var allowed = []struct {
	raw  string
	want string // the words, each behind a |; the file behind < last, behind a <
}{
	{"", ""},
	{"   ", ""},
	{"mysql", "|mysql"},
	{"  mysql   -t  ", "|mysql|-t"},
	{"mysql -t -e 'SELECT 1' app_production", "|mysql|-t|-e|SELECT 1|app_production"},
	{`mysql -e "SELECT 'a' FROM t"`, "|mysql|-e|SELECT 'a' FROM t"},
	{`mysql -e 'SELECT "a"; DROP TABLE t -- $x && | > < * ? # ! ~'`, `|mysql|-e|SELECT "a"; DROP TABLE t -- $x && | > < * ? # ! ~`},
	{"mysql -e 'SELECT 1\nFROM t'", "|mysql|-e|SELECT 1\nFROM t"},
	{"mysql -e \"SELECT 1\n\tFROM t\"", "|mysql|-e|SELECT 1\n\tFROM t"},
	{"mysql -e 'a\tb'", "|mysql|-e|a\tb"},
	{"mysql \\\n  -t \\\n  app", "|mysql|-t|app"},
	{"my\\\nsql", "|mysql"},
	{"a \\\n", "|a"},
	{"\\\n", ""},
	{"mysql app < fix.sql", "|mysql|app<fix.sql"},
	{"mysql app <fix.sql  ", "|mysql|app<fix.sql"},
	{"mysql 2 < 'a b'", "|mysql|2<a b"},
	{"mysql <\\\nx", "|mysql<x"},
	{"mysql < ''", "|mysql<"},
	{"mysql < if", "|mysql<if"},
	{"mysql < a=b", "|mysql<a=b"},
	{"mysql -e '<' \\< \"<\"", "|mysql|-e|<|<|<"},
	{`a '' "" $''`, "|a|||"},
	{`a''b 'c'"d"\e$'f'`, "|ab|cdef"},
	{`'it'\''s' "it's" $'it\'s'`, "|it's|it's|it's"},
	{`a $'x\ty\nz\\'`, "|a|x\ty\nz\\"},
	{`"\$ \` + "`" + ` \" \\ \a \! ! \' { * ~ #"`, "|$ ` \" \\ \\a \\! ! \\' { * ~ #"},
	{"\"a\\\nb\"", "|ab"},
	{"'a\\\nb'", "|a\\\nb"},
	{`\; \& \| \> \( \) \$ \* \? \[ \~ \{ \# \! \= \  \\ \a`, `|;|&|||>|(|)|$|*|?|[|~|{|#|!|=| |\|a`},
	{`\if \a=b`, "|if|a=b"},
	{`'if' x`, "|if|x"},
	{`i"f" x`, "|if|x"},
	{`'a=b' c`, "|a=b|c"},
	{`a\=b c`, "|a=b|c"},
	{`"a"=b c`, "|a=b|c"},
	{"x if then } time ]] in", "|x|if|then|}|time|]]|in"},
	{"x a=b A+=b --env=prod =x a==b", "|x|a=b|A+=b|--env=prod|=x|a==b"},
	{"--env=prod a-b=c", "|--env=prod|a-b=c"},
	{"x a#b a~ HEAD~1 a:b user@host 50% %1 a^b ^a a] a} a,b 1..3 +x @y", "|x|a#b|a~|HEAD~1|a:b|user@host|50%|%1|a^b|^a|a]|a}|a,b|1..3|+x|@y"},
	{"x 'a'~ 'a'#b \\a~ ''a#b", "|x|a~|a#b|a~|a#b"},
	{"x /a/../b ./c - -- -e --", "|x|/a/../b|./c|-|--|-e|--"},
	{"rails 注文 データ 日本語.rb é ﾃﾞｰﾀ か\u3099 ①", "|rails|注文|データ|日本語.rb|é|ﾃﾞｰﾀ|か\u3099|①"},
	{"mysql -e 'SELECT 「注文」　“x”－；￥\u00a0😀'", "|mysql|-e|SELECT 「注文」　“x”－；￥\u00a0😀"},
	{`mysql "“" \é`, "|mysql|“|é"},
}

var refused = []struct {
	raw       string
	col       int
	msg, hint string // parts of them
}{
	// What sh and bash interpret.
	{"mysql; sh", 6, "an unquoted ; ends a command", "quote it: ';'"},
	{"mysql ;", 7, "an unquoted ;", "quote it"},
	{";", 1, "an unquoted ;", "quote it"},
	{"mysql & sh", 7, "an unquoted & runs", "quote it"},
	{"mysql && sh", 7, "an unquoted &", "quote it"},
	{"mysql | sh", 7, "an unquoted | pipes", "quote it"},
	{"mysql || sh", 7, "an unquoted |", "quote it"},
	{"mysql |& sh", 7, "an unquoted |", "quote it"},
	{"mysql > out", 7, "an unquoted > writes", "quote it"},
	{"mysql >> out", 7, "an unquoted >", "quote it"},
	{"mysql 2>&1", 8, "an unquoted >", "quote it"},
	{"mysql &>out", 7, "an unquoted &", "quote it"},
	{"(mysql)", 1, "an unquoted ( groups", "quote it"},
	{"mysql )", 7, "an unquoted )", "quote it"},
	{"f() x", 2, "an unquoted (", "quote it"},
	{"mysql $HOME", 7, "an unquoted $ stands for a variable", "quote it"},
	{"mysql $(sh)", 7, "an unquoted $", "quote it"},
	{"mysql ${IFS}sh", 7, "an unquoted $", "quote it"},
	{"mysql $", 7, "an unquoted $", "quote it"},
	{`mysql $"x"`, 7, "an unquoted $", "quote it"},
	{"mysql $\\\n'x'", 7, "an unquoted $", "quote it"},
	{"mysql `sh`", 7, "an unquoted ` stands for a command's output", "quote it"},
	{`mysql "$HOME"`, 8, `$ inside "..."`, `\$`},
	{`mysql "$"`, 8, "$ inside", "'...'"},
	{`mysql "a$(sh)"`, 9, "$ inside", `\$`},
	{"mysql \"`sh`\"", 8, "` inside", "\\`"},
	{`mysql "$'a'"`, 8, "$ inside", `\$`},
	{"mysql *", 7, "an unquoted * stands for the names of files", "quote it: '*'"},
	{"mysql a?", 8, "an unquoted ?", "quote it"},
	{"mysql [ab]", 7, "an unquoted [", "quote it"},
	{"[ -f x ]", 1, "an unquoted [", "quote it"},
	{"mysql +(a)", 8, "an unquoted (", "quote it"},
	{"mysql ~", 7, "an unquoted ~ stands for a home", "quote it"},
	{"mysql ~root/x", 7, "an unquoted ~", "quote it"},
	{"mysql a=~", 9, "an unquoted ~", "quote it"},
	{"mysql a=b:~/c", 11, "an unquoted ~", "quote it"},
	{"mysql '='~", 10, "an unquoted ~", "quote it"},
	{"mysql ''~", 9, "an unquoted ~", "quote it"},
	{"mysql \\\n~", 9, "an unquoted ~", "quote it"},
	{"mysql {a,b}", 7, "an unquoted { stands for several words", "quote it"},
	{"mysql a{1..3}", 8, "an unquoted {", "quote it"},
	{"mysql {}", 7, "an unquoted {", "quote it"},
	{"{ mysql", 1, "an unquoted {", "quote it"},
	{"# note", 1, "an unquoted # begins a comment", "quote it"},
	{"mysql # note", 7, "an unquoted #", "quote it"},
	{"mysql ''#", 9, "an unquoted #", "quote it"},
	{"mysql \\\n#", 9, "an unquoted #", "quote it"},
	{"!", 1, "an unquoted ! stands for an earlier command", "quote it"},
	{"!!", 1, "an unquoted !", "quote it"},
	{"! mysql", 1, "an unquoted !", "quote it"},
	{"mysql a!b", 8, "an unquoted !", "quote it"},
	{"^a^b", 1, "an unquoted ^ changes", "quote it"},
	{"PATH=/tmp mysql", 5, "an unquoted = sets a variable", "quote it"},
	{"a+=b mysql", 3, "an unquoted =", "quote it"},
	{"a\\\n=b mysql", 4, "an unquoted =", "quote it"},
	{"a[0]=b mysql", 2, "an unquoted [", "quote it"},
	{"日本=1 mysql", 3, "an unquoted =", "quote it"},
	{"a=", 2, "an unquoted =", "quote it"},
	{"if true", 1, "if is a word of the shell's own", "quote it: 'if'"},
	{"  while x", 3, "while is a word", "quote it"},
	{"wh\\\nile x", 1, "while is a word", "quote it"},
	{"}", 1, "} is a word", "quote it"},
	{"time mysql", 1, "time is a word", "quote it"},
	{"coproc mysql", 1, "coproc is a word", "quote it"},
	{"function f", 1, "function is a word", "quote it"},
	{"]] x", 1, "]] is a word", "quote it"},
	{"[[ a", 1, "an unquoted [", "quote it"},
	{`mysql $'\x41'`, 9, "only \\n", `\\`},
	{`mysql $'\u202e'`, 9, "only \\n", `\\`},
	{`mysql $'\a'`, 9, "only \\n", `\\`},
	{`mysql $'\101'`, 9, "only \\n", `\\`},
	{`mysql $'\"'`, 9, "only \\n", `\\`},
	{"mysql $'\\\n'", 9, "only \\n", `\\`},

	// < FILE
	{"< a", 1, "no command stands in front of <", "TOOL"},
	{"mysql <", 7, "no file stands behind <", "< FILE"},
	{"mysql <   ", 7, "no file stands behind <", "< FILE"},
	{"mysql << EOF", 7, "here-document", "< FILE"},
	{"mysql <<< x", 7, "here-document", "< FILE"},
	{"mysql <\\\n< x", 7, "here-document", "< FILE"},
	{"mysql <& 3", 7, "copies a descriptor", "< FILE"},
	{"mysql <(sh)", 7, "reads a command's output", "< FILE"},
	{"mysql <> a", 7, "opens a file for writing", "< FILE"},
	{"mysql < > a", 9, "an unquoted >", "quote it"},
	{"mysql < a < b", 11, "a second <", ""},
	{"mysql < < b", 9, "a second <", ""},
	{"mysql < a<b", 10, "a blank must stand", "'<'"},
	{"mysql < a -t", 11, "last word of a line", "at the end"},
	{"mysql < a\\ b c", 14, "last word of a line", "quote"},
	{"mysql 0<a", 8, "a blank must stand in front of <", "'<'"},
	{"mysql a<b", 8, "a blank must stand in front of <", "'<'"},
	{"mysql 'a'<b", 10, "a blank must stand in front of <", "'<'"},
	{"mysql {fd}<b", 7, "an unquoted {", "quote it"},
	{"mysql < ~/a", 9, "an unquoted ~", "quote it"},
	{"mysql < *.sql", 9, "an unquoted *", "quote it"},
	{"mysql < $f", 9, "an unquoted $", "quote it"},

	// More than one line, line ends of Windows.
	{"mysql\nsh", 6, "a line is one command", "one by one"},
	{"mysql\n", 6, "a line is one command", "one by one"},
	{"\n", 1, "a line is one command", "one by one"},
	{"mysql\r\n", 6, "U+000D, a carriage return", "CR LF"},
	{"mysql\r", 6, "U+000D", "CR LF"},
	{"mysql '\r\n'", 8, "U+000D", "CR LF"},
	{"mysql\t-t", 6, "U+0009, a tab", "blank"},
	{"\tmysql", 1, "U+0009", "blank"},
	{"mysql \\\t", 8, "U+0009", "quotes"},

	// Characters that hide, reorder, forge: in quotes and outside.
	{"mysql a\x00b", 8, "U+0000, NUL", "delete it"},
	{"mysql '\x00'", 8, "U+0000, NUL", "delete it"},
	{"mysql '\x1b[2J'", 8, "U+001B, escape", "delete it"},
	{"mysql \"\x07\"", 8, "U+0007, a control character", "delete it"},
	{"mysql $'\x08'", 9, "U+0008, backspace", "delete it"},
	{"mysql \\\x7f", 8, "U+007F, delete", "delete it"},
	{"mysql '\u0085'", 8, "U+0085, a control character", "delete it"},
	{"mysql '\u009b2J'", 8, "U+009B, a control character", "delete it"},
	{"mysql '\xff'", 8, "byte 0xFF, which isn't UTF-8", "delete it"},
	{"日本\xe3\x81", 3, "byte 0xE3", "delete it"},
	{"mysql '\xed\xa0\x80'", 8, "byte 0xED", "delete it"}, // a surrogate
	{"mysql '\xc0\xaf'", 8, "byte 0xC0", "delete it"},     // an overlong /
	{"mysql '\xf4\x90\x80\x80'", 8, "byte 0xF4", "delete it"},
	{"mysql '\ufffd'", 8, "U+FFFD, which stands for a lost", "delete it"},
	{"mysql '\u202etxt'", 8, "U+202E, right-to-left override", "delete it"},
	{"mysql '\u2066'", 8, "U+2066, left-to-right isolate", "delete it"},
	{"mysql \u200f", 7, "U+200F, a right-to-left mark", "delete it"},
	{"mysql '\u061c'", 8, "U+061C, the Arabic letter mark", "delete it"},
	{"mysql '\u2028'", 8, "U+2028, a line separator", "delete it"},
	{"mysql '\u2029'", 8, "U+2029, a paragraph separator", "delete it"},
	{"my\u200bsql", 3, "U+200B, a zero-width space", "delete it"},
	{"mysql '\u200c'", 8, "U+200C, a zero-width non-joiner", "delete it"},
	{"mysql '\u200d'", 8, "U+200D, a zero-width joiner", "delete it"},
	{"\ufeffmysql", 1, "U+FEFF, a byte order mark", "without a byte order mark"},
	{"mysql '\u2060'", 8, "U+2060, a word joiner", "delete it"},
	{"mysql '\u00ad'", 8, "U+00AD, a soft hyphen", "delete it"},
	{"mysql 'a\u034f'", 9, "U+034F, a combining grapheme joiner", "delete it"},
	{"mysql '\u180e'", 8, "U+180E, a Mongolian vowel separator", "delete it"},
	{"mysql '❤\ufe0f'", 9, "U+FE0F, a variation selector", "delete it"},
	{"mysql '\U000e0100'", 8, "U+E0100, a variation selector", "delete it"},
	{"mysql '\U000e0041'", 8, "U+E0041, a tag character", "delete it"},
	{"mysql '\u3164'", 8, "U+3164, a Hangul filler", "delete it"},
	{"mysql \uffa0", 7, "U+FFA0, a Hangul filler", "delete it"},
	{"mysql \u115f", 7, "U+115F, a Hangul filler", "delete it"},
	{"mysql '\u2062'", 8, "U+2062, a formatting character", "delete it"},
	{"mysql '\ufff9'", 8, "U+FFF9, a formatting character", "delete it"},
	{"mysql '\U0001d173'", 8, "U+1D173, a formatting character", "delete it"},
	{"mysql '\ue000'", 8, "U+E000, a private-use character", "delete it"},
	{"mysql '\uffff'", 8, "U+FFFF, not a character", "delete it"},
	{"mysql '\ufdd0'", 8, "U+FDD0, not a character", "delete it"},

	// What chat programs and input methods leave behind, outside quotes.
	{"mysql　-t", 6, "U+3000", "write a blank"},
	{"mysql\u00a0-t", 6, "U+00A0", "write a blank"},
	{"mysql\u202f-t", 6, "U+202F", "write a blank"},
	{"mysql \\　", 8, "U+3000", "write a blank"},
	{"mysql -e “SELECT”", 10, "U+201C outside quotes: it only looks like \"", `write " instead`},
	{"mysql -e ‘SELECT’", 10, "U+2018", "write ' instead"},
	{"mysql -e ＂x＂", 10, "U+FF02", `write " instead`},
	{"mysql -e ＇x＇", 10, "U+FF07", "write ' instead"},
	{"mysql -e 「x」", 10, "U+300C", `write " instead`},
	{"mysql –t", 7, "U+2013", "write - instead"},
	{"mysql —table", 7, "U+2014", "write - instead"},
	{"mysql −t", 7, "U+2212", "write - instead"},
	{"mysql －t", 7, "U+FF0D", "write - instead"},
	{"mysql ーt", 7, "U+30FC", "write - instead"},
	{"mysql ｰt", 7, "U+FF70", "write - instead"},
	{"mysql ‐t", 7, "U+2010", "write - instead"},
	{"mysql； sh", 6, "U+FF1B", "write ; instead"},
	{"mysql\u037e", 6, "U+037E", "write ; instead"},
	{"mysql ＜ x", 7, "U+FF1C", "write < instead"},
	{"mysql ＞ x", 7, "U+FF1E", "write > instead"},
	{"mysql ｜ x", 7, "U+FF5C", "write | instead"},
	{"mysql ＆ x", 7, "U+FF06", "write & instead"},
	{"mysql ＄（x）", 7, "U+FF04", "write $ instead"},
	{"mysql ～", 7, "U+FF5E", "write ~ instead"},
	{"mysql ¥", 7, "U+00A5", `write \ instead`},
	{"mysql …", 7, "U+2026", "write ... instead"},
	{"ｍysql", 1, "U+FF4D", "write m instead"},
	{"mysql １", 7, "U+FF11", "write 1 instead"},
	{"mysql ʼx", 7, "U+02BC", "write ' instead"},
	{"mysql \u0301", 7, "U+0301", "quote it"},
	{"mysql 😀", 7, "U+1F600", "quote it"},
	{"mysql a。", 8, "U+3002", "quote it"},

	// Too long: refused before a byte of it is looked at.
	{strings.Repeat("'", MaxBytes) + "\x00", 0, "65537 bytes, at most 65536", ""},
}

var unclosed = []struct {
	raw string
	col int
	msg string
}{
	{"mysql 'SELECT", 7, "' here has no closing '"},
	{"mysql -e 'a' 'b\nc", 14, "' here has no closing '"},
	{`mysql "SELECT`, 7, `" here has no closing "`},
	{`mysql "a\"`, 7, `" here has no closing "`},
	{`mysql "a\`, 7, `" here has no closing "`},
	{`mysql $'a`, 7, "$' here has no closing '"},
	{`mysql $'a\'`, 7, "$' here has no closing '"},
	{`mysql $'a\`, 7, "$' here has no closing '"},
	{`mysql \`, 7, "ends in a backslash"},
	{`mysql a\`, 8, "ends in a backslash"},
	{"mysql \\\n\\", 9, "ends in a backslash"},
	{"'", 1, "' here has no closing '"},
}

func allowedLines() (lines []string) {
	for _, c := range allowed {
		lines = append(lines, c.raw)
	}
	return lines
}

func refusedLines() (lines []string) {
	for _, c := range refused {
		if len(c.raw) < MaxBytes {
			lines = append(lines, c.raw)
		}
	}
	for _, c := range unclosed {
		lines = append(lines, c.raw)
	}
	return lines
}
