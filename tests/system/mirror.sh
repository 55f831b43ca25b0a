#!/bin/sh
# SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
# Usage: mirror.sh: the Debian mirror is found in any form of apt's configuration.

set -u
here=$(cd "$(dirname "$0")" && pwd)
me=mirror
. "$here/../../scripts/lib/common.sh"
. "$here/../../scripts/lib/debian.sh"

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
os_release=$scratch/os-release
failures=0

# expect NAME MIRROR: what host_mirror makes of $scratch/apt, which is then emptied
expect()
{
	apt_config=$scratch/apt
	got=$(host_mirror)
	if [ "$got" != "$2" ]; then
		echo "FAIL $1: '$got' instead of '$2'"
		failures=$((failures + 1))
	fi
	rm -rf "$scratch/apt"
	mkdir -p "$scratch/apt/sources.list.d"
}

host() { printf 'ID=%s\nVERSION_CODENAME=%s\n' "$1" "$2" >"$os_release"; }
one_line() { cat >>"$scratch/apt/sources.list"; }
deb822() { cat >>"$scratch/apt/sources.list.d/debian.sources"; }

host debian bookworm
expect 'reset' ''
expect 'no sources at all' ''

one_line <<'END'
# deb http://commented.example/debian bookworm main
deb-src http://source.example/debian bookworm main
deb http://security.example/debian-security bookworm-security main
deb [arch=amd64 signed-by=/k.gpg] http://mirror.example/debian bookworm main contrib
END
expect 'one-line format' http://mirror.example/debian

one_line <<'END'
deb https://vendor.example/apt bookworm main
deb https://mirror.example/debian/ bookworm main
END
expect 'a third party with the same suite name' https://mirror.example/debian/

deb822 <<'END'
Types: deb deb-src
URIs: http://other.example/tools
Suites: nodistro
Components: main

# a comment
Enabled: no
Types: deb
URIs: http://disabled.example/debian
Suites: bookworm
Components: main

Types: deb
URIs: http://mirror.example/debian
Suites: bookworm bookworm-updates
Components: main non-free-firmware
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
END
expect 'deb822 format' http://mirror.example/debian

printf '# list\nhttps://listed.example/debian\n' >"$scratch/apt/mirrors"
deb822 <<END
Types: deb
URIs: mirror+file://$scratch/apt/mirrors
Suites: bookworm
Components: main
END
expect 'a file of mirrors' https://listed.example/debian

one_line <<'END'
deb http://mirror.example/snapshot/2025 bookworm main
END
expect 'a mirror with a path of its own' http://mirror.example/snapshot/2025

host ubuntu noble
one_line <<'END'
deb http://mirror.example/debian noble main
END
expect 'not Debian' ''

refused=0
for bad in ftp://x 'http://a b' "http://a'b" nonsense; do
	(MIRROR=$bad; choose_mirror) 2>/dev/null || refused=$((refused + 1))
done
[ "$refused" -eq 4 ] || { echo "FAIL bad MIRROR: $refused of 4 refused"; failures=1; }
exit $((failures > 0))
