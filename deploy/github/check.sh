#!/usr/bin/env bash
# Checks each line of the file "runbook" under the policy, and leaves what opsctl says in result/check.txt. 0: all are allowed. 1: one isn't.
set -euo pipefail
: "${POLICY:?}"
here=$(dirname "$0")

mkdir -p result
blank=$' \t' # not [:blank:], which is more in some locales
exec 3>result/check.txt
at=0 lines=0 refused=0
while IFS= read -r line || [[ -n $line ]]; do
	at=$((at + 1))
	# What opsh skips: blank lines, and those whose first character is #.
	[[ $line =~ ^[$blank]*(#|$) ]] && continue
	lines=$((lines + 1))
	printf 'line %d\n' "$at" >&3
	status=0
	if [[ $line =~ ^[$blank]*- ]]; then
		# opsctl would take it for an option of its own.
		echo "refused: a line begins with a tool's name" >&3
		status=1
	else
		# Not opsctl's standard input: the rest of the runbook.
		opsctl policy explain "base/$POLICY" "$line" >&3 2>&1 </dev/null || status=$?
	fi
	case $status in
	0) ;;
	1) refused=$((refused + 1)) ;;
	*)
		"$here"/show.sh result/check.txt
		echo "cannot check line $at: opsctl ended with status $status" >&2
		exit "$status"
		;;
	esac
done <runbook

"$here"/show.sh result/check.txt
if ((lines == 0)); then
	echo "cannot run: the runbook has no command" >&2
	exit 1
fi
if ((refused > 0)); then
	echo "cannot run: the policy refuses $refused of $lines lines" >&2
	exit 1
fi
echo "the policy allows all $lines lines"
