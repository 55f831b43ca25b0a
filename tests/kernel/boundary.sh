#!/bin/sh
# SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
# boundary.sh KERNEL_DIR: rules of the kernel code that no other checker knows
# shellcheck disable=SC2317  # the checks are called through deny
set -eu

cd "$1"
failed=0

# deny WHAT COMMAND...: each line that COMMAND prints is a violation
deny() {
	what=$1
	shift
	found=$("$@" || :)
	[ -n "$found" ] || return 0
	printf '%s:\n%s\n' "$what" "$found" >&2
	failed=1
}

conditionals() {
	grep -RnE '^[[:space:]]*#[[:space:]]*(if|ifdef|ifndef|elif)\b' . --include='*.c'
}

versions() {
	grep -RnE 'LINUX_VERSION_CODE|KERNEL_VERSION' . --include='*.[ch]' | grep -v '^./compat.h:'
}

# foreign_includes DIR SHARED...: what a module includes beyond its own files and SHARED
foreign_includes() {
	dir=$1
	shift
	grep -RHo '^#include "[^"]*"' "$dir" --include='*.[ch]' | tr -d '"' | sed 's/#include //' |
		while IFS=: read -r file included; do
			case $included in */*) echo "$file: $included" ;; esac
			[ ! -e "$dir/$included" ] || continue
			case " $* " in
			*" $included "*) ;;
			*) echo "$file: $included" ;;
			esac
		done
}

outside_namespace() {
	grep -RnE '^EXPORT_SYMBOL' . --include='*.c' |
		grep -vE 'EXPORT_SYMBOL_NS(_GPL)?\([a-z_0-9]+, TERN_NS\);$'
}

# exports: lines "FILE:FUNCTION"
exports() {
	grep -RHo '^EXPORT_SYMBOL[A-Z_]*([a-z_0-9]*' core | sed 's/EXPORT_.*(//'
}

undocumented() {
	exports | while IFS=: read -r file name; do
		grep -q "^ \* $name - " "$file" || echo "$file: $name"
	done
}

undeclared() {
	exports | while IFS=: read -r file name; do
		grep -q "[ *]$name(" tern_core.h || echo "$file: $name"
	done
}

deny "conditional compilation in a .c file (belongs in compat.h)" conditionals
deny "kernel versions outside compat.h" versions
deny "tern.ko includes what is neither its own nor shared" \
	foreign_includes core tern_core.h compat.h tern_hw.h
deny "tern_rdma.ko includes what is neither its own nor shared" \
	foreign_includes rdma tern_core.h compat.h tern_hw.h tern_hw.def tern-abi.h
deny "tern.ko uses the RDMA core" grep -RnE '#include <rdma/' core
deny "exported outside namespace TERN" outside_namespace
deny "tern_rdma.ko exports something" grep -Rn '^EXPORT_SYMBOL' rdma
deny "exported without kernel-doc at the definition" undocumented
deny "exported but not declared in tern_core.h" undeclared

exit "$failed"
