#!/usr/bin/env bash
# Runs the file "runbook" in the ops container and ends with opsctl's status. result/ gets output.txt, opsh.txt and status.
set -euo pipefail
: "${CLUSTER:?}" "${SERVICE:?}" "${CONTAINER:?}" "${REASON:?}"
here=$(dirname "$0")

mkdir -p result
opsctl run --ci none --cluster "$CLUSTER" --service "$SERVICE" --container "$CONTAINER" ${BROKER:+--broker "$BROKER"} --reason "$REASON" -f runbook \
	>result/output.txt 2>result/opsh.txt </dev/null &
child=$!
# A cancelled job gets an interrupt, then a termination. opsctl ends the command in the container at the first, and kills it at the second.
trap 'kill -TERM "$child" 2>/dev/null || true' INT TERM
while :; do
	status=0
	wait "$child" || status=$?
	# A signal ends wait, not opsctl.
	kill -0 "$child" 2>/dev/null || break
done
echo "$status" >result/status

"$here"/show.sh result/opsh.txt
echo "opsctl run ended with status $status"
exit "$status"
