#!/bin/sh
# SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
# Usage: compare.sh BENCH BENCH PART...: fails unless both print the same figures for the parts.
# The speed of the simulator is left out.
set -eu

one=$1
other=$2
shift 2
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
"$one" --json "$dir/one.json" "$@" >/dev/null
"$other" --json "$dir/other.json" "$@" >/dev/null
for file in one other; do
	grep -v 'two busy adapters' "$dir/$file.json" >"$dir/$file"
done
diff "$dir/one" "$dir/other"
