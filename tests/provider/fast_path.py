#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
"""Usage: fast_path.py OBJECT...

Looks at the machine code of post.c, wr.c and poll.c: there is no division in them, and no
call through a pointer."""

import re
import subprocess
import sys
from pathlib import Path

FILES = ["post.c.o", "ud.c.o", "wr.c.o", "poll.c.o"]
UNWANTED = {
    "division": re.compile(r"\t(i?div[bwlq]?|[us]div)\b"),
    "call through a pointer": re.compile(r"\t(notrack )?(call[q]?|jmp[q]?) +\*|\tblr\b"),
}


def main():
    objects = [path for path in map(Path, sys.argv[1:]) if path.name in FILES]
    if sorted(path.name for path in objects) != sorted(FILES):
        sys.exit(f"not all of {FILES} among {sys.argv[1:]}")
    bad = 0
    for path in objects:
        code = subprocess.run(
            ["objdump", "-d", "--no-show-raw-insn", path],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        where = "?"
        for line in code.splitlines():
            if match := re.match(r"[0-9a-f]+ <(.+)>:", line):
                where = match[1]
            for what, pattern in UNWANTED.items():
                if pattern.search(line):
                    print(f"{path.name}, {where}: {what}: {line.strip()}")
                    bad += 1
    return bool(bad)


if __name__ == "__main__":
    sys.exit(main())
