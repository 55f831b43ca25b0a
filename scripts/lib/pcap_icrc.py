# SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
"""Checks the RoCE frames of captures; started by scripts/pcap-icrc, which has the help.

The rules are those of the RoCEv2 annex (A17) and of the transport chapter (9) of the InfiniBand
specification. Nothing here comes from the adapter's sources, so that they cannot share an error."""

import argparse
import struct
import sys

ROCE_PORT = 4791
TYPE_IPV4, TYPE_IPV6, TAGS = 0x0800, 0x86DD, (0x8100, 0x88A8)
ICMP, TCP, UDP, ICMPV6 = 1, 6, 17, 58
BTH_SIZE, ICRC_SIZE, UDP_SIZE = 12, 4, 8
LEAST_FRAME = 60
SHOWN = 20

# ------------------------------------------------------------------------------------- the CRC


def make_tables(polynomial=0xEDB88320):
    """Four tables for four bytes at a time: entry n of table k is byte n followed by k zeros."""
    first = []
    for byte in range(256):
        for _ in range(8):
            byte = byte >> 1 ^ (polynomial if byte & 1 else 0)
        first.append(byte)
    tables = [first]
    for _ in range(3):
        tables.append([value >> 8 ^ first[value & 255] for value in tables[-1]])
    return tables


TABLES = make_tables()


def crc32(data):
    """Bits enter least significant first, register preset and result inverted, as for an FCS."""
    zero, one, two, three = TABLES
    crc = 0xFFFFFFFF
    whole = len(data) & ~3
    for word in struct.unpack_from(f"<{whole // 4}I", data):
        crc ^= word
        crc = three[crc & 255] ^ two[crc >> 8 & 255] ^ one[crc >> 16 & 255] ^ zero[crc >> 24]
    for byte in data[whole:]:
        crc = crc >> 8 ^ zero[(crc ^ byte) & 255]
    return crc ^ 0xFFFFFFFF


def icrc_of(packet, bth):
    """The ICRC of an IP packet without it; bth is where the BTH begins. Fields that routers may
    change count as ones, and so do eight bytes in front, in place of an InfiniBand LRH."""
    masked = bytearray(packet)
    if packet[0] >> 4 == 4:
        masked[1] = masked[8] = 0xFF  # DSCP and ECN, TTL
        masked[10:12] = b"\xff\xff"  # header checksum
    else:
        masked[0] |= 0x0F  # traffic class and flow label, all but the version
        masked[1:4] = b"\xff\xff\xff"
        masked[7] = 0xFF  # hop limit
    masked[bth - 2 : bth] = b"\xff\xff"  # UDP checksum
    masked[bth + 4] = 0xFF  # FECN, BECN and the rest of that byte
    return crc32(b"\xff" * 8 + masked)


# ------------------------------------------------------------------------------------ checksums


def ones_sum(data):
    if len(data) & 1:
        data = bytes(data) + b"\0"
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total


# -------------------------------------------------------------------------------------- opcodes

RETH, AETH, IMM, IETH, ATOMIC, ATOMIC_ACK, DETH = 16, 4, 4, 4, 28, 8, 8
# What the payload may be: none at all; packets of the path MTU; 1 byte up to the MTU; any
NONE, FULL, SOME, ANY = range(4)
OPERATIONS = {
    0x00: (0, FULL),  # SEND first, middle, last, last with immediate
    0x01: (0, FULL),
    0x02: (0, SOME),
    0x03: (IMM, SOME),
    0x04: (0, ANY),  # SEND only, with immediate
    0x05: (IMM, ANY),
    0x06: (RETH, FULL),  # WRITE
    0x07: (0, FULL),
    0x08: (0, SOME),
    0x09: (IMM, SOME),
    0x0A: (RETH, ANY),
    0x0B: (RETH + IMM, ANY),
    0x0C: (RETH, NONE),  # READ request, response first, middle, last, only
    0x0D: (AETH, FULL),
    0x0E: (0, FULL),
    0x0F: (AETH, SOME),
    0x10: (AETH, ANY),
    0x11: (AETH, NONE),  # acknowledge, atomic acknowledge
    0x12: (AETH + ATOMIC_ACK, NONE),
    0x13: (ATOMIC, NONE),  # compare and swap, fetch and add
    0x14: (ATOMIC, NONE),
    0x16: (IETH, SOME),  # SEND with invalidate, last and only
    0x17: (IETH, ANY),
}
RC, UC, UD, CNP = 0, 1, 3, 0x81
UC_LAST = 0x0B
UD_OPERATIONS = (0x04, 0x05)
CNP_SIZE = 16
MTUS = (256, 512, 1024, 2048, 4096)


