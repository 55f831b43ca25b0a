# SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
# Shared by the shell scripts of this directory; sourced, never run.
# The sourcing script sets `me` (its name in messages) before calling anything.

# Users often lack the sbin folders, where chroot and mount helpers are.
PATH=$PATH:/usr/sbin:/sbin

cache=${XDG_CACHE_HOME:-${HOME:?HOME is not set}/.cache}/tern

say()
{
	echo "$me: $*" >&2
}

die()
{
	say "$*"
	exit "${exit_status:-1}"
}

# A script's help is the comment block that follows its licence line.
print_help()
{
	sed -n '3,/^[^#]/{/^#/!q;s/^# \{0,1\}//;p;}' "$1"
}

# hash_of TEXT...: short, stable name for what the texts define.
hash_of()
{
	printf '%s\n' "$@" | sha256sum | cut -c1-12
}

# take_lock NAME: serialise builders of one cache entry across clones. The lock
# lives on descriptor 9 until the script ends, also when it is killed.
take_lock()
{
	mkdir -p "$cache"
	exec 9>"$cache/$1.lock"
	flock --nonblock 9 && return
	say "waiting for another build of $1"
	flock 9
}

# Directories of builders that were killed: safe to remove under the lock.
remove_stale()
{
	for stale in "$cache/.$1".*; do
		[ ! -e "$stale" ] || rm -rf "$stale"
	done
}

have_command()
{
	command -v "$1" >/dev/null 2>&1
}
