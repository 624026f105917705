#!/usr/bin/env bash
# Proves the trail of the run whole, and leaves result/verify.json. It must be this run's, by its reason, under exactly the checked policy.
set -euo pipefail
: "${LOG_GROUP:?}" "${REASON:?}" "${POLICY:?}"
here=$(dirname "$0")

fail() {
	echo "cannot prove the trail: $1" >&2
	exit 1
}

# The first such line was there before any tool was; a tool can print others.
begin=$(grep -m 1 '^opsh: begin ' result/opsh.txt | tr -d '\r') || fail "opsh did not begin a session"
read -r _ _ _ session _ <<<"$begin"
[[ $session =~ ^[0-9a-z]{1,64}$ ]] || fail "the session's name isn't one"
session=ecs-execute-command-$session

# The end record may be on its way yet: 3 is a trail without one, 125 one that isn't there.
status=3
for ((try = 1; try <= ${TRIES:-24}; try++)); do
	status=0
	opsctl verify --json --policy "base/$POLICY" "logs:$LOG_GROUP:$session" >result/verify.json 2>result/verify.err </dev/null || status=$?
	[[ $status == 3 || $status == 125 ]] || break
	sleep "${WAIT:-5}"
done
"$here"/show.sh result/verify.json
"$here"/show.sh result/verify.err
((status == 0)) || fail "opsctl verify ended with status $status"
# -s: without it an empty answer would be a good one.
hash=$(jq -ers --arg session "$session" --arg reason "$REASON" \
	'select(length == 1 and (.[0] | length) == 1) | .[0][0].verdict
	| select(.state == "whole" and .session == $session and .reason == $reason) | .last_hash' result/verify.json) || fail "it isn't the trail of this run"
[[ $hash =~ ^[0-9a-f]{64}$ ]] || fail "its last record has no hash"
echo "$hash" >result/hash
echo "the trail is whole: $hash"
