#!/usr/bin/env bash
# Shows a file in the step's log, as text: the runner obeys lines such as ::add-mask::, and terminals obey escape sequences.
set -euo pipefail
here=$(dirname "$0")

token=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
echo "::stop-commands::$token"
"$here"/clean.sh <"$1"
echo
echo "::$token::"
