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
	# PATH goes through env: sudo has a path of its own (secure_path), and Go often lies in neither.
	exec sudo --preserve-env=GOPROXY,GOFLAGS,GOSUMDB,GOTOOLCHAIN,PIP_INDEX_URL,CI,HTTPS_PROXY,HTTP_PROXY,NO_PROXY env "PATH=$PATH" "$0" "$@"
}

# need_go wants Go, and not an older one than go.mod says.
need_go() {
	export HOME="${HOME:-/root}"
	PATH="$PATH:/usr/local/go/bin"
	local want have
	want=$(sed -n 's/^go //p' "$1/go.mod")
	command -v go >/dev/null || die "there is no Go" "install Go $want or later"
	# git keeps its words to itself where the source belongs to somebody else than root, and the build would fail for want of them.
	export GOFLAGS="${GOFLAGS:+$GOFLAGS }-buildvcs=false"
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
	[ "${#missing[@]}" -eq 0 ] || install_packages "${missing[@]}"
}

# want_packages installs what is missing, one by one, and goes on without those that can't be had.
want_packages() {
	local p
	for p in "$@"; do
		(need_packages "$p") || printf 'going on without %s\n' "$p" >&2
	done
}

# need_command installs the package that has a command where none of those that were asked for has it.
need_command() {
	command -v "$1" >/dev/null || [ -x "/usr/sbin/$1" ] || install_packages "$2"
}

install_packages() {
	command -v apt-get >/dev/null || die "missing: $*, and there is no apt-get" "use a Debian or Ubuntu machine"
	printf 'installing %s\n' "$*" >&2
	# A server that a package would start is not wanted: the tests start their own. In a shell of its own, for its trap.
	(
		export DEBIAN_FRONTEND=noninteractive
		log=$(mktemp)
		hold=/usr/sbin/policy-rc.d
		if [ -e "$hold" ]; then hold=; else
			printf '#!/bin/sh\nexit 101\n' >"$hold"
			chmod 755 "$hold"
		fi
		trap 'rm -f "$log" ${hold:+"$hold"}' EXIT
		{ apt-get -q update && apt-get -q install -y --no-install-recommends "$@"; } >"$log" 2>&1 || {
			tail -n 20 "$log" >&2
			exit 1
		}
	) || die "apt-get could not install $*"
}

# need_servers: what the private MariaDB and the small Rails application are made of.
need_servers() {
	need_packages mariadb-server mariadb-client ruby ruby-rails ruby-mysql2 bundler bsdutils procps ca-certificates git
	need_command mysql mariadb-client-compat # from Debian 13 on
}

# need_engine: a Docker engine, whoever packaged it.
need_engine() {
	need_command dockerd docker.io
	need_command docker docker-cli # from Debian 13 on
}

# need_moto: a server that answers as AWS's APIs do. Debian has no package of it, and lets pip install nothing beside its own packages:
# so it gets a place of its own, outside the source. Of this version, because test/fault makes up for what it leaves out.
need_moto() {
	local at=/opt/opsh-test/moto
	! command -v moto_server >/dev/null || return 0
	[ ! -x "$at/bin/moto_server" ] || return 0
	need_packages python3-venv
	printf 'installing moto\n' >&2
	{ python3 -m venv --clear "$at" && "$at/bin/pip" install --quiet --disable-pip-version-check 'moto[server]==5.2.1'; } >&2 || {
		rm -rf "$at" # half of it must not pass for the whole next time
		die "cannot install moto" "it comes from PyPI; a moto_server on PATH does as well"
	}
}
