#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
"""Makes a small capture for the fuzzer out of large ones: pick.py OUT.pcap IN.pcap...

A few frames of each kind are kept: each opcode over IPv4 and IPv6, with and without a VLAN tag, each
kind of AETH, short and long; of frames that are not RoCE, a few of each protocol. Times are left out,
so that the same input gives the same file. Its first frame holds the licence.

The captures here were made by

    tern-vm --pcap DIR                              tern.pcap, of DIR/a.pcap
    tern-vm --impair drop=3,only=roce --pcap DIR    loss.pcap
    tern-vm --peer rxe --pcap DIR                   rxe.pcap, Soft-RoCE is the peer

with ibv_rc_pingpong, ibv_uc_pingpong, ibv_ud_pingpong, ib_send_bw, ib_read_bw, ib_write_lat,
ib_read_lat, ib_atomic_lat (both atomics) and ib_write_bw --write_with_imm, over both IP versions."""

import struct
import sys

LICENCE = b"SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause\n"
SIZES = (90, 200, 600, 1200)  # the smallest frame of a kind above each of them is kept as well
EACH = 3
ROCE = 4791


def read_frames(path):
    with open(path, "rb") as file:
        header = file.read(24)
        if header[:4] not in (b"\xd4\xc3\xb2\xa1", b"\x4d\x3c\xb2\xa1"):
            raise SystemExit(f"{path}: not a capture")
        while head := file.read(16):
            size, length = struct.unpack("<2I", head[8:])
            data = file.read(size)
            if size == length:
                yield data


def kind_of(frame):
    """What makes two frames alike"""
    at, tagged = 12, False
    if frame[at:at + 2] == b"\x81\x00":
        at, tagged = 16, True
    ether = frame[at:at + 2]
    ip = at + 2
    udp = ip + (20 if ether == b"\x08\x00" else 40)
    protocol = frame[ip + 9] if ether == b"\x08\x00" else frame[ip + 6] if ether == b"\x86\xdd" else 0
    if protocol != 17 or int.from_bytes(frame[udp + 2:udp + 4], "big") != ROCE:
        return ("other", ether, protocol)
    bth = udp + 8
    opcode = frame[bth]
    syndrome = frame[bth + 12] >> 5 if opcode in (0x0D, 0x0F, 0x10, 0x11, 0x12) else 0
    code = frame[bth + 12] if syndrome == 3 else 0
    return (opcode, ether, tagged, syndrome, code)


def pick(frames):
    """The first frames of each kind and size"""
    kept, seen = [], {}
    for frame in frames:
        if len(frame) > SIZES[-1]:
            continue
        size = sum(len(frame) > s for s in SIZES)
        key = (kind_of(frame), size)
        seen[key] = seen.get(key, 0) + 1
        if seen[key] <= EACH:
            kept.append(frame)
    return kept


def main():
    if len(sys.argv) < 3:
        raise SystemExit(__doc__)
    kept = pick(frame for path in sys.argv[2:] for frame in read_frames(path))
    licence = b"\xff" * 6 + b"\x02" + bytes(5) + b"\x88\xb5" + b"\n" + LICENCE
    with open(sys.argv[1], "wb") as out:
        out.write(struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, 262144, 1))
        for frame in [licence] + kept:
            out.write(struct.pack("<4I", 0, 0, len(frame), len(frame)) + frame)
    print(f"{sys.argv[1]}: {len(kept)} frames")


if __name__ == "__main__":
    main()
