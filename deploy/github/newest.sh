#!/usr/bin/env bash
# Stops the run of a commit that is no longer the pull request's newest: the reviewers may have looked at the newer one.
set -euo pipefail
: "${REPOSITORY:?}" "${NUMBER:?}" "${HEAD_SHA:?}"

newest=$(gh api "repos/$REPOSITORY/pulls/$NUMBER" --jq .head.sha)
if [[ $newest != "$HEAD_SHA" ]]; then
	echo "cannot run: the pull request has a newer commit than the approved $HEAD_SHA" >&2
	exit 1
fi