def find_operation(opcode):
    """Size of the headers behind the BTH, and what the payload may be; None: no such opcode"""
    transport, operation = opcode >> 5, opcode & 31
    if opcode == CNP:
        return CNP_SIZE, NONE
    if operation not in OPERATIONS:
        return None
    headers, payload = OPERATIONS[operation]
    if transport == RC or (transport == UC and operation <= UC_LAST):
        return headers, payload
    if transport == UD and operation in UD_OPERATIONS:
        return headers + DETH, payload
    return None


def check_payload(kind, size, pad):
    """size is that of the payload without pad"""
    if kind == NONE and (size or pad):
        return f"{size + pad} bytes of payload where none may be"
    if kind == FULL and size not in MTUS:
        return f"first or middle packet of {size} bytes"
    if kind == SOME and not size:
        return "last packet without payload"
    if size > MTUS[-1]:
        return f"{size} bytes of payload, more than any MTU"
    return None


def check_reth(opcode, header, size):
    length = int.from_bytes(header[12:16], "big")
    if length > 1 << 31:
        return f"message of {length} bytes"
    if opcode & 31 in (0x0A, 0x0B) and length != size:
        return f"WRITE of {length} bytes with {size} bytes of payload"
    if opcode & 31 == 0x06 and length <= size:
        return f"first packet, {size} bytes, of a WRITE of {length} bytes"
    return None


def check_bth(body):
    """body: from the BTH up to the ICRC, a whole number of words"""
    opcode, flags = body[0], body[1]
    pad = flags >> 4 & 3
    operation = find_operation(opcode)
    if not operation:
        return f"opcode {opcode:#04x}"
    if flags & 15:
        return f"transport version {flags & 15}"
    headers, kind = operation
    size = len(body) - BTH_SIZE - headers - pad
    if size < 0:
        return f"{len(body)} bytes are too few for opcode {opcode:#04x}"
    if pad and any(body[-pad:]):
        return "pad that is not zero"
    wrong = check_payload(kind, size, pad)
    if not wrong and opcode >> 5 in (RC, UC) and opcode & 31 in (0x06, 0x0A, 0x0B, 0x0C):
        wrong = check_reth(opcode, body[BTH_SIZE:], size)
    return wrong


def check_roce(packet, start):
    """packet: IP header to the end of the UDP datagram; start: of the BTH"""
    if (len(packet) - start) % 4:
        return f"{len(packet) - start} bytes, not a whole number of words"
    if len(packet) - start < BTH_SIZE + ICRC_SIZE:
        return "too short for a BTH and an ICRC"
    wrong = check_bth(packet[start:-ICRC_SIZE])
    if wrong:
        return wrong
    found = int.from_bytes(packet[-ICRC_SIZE:], "little")
    right = icrc_of(packet[:-ICRC_SIZE], start)
    return None if found == right else f"ICRC {found:08x}, should be {right:08x}"


# ----------------------------------------------------------------------------------- IP and UDP


def check_ipv4(packet, frame):
    """The header's size, or a text with what is wrong"""
    size = (packet[0] & 15) * 4
    if len(packet) < 20 or packet[0] >> 4 != 4 or size < 20 or len(packet) < size:
        return "no whole IPv4 header"
    if ones_sum(packet[:size]) != 0xFFFF:
        return "IPv4 header checksum"
    frame.length = int.from_bytes(packet[2:4], "big")
    frame.protocol = packet[9]
    frame.fragment = bool(int.from_bytes(packet[6:8], "big") & 0x3FFF)
    frame.options = size > 20
    frame.addresses = packet[12:20]
    return size


def check_ipv6(packet, frame):
    if len(packet) < 40 or packet[0] >> 4 != 6:
        return "no whole IPv6 header"
    frame.length = 40 + int.from_bytes(packet[4:6], "big")
    frame.protocol = packet[6]
    frame.addresses = packet[8:40]
    return 40


