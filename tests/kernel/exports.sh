#!/bin/sh
# SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
# exports.sh BUILD_DIR TERN_CORE_H: the built tern.ko exports exactly what tern_core.h
# declares, all in namespace TERN
set -eu

tab=$(printf '\t')
status=0

exported=$(grep "core/tern${tab}" "$1/Module.symvers" | cut -f 2 | sort)
declared=$(sed -n 's/^[a-z].*[ *]\(tern_[a-z_]*\)(struct tern_core \*.*/\1/p' "$2" | sort)
if [ "$exported" != "$declared" ]; then
	printf 'exported:\n%s\ndeclared:\n%s\n' "$exported" "$declared" >&2
	status=1
fi
if grep "core/tern${tab}" "$1/Module.symvers" | cut -f 5 | grep -vx TERN >&2; then
	echo "a symbol is in no namespace or in another one" >&2
	status=1
fi
exit "$status"
