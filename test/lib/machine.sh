# What test/run, test/demo and test/bench need of a machine. To be sourced.
# shellcheck shell=bash

die() {
	printf 'error: %s\n' "$1" >&2
	[ $# -lt 2 ] || printf 'hint: %s\n' "$2" >&2
	exit 1
}

# as_root runs the calling script again as root: opsh is started as root by ECS Exec, and so by its tests.
as_root() {
	[ "$(id -u)" -ne 0 ] || return 0
	command -v sudo >/dev/null || die "this needs root, and there is no sudo" "run it as root"
	exec sudo --preserve-env=PATH,GOPROXY,GOFLAGS,GOSUMDB,GOTOOLCHAIN,CI,HTTPS_PROXY,HTTP_PROXY,NO_PROXY "$0" "$@"
}

# need_go wants Go, and not an older one than go.mod says.
need_go() {
	export HOME="${HOME:-/root}"
	PATH="$PATH:/usr/local/go/bin"
	local want have
	want=$(sed -n 's/^go //p' "$1/go.mod")
	command -v go >/dev/null || die "there is no Go" "install Go $want or later"
	have=$(go env GOVERSION)
	[ "$(printf '%s\n%s\n' "$want" "${have#go}" | sort -V | head -n 1)" = "$want" ] ||
		die "this is $have, and go.mod wants $want" "install Go $want or later"
}

# need_packages installs what is missing, and asks the network only then.
need_packages() {
	local p missing=()
	for p in "$@"; do
		dpkg-query -W -f '${db:Status-Status}' "$p" 2>/dev/null | grep -qx installed || missing+=("$p")
	done
	[ "${#missing[@]}" -gt 0 ] || return 0
	command -v apt-get >/dev/null || die "missing: ${missing[*]}, and there is no apt-get" "use a Debian or Ubuntu machine"
	printf 'installing %s\n' "${missing[*]}" >&2
	export DEBIAN_FRONTEND=noninteractive
	# A server that a package would start is not wanted: the tests start their own.
	local policy=/usr/sbin/policy-rc.d
	if [ ! -e "$policy" ]; then
		printf '#!/bin/sh\nexit 101\n' >"$policy"
		chmod 755 "$policy"
		# shellcheck disable=SC2064
		trap "rm -f $policy" EXIT
	fi
	{ apt-get -q update && apt-get -q install -y --no-install-recommends "${missing[@]}"; } >/tmp/opsh-apt.$$ 2>&1 || {
		tail -n 20 /tmp/opsh-apt.$$ >&2
		die "apt-get could not install ${missing[*]}"
	}
	rm -f /tmp/opsh-apt.$$
	if [ "$(trap -p EXIT)" != "" ]; then
		rm -f "$policy"
		trap - EXIT
	fi
}

# shellcheck disable=SC2034 # for those who source this
# What the private MariaDB and the small Rails application are made of.
SERVER_PACKAGES=(mariadb-server mariadb-client ruby ruby-rails ruby-mysql2 bundler bsdutils procps ca-certificates git)
