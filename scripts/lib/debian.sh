# SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
# Debian trees by mmdebstrap: which mirror, which keys, progress, unpacking.
# Needs common.sh; sourced, never run.

suite=trixie
apt_config=/etc/apt
os_release=/etc/os-release

# Print URI, suite and components of every package source of the host, one per
# line, from both formats that apt reads.
host_sources()
{
	for list in "$apt_config/sources.list" "$apt_config"/sources.list.d/*.list; do
		[ -r "$list" ] || continue
		sed -n 's/#.*//; s/\[[^]]*\]//; s/^[ \t]*deb[ \t]\{1,\}//p' "$list"
	done
	for stanzas in "$apt_config"/sources.list.d/*.sources; do
		[ -r "$stanzas" ] || continue
		grep -v '^#' "$stanzas" | awk '
			BEGIN { RS = ""; FS = "\n" }
			{
				split("", field)
				for (i = 1; i <= NF; i++) {
					colon = index($i, ":")
					if (colon)
						field[tolower(substr($i, 1, colon - 1))] = \
							substr($i, colon + 1)
				}
				if (field["types"] !~ /(^|[ \t])deb([ \t]|$)/ ||
				    tolower(field["enabled"]) ~ /no|false/)
					next
				n = split(field["uris"], uri, " ")
				m = split(field["suites"], suite, " ")
				for (i = 1; i <= n; i++)
					for (j = 1; j <= m; j++)
						print uri[i], suite[j], field["components"]
			}'
	done
}

# Print the Debian mirror that this host's own apt uses, if it is a Debian host.
# Third-party archives also use Debian suite names, so one whose path ends in
# /debian is preferred.
host_mirror()
{
	[ -r "$os_release" ] || return 0
	id=$(. "$os_release" && echo "${ID:-}")
	codename=$(. "$os_release" && echo "${VERSION_CODENAME:-sid}")
	[ "$id" = debian ] || return 0
	host_sources | while read -r uri name components; do
		case " $components " in *" main "*) ;; *) continue ;; esac
		case $name in
		"$codename" | stable | testing | unstable | sid) ;;
		*) continue ;;
		esac
		case $uri in
		mirror+file:*)
			list=/${uri#mirror+file:}
			[ -r "$list" ] && uri=$(awk '!/^#/ && NF { print $1; exit }' "$list")
			;;
		esac
		case $uri in
		http://*/debian | http://*/debian/ | https://*/debian | https://*/debian/)
			echo "1 $uri" ;;
		http://* | https://* | file:/*) echo "2 $uri" ;;
		esac
	done | sort -s -n -k1,1 | sed -n '1s/^. //p'
}

# The mirror to build from; empty means mmdebstrap's own default.
choose_mirror()
{
	mirror=${MIRROR:-$(host_mirror)}
	case $mirror in
	'' | http://?* | https://?* | file:/?*) ;;
	*) die "MIRROR must be an http, https or file address, not '$mirror'" ;;
	esac
	case $mirror in
	*[[:space:]\'\"]*) die "MIRROR must be one address without quotes or blanks" ;;
	esac
}

need_mmdebstrap()
{
	[ "$(uname -m)" = x86_64 ] || die "needs an x86-64 host, this is $(uname -m)"
	have_command mmdebstrap && return
	if [ "$(id -u)" -eq 0 ] && have_command apt-get; then
		say "installing mmdebstrap with apt-get"
		{
			apt-get update &&
			DEBIAN_FRONTEND=noninteractive apt-get install -y \
				--no-install-recommends mmdebstrap debian-archive-keyring
		} >"$cache/apt-get.log" 2>&1 ||
			die "apt-get could not install mmdebstrap, see $cache/apt-get.log"
		return
	fi
	die "mmdebstrap is missing: install the package mmdebstrap" \
		"(with uidmap and debian-archive-keyring), for example by" \
		"'sudo apt-get install mmdebstrap uidmap debian-archive-keyring'"
}

