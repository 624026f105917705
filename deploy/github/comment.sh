#!/usr/bin/env bash
# shellcheck disable=SC2016 # the backticks are Markdown's
# Writes the result into the pull request. All that a tool, a line or a trail says stands in a fence that it can't close.
set -euo pipefail
here=$(dirname "$0")
: "${REPOSITORY:?}" "${NUMBER:?}" "${HEAD_SHA:?}" "${RUNBOOK:?}" "${CHECKED:?}" "${RUN_URL:?}"

# fenced shows the first bytes of a file, in a fence longer than every run of backticks in it.
fenced() {
	local text longest
	text=$(head -c "$2" -- "$1" | "$here"/clean.sh)
	longest=$(LC_ALL=C grep -o '`\+' <<<"$text" | sort -r | head -n 1) || true
	[[ ${#longest} -ge 3 ]] || longest='``'
	printf '%s`text\n%s\n%s`\n' "$longest" "$text" "$longest"
	(($(wc -c <"$1") <= $2)) || printf '\nThe first %d bytes; the artifact has all.\n' "$2"
}

# only prints a file's first line if it is what it should be.
only() {
	local value=
	[[ ! -f $1 ]] || IFS= read -r value <"$1" || true
	if [[ $value =~ ^$2$ ]]; then printf '%s' "$value"; else printf 'not known'; fi
}

{
	printf '**opsh**: `%s` of %s' "$RUNBOOK" "$HEAD_SHA"
	if [[ $CHECKED != success ]]; then
		printf ' was refused by the check and did not run.\n'
	elif [[ ! -f result/opsh.txt ]]; then
		printf ' did not run.\n'
	else
		printf ' ran.\n'
	fi
	printf '\n| | |\n|---|---|\n'
	[[ ${SHA256-} =~ ^[0-9a-f]{64}$ ]] && printf '| runbook, SHA-256 | `%s` |\n' "$SHA256"
	if [[ -f result/opsh.txt ]]; then
		printf '| exit status | `%s` |\n' "$(only result/status '[0-9]{1,3}')"
		printf '| trail, hash of its last record | `%s` |\n' "$(only result/hash '[0-9a-f]{64}')"
		printf '| output, bytes | `%s` |\n' "$(wc -c <result/output.txt | tr -d ' ')"
	fi
	printf '| log and artifacts | %s |\n\n' "$RUN_URL"
	if [[ $CHECKED != success && -f check/check.txt ]]; then
		fenced check/check.txt 20000
	fi
	if [[ -f result/opsh.txt ]]; then
		fenced result/opsh.txt 10000
		if [[ ${SHOW_OUTPUT-} == true ]]; then
			printf '\n'
			fenced result/output.txt 20000
		fi
	fi
} >comment.md

gh pr comment "$NUMBER" --repo "$REPOSITORY" --body-file comment.md
