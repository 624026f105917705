#!/usr/bin/env bash
# Installs opsctl, if it is the one that is wanted, and puts it on the PATH of the following steps.
set -euo pipefail
: "${OPSCTL_URL:?}" "${OPSCTL_SHA256:?}" "${GITHUB_PATH:?}" "${RUNNER_TEMP:?}"

[[ $OPSCTL_SHA256 =~ ^[0-9a-f]{64}$ ]] || {
	echo "cannot install opsctl: opsctl-sha256 isn't a SHA-256 in lower case" >&2
	exit 1
}
mkdir -p "$RUNNER_TEMP/opsctl"
curl --fail --silent --show-error --location --retry 3 --max-time 120 --output "$RUNNER_TEMP/opsctl/opsctl" -- "$OPSCTL_URL"
echo "$OPSCTL_SHA256  $RUNNER_TEMP/opsctl/opsctl" | sha256sum --check --strict --quiet
chmod 755 "$RUNNER_TEMP/opsctl/opsctl"
echo "$RUNNER_TEMP/opsctl" >>"$GITHUB_PATH"
