#!/usr/bin/env bash
# Takes the runbook out of the commit, byte for byte, as the file "runbook", and gives its SHA-256 as an output. With SHA256 set, it must be
# the one that was checked.
set -euo pipefail
: "${HEAD_SHA:?}" "${RUNBOOK:?}" "${GITHUB_OUTPUT:?}"

fail() {
	echo "cannot take the runbook: $1" >&2
	exit 1
}

[[ $HEAD_SHA =~ ^[0-9a-f]{40}$ ]] || fail "the commit isn't named by its hash"
# From git's store, not from the working tree: a symbolic link, an attribute or a filter would make another file of it.
read -r mode kind object _ < <(git -C change ls-tree "$HEAD_SHA" -- "$RUNBOOK") || fail "the commit doesn't have it"
[[ $mode == 100644 && $kind == blob ]] || fail "it isn't a plain file without execute permission"
(($(git -C change cat-file -s "$object") <= 1048576)) || fail "it is over 1 MiB"
git -C change cat-file blob "$object" >runbook

# A carriage return would show the reviewer other lines than opsh reads, an escape sequence other words.
# shellcheck disable=SC2094 # both read
LC_ALL=C tr -d '\000-\010\013-\037\177' <runbook | cmp -s - runbook || fail "it holds control characters"

sum=$(sha256sum <runbook)
sum=${sum%% *}
[[ -z ${SHA256-} || $sum == "$SHA256" ]] || fail "it isn't the one that was checked: sha256 $sum, and not $SHA256"
echo "sha256=$sum" >>"$GITHUB_OUTPUT"
echo "runbook sha256 $sum"