class Frame:
    """One frame: what it is (kind, tagged), and what is wrong with it, if anything"""

    def __init__(self, data):
        self.kind = None  # of RoCE frames: 4 or 6
        self.tagged = False
        self.fragment = self.options = False
        self.wrong = self.check(data)

    def check(self, data):
        at = 12
        while len(data) >= at + 2 and int.from_bytes(data[at : at + 2], "big") in TAGS:
            at += 4
            self.tagged = True
        kind = int.from_bytes(data[at : at + 2], "big")
        packet = data[at + 2 :]
        if len(data) < 14:
            return "no whole Ethernet header"
        if kind not in (TYPE_IPV4, TYPE_IPV6) or not packet:
            return None
        size = (check_ipv4 if kind == TYPE_IPV4 else check_ipv6)(packet, self)
        if isinstance(size, str):
            return size
        if not size <= self.length <= len(packet):
            return f"IP length {self.length} of {len(packet)} bytes"
        rest = packet[self.length :]
        if rest and (len(data) > LEAST_FRAME + at - 12 or any(rest)):
            return f"{len(rest)} bytes behind the packet"
        return self.check_transport(packet[: self.length], size, 4 if kind == TYPE_IPV4 else 6)

    def check_transport(self, packet, start, version):
        segment = packet[start:]
        is_udp = self.protocol == UDP and len(segment) >= UDP_SIZE
        if is_udp and int.from_bytes(segment[2:4], "big") == ROCE_PORT:
            self.kind = version
        if self.fragment or self.options:
            return "RoCE in a fragment or with IP options" if self.kind else None
        if self.protocol == UDP:
            if not is_udp or int.from_bytes(segment[4:6], "big") != len(segment):
                return "UDP length"
        if not self.is_sum_right(segment, version):
            return f"checksum of protocol {self.protocol}"
        return check_roce(packet, start + UDP_SIZE) if self.kind else None

    def is_sum_right(self, segment, version):
        if self.protocol == UDP and segment[6:8] == b"\0\0":
            # The sender did without. RoCE may, also over IPv6
            return version == 4 or self.kind is not None
        if self.protocol == ICMP:
            return ones_sum(segment) == 0xFFFF
        if self.protocol in (UDP, TCP, ICMPV6):
            pseudo = self.addresses + struct.pack(">II", len(segment), self.protocol)
            return ones_sum(pseudo + segment) == 0xFFFF
        return True


# ------------------------------------------------------------------------------------- captures

MAGICS = {0xA1B2C3D4, 0xA1B23C4D}  # times in us, in ns
ETHERNET = 1


class Unreadable(Exception):
    pass


def read_frames(path):
    """The frames' bytes; those of which only a part was captured as None"""
    with open(path, "rb") as file:
        header = file.read(24)
        order = next((o for o in "<>" if len(header) == 24 and
                      struct.unpack(f"{o}I", header[:4])[0] in MAGICS), None)
        if not order:
            raise Unreadable("not a pcap file")
        if struct.unpack(f"{order}I", header[20:])[0] & 0xFFFF != ETHERNET:
            raise Unreadable("not a capture of Ethernet")
        while head := file.read(16):
            if len(head) < 16:
                raise Unreadable("ends within a frame")
            _, _, captured, length = struct.unpack(f"{order}4I", head)
            data = file.read(captured) if captured <= 1 << 18 else b""
            if len(data) < captured:
                raise Unreadable("ends within a frame")
            yield data if captured == length else None


def check_file(path, least):
    """Whether all is right"""
    frames = roce = ipv6 = tagged = wrong = 0
    for data in read_frames(path):
        frames += 1
        frame = Frame(data) if data is not None else None
        text = frame.wrong if frame else "captured in part only"
        if frame and frame.kind:
            roce += 1
            ipv6 += frame.kind == 6
            tagged += frame.tagged
        if text:
            wrong += 1
            if wrong <= SHOWN:
                print(f"{path}: frame {frames}: {text}")
    print(f"{path}: {frames} frames, RoCE {roce} (IPv4 {roce - ipv6}, IPv6 {ipv6}, "
          f"VLAN {tagged}), wrong {wrong}")
    if roce < least:
        print(f"{path}: less than {least} RoCE frames")
    return not wrong and roce >= least


def main():
    parser = argparse.ArgumentParser(prog="pcap-icrc", add_help=False)
    parser.add_argument("--least", type=int, default=0)
    parser.add_argument("files", nargs="+")
    options = parser.parse_args()
    status = 0
    for path in options.files:
        try:
            if not check_file(path, options.least):
                status = max(status, 1)
        except (OSError, Unreadable) as error:
            print(f"pcap-icrc: {path}: {error}", file=sys.stderr)
            status = 2
    return status


if __name__ == "__main__":
    sys.exit(main())
