#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
"""Usage: unpack_kernel.py BZIMAGE VMLINUX

Takes the ELF kernel out of a bzImage. QEMU enters it directly (PVH), which spares
the guest its own, emulated decompression."""

import struct
import subprocess
import sys

TOOLS = {
    b"\x28\xb5\x2f\xfd": ["zstd", "-dc"],
    b"\xfd7zXZ\x00": ["xz", "-dc"],
    b"\x1f\x8b": ["gzip", "-dc"],
}


def compressed_payload(image):
    """The payload, found by the fields of the x86 boot protocol (2.08 and later)."""
    if image[0x202:0x206] != b"HdrS":
        raise ValueError("not a bzImage")
    sectors = image[0x1F1] or 4
    offset, length = struct.unpack_from("<II", image, 0x248)
    start = (sectors + 1) * 512 + offset
    # The last four bytes are the unpacked size, appended by the kernel's build.
    return image[start : start + length - 4]


def main():
    bzimage, vmlinux = sys.argv[1:]
    with open(bzimage, "rb") as image:
        payload = compressed_payload(image.read())
    for magic, tool in TOOLS.items():
        if payload.startswith(magic):
            unpacked = subprocess.run(tool, input=payload, stdout=subprocess.PIPE, check=True)
            break
    else:
        raise ValueError("compressed in an unknown way")
    if not unpacked.stdout.startswith(b"\x7fELF"):
        raise ValueError("holds no ELF kernel")
    with open(vmlinux, "wb") as out:
        out.write(unpacked.stdout)


if __name__ == "__main__":
    main()
