#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
"""Print tern_icrc_pkg.sv, the constant matrices of tern_icrc.

The CRC is that of Ethernet with the low bit first: a step takes one bit and divides by the
polynomial. All of it is linear over GF(2), so what many steps do is a matrix, and a row of it
names the bits whose XOR is one bit of the result. The bench of tern_icrc compares every column
with a CRC that goes bit by bit.
"""

POLY = 0xEDB88320


def zeros(state, count):
    """The state after `count` bits of zero."""
    for _ in range(count):
        state = (state >> 1) ^ (POLY if state & 1 else 0)
    return state


def before_zeros(state, count):
    """The state before `count` bits of zero: the division is done backwards."""
    for _ in range(count):
        high = state >> 31
        state = ((state ^ (POLY if high else 0)) << 1 | high) & 0xFFFFFFFF
    return state


def rows(columns):
    """Transpose: columns of 32 bits become 32 rows."""
    return [sum((column >> row & 1) << i for i, column in enumerate(columns)) for row in range(32)]


def show(name, comment, width, columns):
    digits = width // 4
    print(f"  // {comment}")
    print(f"  localparam logic [{32 * width - 1}:0] {name} = {{")
    lines = [f"    {width}'h{row:0{digits}x}" for row in reversed(rows(columns))]
    print(",\n".join(lines))
    print("  };\n")


def main():
    print("// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause")
    print("//")
    print("// Made by common/tern_icrc_tables.py: matrices of tern_icrc. Row n of a matrix, in bits")
    print("// [n * width +: width], names the bits of the input whose XOR is bit n of the result.\n")
    print("package tern_icrc_pkg;\n")
    # Bit i of a beat is followed by 512 - i steps, its own included
    beat = [zeros(1, 512 - i) for i in range(512)]
    show("Beat", "512 bits of data to the CRC of them", 512, beat)
    for size in (2, 6, 10, 14, 16, 32, 48):
        columns = [before_zeros(1 << i, 8 * size) for i in range(32)]
        assert all(zeros(c, 8 * size) == 1 << i for i, c in enumerate(columns))
        show(f"Back{size}", f"A CRC to what it was {size} bytes of zero before", 32, columns)
    print("endpackage")


if __name__ == "__main__":
    main()
