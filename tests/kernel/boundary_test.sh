#!/bin/sh
# SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
# boundary_test.sh KERNEL_DIR WORK_DIR: boundary.sh passes the sources, and refuses each violation
set -eu

here=$(cd "$(dirname "$0")" && pwd)
kernel=$1 work=$2
failed=0

fresh() {
	rm -rf "$work"
	mkdir -p "$work"
	cp -R "$kernel"/*.h "$kernel/core" "$work"
	mkdir -p "$work/rdma"
	[ ! -d "$kernel/rdma" ] || cp -R "$kernel/rdma" "$work"
}

# refuse FILE LINE: LINE appended to FILE is noticed, and FILE or its symbol named
refuse() {
	fresh
	printf '%s\n' "$2" >>"$work/$1"
	if sh "$here/boundary.sh" "$work" >"$work.log" 2>&1; then
		echo "accepted in $1: $2" >&2
		failed=1
	elif ! grep -qE "$1|stray" "$work.log"; then
		echo "refused without naming $1: $2" >&2
		failed=1
	fi
}

fresh
sh "$here/boundary.sh" "$work"

refuse core/regs.c '#ifdef CONFIG_X86'
refuse rdma/stray.c '	#  if LINUX'
refuse core/core.h '#define NEW (LINUX_VERSION_CODE > 1)'
refuse core/regs.c '#include "tern_ib.h"'
refuse rdma/stray.c '#include "core.h"'
refuse rdma/stray.c '#include "../core/core.h"'
refuse core/regs.c '#include <rdma/ib_verbs.h>'
refuse core/regs.c 'EXPORT_SYMBOL_GPL(stray);'
refuse core/regs.c 'EXPORT_SYMBOL_NS_GPL(stray, OTHER);'
refuse rdma/stray.c 'EXPORT_SYMBOL_NS_GPL(stray, TERN_NS);'
refuse core/regs.c 'EXPORT_SYMBOL_NS_GPL(stray, TERN_NS);'
rm -rf "$work" "$work.log"
exit "$failed"
