#!/usr/bin/env bash
# Finds the one runbook that the pull request adds, and gives its path as the output "runbook"; empty where it adds none.
set -euo pipefail
: "${BASE_SHA:?}" "${HEAD_SHA:?}" "${DIRECTORY:?}" "${GITHUB_OUTPUT:?}"

fail() {
	echo "cannot take the runbook: $1" >&2
	exit 1
}

# A file's name is the author's own: it is compared with a pattern before it is printed or handed on.
changed=() added=()
git -C change diff -z --name-only --no-renames "$BASE_SHA...$HEAD_SHA" -- "$DIRECTORY/" >changed.list
git -C change diff -z --name-only --no-renames --diff-filter=A "$BASE_SHA...$HEAD_SHA" -- "$DIRECTORY/" >added.list
mapfile -d '' -t changed <changed.list
mapfile -d '' -t added <added.list

if ((${#changed[@]} == 0)); then
	echo "runbook=" >>"$GITHUB_OUTPUT"
	exit 0
fi
((${#changed[@]} == 1 && ${#added[@]} == 1)) ||
	fail "a pull request adds one file to $DIRECTORY and leaves the others alone: what has run stays as it was"
name=${added[0]#"$DIRECTORY/"}
[[ $name =~ ^[A-Za-z0-9][A-Za-z0-9._-]{0,99}\.opsh$ ]] ||
	fail "its name is letters, digits and . _ - and ends in .opsh, without a directory"
echo "runbook=$DIRECTORY/$name" >>"$GITHUB_OUTPUT"
