#!/bin/sh
# SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
# refuse.sh ABI_DIR WORK_DIR: hwgen must refuse descriptions that do not add up, and name the item
set -eu

abi=$1 work=$2
cc=${CC:-cc}
cases=0 failed=0

rm -rf "$work"
mkdir -p "$work"
cp "$abi"/hwgen*.c "$abi"/hwgen.h "$work"
for source in emit test; do
	"$cc" -c -o "$work/$source.o" "$work/hwgen_$source.c"
done

# build: standard input becomes tern_hw.def of a generator of its own
build() {
	cat > "$work/tern_hw.def"
	"$cc" -o "$work/hwgen" "$work/hwgen.c" "$work/emit.o" "$work/test.o"
}

fail() {
	echo "FAILED: $1" >&2
	failed=$((failed + 1))
}

# refuse NAME WHY: the description on standard input is refused because of item NAME
refuse() {
	cases=$((cases + 1))
	build
	if "$work/hwgen" c > "$work/out" 2> "$work/err"; then
		fail "accepted: $1: $2"
	elif [ "$(cat "$work/err")" != "tern_hw.def: $1: $2" ]; then
		fail "expected '$1: $2', got '$(cat "$work/err")'"
	elif [ -s "$work/out" ]; then
		fail "$1: $2: refused, yet there is output"
	fi
}

# accept: the twin of a refused description that is right, so that a refusal means something
accept() {
	cases=$((cases + 1))
	build
	"$work/hwgen" c > "$work/out" 2> "$work/err" || fail "refused: $(cat "$work/err")"
}

accept <<'DEF'
ENUM(2, colour, "")
VAL(0, red, "")
VAL(3, blue, "")
REG(32, one, 0x0, rw, "")
BITS(3, 0, low, "")
BITS(31, 4, high, "")
REGS(32, many, 0x4, rw, 8, 4, "")
REG(32, next, 0x24, rw, "")
DESC(16, pair, "")
WORD(64, first, "")
BITS(63, 0, all, "")
WORD(32, second, "")
WORDS(16, third, 2, "")
DEF

refuse fat "bits overlap" <<'DEF'
DESC(8, d, "")
WORD(64, w, "")
BITS(7, 0, thin, "")
BITS(15, 7, fat, "")
DEF
refuse fat "bits overlap" <<'DEF'
REG(32, r, 0, rw, "")
BITS(7, 0, thin, "")
BITS(4, 4, fat, "")
DEF
refuse turned "bits out of range" <<'DEF'
DESC(8, d, "")
WORD(64, w, "")
BITS(3, 4, turned, "")
DEF
refuse wide "bits out of range" <<'DEF'
REG(32, r, 0, rw, "")
BITS(32, 30, wide, "")
DEF
refuse twin "name is used twice" <<'DEF'
DESC(8, d, "")
WORD(64, w, "")
BITS(0, 0, twin, "")
BITS(1, 1, twin, "")
DEF
refuse short_one "words do not add up to its size" <<'DEF'
DESC(16, short_one, "")
WORD(64, w, "")
DEF
refuse long_one "words do not add up to its size" <<'DEF'
DESC(8, long_one, "")
WORDS(64, w, 2, "")
DEF
refuse empty "words do not add up to its size" <<'DEF'
DESC(0, empty, "")
DEF
refuse huge "too large for the agreement test" <<'DEF'
DESC(520, huge, "")
WORDS(64, w, 65, "")
DEF
refuse skewed "not naturally aligned" <<'DEF'
DESC(16, d, "")
WORD(32, w, "")
WORD(64, skewed, "")
WORD(32, x, "")
DEF
refuse odd "a word has 16, 32 or 64 bits" <<'DEF'
DESC(8, d, "")
WORD(24, odd, "")
WORD(32, w, "")
DEF
refuse none "a word has 16, 32 or 64 bits" <<'DEF'
DESC(8, d, "")
WORD(0, none, "")
DEF
refuse list "an array has no bits" <<'DEF'
DESC(16, d, "")
WORDS(64, list, 2, "")
BITS(0, 0, b, "")
DEF
refuse nothing "an array has elements" <<'DEF'
DESC(8, d, "")
WORDS(64, nothing, 0, "")
WORD(64, w, "")
DEF
refuse w "name is used twice" <<'DEF'
DESC(16, d, "")
WORD(64, w, "")
BITS(0, 0, b, "")
WORD(64, w, "")
DEF
refuse askew "offset overlaps or is not aligned" <<'DEF'
REG(32, askew, 0x2, rw, "")
DEF
refuse over "offset overlaps or is not aligned" <<'DEF'
REGS(32, many, 0x0, rw, 4, 4, "")
REG(32, over, 0xc, rw, "")
DEF
refuse back "offset overlaps or is not aligned" <<'DEF'
REG(32, r, 0x8, rw, "")
REG(32, back, 0x4, rw, "")
DEF
refuse small "a register has 32 bits" <<'DEF'
REG(16, small, 0x0, rw, "")
DEF
refuse dense "array elements overlap or are not aligned" <<'DEF'
REGS(32, dense, 0x0, rw, 2, 4, "")
DEF
refuse loose "array elements overlap or are not aligned" <<'DEF'
REGS(32, loose, 0x0, rw, 6, 4, "")
DEF
refuse far "outside of BAR 0" <<'DEF'
REGS(32, far, 0xfff8, rw, 4, 3, "")
DEF
refuse r "name is used twice" <<'DEF'
REG(32, r, 0x0, rw, "")
REG(32, r, 0x4, rw, "")
DEF
refuse big "value does not fit" <<'DEF'
ENUM(2, e, "")
VAL(4, big, "")
DEF
refuse same "value is used twice" <<'DEF'
ENUM(2, e, "")
VAL(1, other, "")
VAL(1, same, "")
DEF
refuse same "name is used twice" <<'DEF'
ENUM(2, e, "")
VAL(1, same, "")
VAL(2, same, "")
DEF
refuse e "an enum has 1 to 32 bits" <<'DEF'
ENUM(33, e, "")
VAL(0, v, "")
DEF
refuse thing "name is used twice" <<'DEF'
ENUM(2, thing, "")
VAL(0, v, "")
DESC(8, thing, "")
WORD(64, w, "")
DEF
refuse v "in the wrong place" <<'DEF'
DESC(8, d, "")
WORD(64, w, "")
VAL(0, v, "")
DEF
refuse w "in the wrong place" <<'DEF'
REG(32, r, 0x0, rw, "")
WORD(32, w, "")
DEF
refuse b "in the wrong place" <<'DEF'
ENUM(2, e, "")
BITS(0, 0, b, "")
DEF
refuse b "in the wrong place" <<'DEF'
DESC(8, d, "")
BITS(0, 0, b, "")
WORD(64, w, "")
DEF
refuse lonely "in the wrong place" <<'DEF'
WORD(64, lonely, "")
DEF

rm -rf "$work"
echo "refuse: $cases descriptions, $failed wrong"
[ "$failed" = 0 ]