# An ordinary user builds in a user namespace with a range of subordinate ids.
need_user_namespaces()
{
	[ "$(id -u)" -ne 0 ] || return 0
	have_command newuidmap ||
		die "newuidmap is missing: install the package uidmap"
	for ids in /etc/subuid /etc/subgid; do
		grep -q -e "^$(id -un):" -e "^$(id -u):" "$ids" 2>/dev/null ||
			die "$(id -un) has no range in $ids: as root run" \
				"'usermod --add-subuids 100000-165535" \
				"--add-subgids 100000-165535 $(id -un)'"
	done
	unshare --user --map-root-user true 2>/dev/null ||
		die "this system forbids user namespaces to ordinary users:" \
			"run as root, or allow them (sysctl" \
			"kernel.unprivileged_userns_clone=1 or" \
			"kernel.apparmor_restrict_unprivileged_userns=0)"
}

# Debian's archive keys for $suite; mmdebstrap finds the host's by itself.
need_keyring()
{
	if [ -n "${KEYRING:-}" ]; then
		[ -r "$KEYRING" ] || die "cannot read KEYRING=$KEYRING"
		return
	fi
	for key in /usr/share/keyrings/debian-archive-* \
		/etc/apt/trusted.gpg.d/debian-archive-*; do
		[ ! -r "$key" ] || return 0
	done
	die "Debian's archive keys are missing: install the package" \
		"debian-archive-keyring (2023.4 or later), or name a key file by KEYRING="
}

# Turn mmdebstrap's flood into a few lines; everything stays in the log.
show_progress()
{
	sed -u -n -e "s/^I: running apt-get update.*/$me:   reading package lists/p" \
		-e "s/^I: \(downloading packages\|extracting archives\).*/$me:   \1/p" \
		-e "s/^I: \(installing [a-z]* packages\).*/$me:   \1/p" \
		-e "s/^I: running --customize-hook.*/$me:   finishing/p" \
		-e "s/^I: creating tarball.*/$me:   unpacking into the cache/p" >&2
}

explain_failure()
{
	if grep -q -e NO_PUBKEY -e 'Missing key' "$1"; then
		die "the host's Debian keys do not cover $suite: install" \
			"debian-archive-keyring 2023.4 or later, or name a key" \
			"file by KEYRING= (log: $1)"
	fi
	missing=$(sed -n 's/^E: Unable to locate package //p' "$1" | sort -u)
	[ -z "$missing" ] || die "Debian $suite has no package" $missing
	tail -n 15 "$1" >&2
	die "building the Debian tree failed (log: $1)"
}

# Hooks are passed as text, not as files: the user namespace that mmdebstrap makes
# for an ordinary user may be unable to read this source tree.
setup_hook=$(cat "$here/lib/setup-sources")

# run_mmdebstrap OPTION...: write a Debian tree to stdout as a tar file.
run_mmdebstrap()
{
	# INITRD=No: kernel packages need not make an initramfs, nobody boots it.
	INITRD=No TMPDIR=${TMPDIR:-/var/tmp} mmdebstrap --variant=apt --format=tar \
		--architectures=amd64 --components=main \
		${KEYRING:+--keyring="$KEYRING"} \
		--aptopt='Acquire::Languages "none"' \
		--aptopt='Acquire::Retries "3"' \
		--dpkgopt='path-exclude=/usr/share/man/*' \
		--dpkgopt='path-exclude=/usr/share/info/*' \
		--dpkgopt='path-exclude=/usr/share/locale/*' \
		--dpkgopt='path-exclude=/usr/share/doc/*' \
		--dpkgopt='path-include=/usr/share/doc/*/copyright' \
		--setup-hook="$setup_hook" "$@" "$suite" - ${mirror:+"$mirror"}
}

# debian_tree SINK LOG OPTION...: feed the tar file to the command SINK (a
# function or program without arguments). The log gets everything, the terminal
# the few lines that show progress.
debian_tree()
{
	sink=$1
	log=$2
	shift 2
	failed=$log.failed
	rm -f "$failed"
	{
		{ run_mmdebstrap "$@" 2>&3 || : >"$failed"; } |
			{ "$sink" >&3 2>&3 || : >"$failed"; }
	} 3>&1 | tee "$log" | show_progress
	[ ! -e "$failed" ] || { rm -f "$failed"; explain_failure "$log"; }
}

prepare_debian()
{
	choose_mirror
	mkdir -p "$cache"
	need_mmdebstrap
	need_user_namespaces
	need_keyring
}
