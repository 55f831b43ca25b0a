#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
"""scripts/pcap-icrc on frames of other implementations, and on frames that are built here with
zlib's CRC, from the fields up: what the CRC sees is written down, not masked out of the frame."""

import random
import struct
import subprocess
import tempfile
import unittest
import zlib
from pathlib import Path

PCAP_ICRC = Path(__file__).resolve().parents[2] / "scripts" / "pcap-icrc"

# A CNP that a ConnectX-4 Lx sent (from scapy's tests)
CONNECTX_CNP = bytes.fromhex(
    "e41d2dab2bc27cfe90643b32080045c2003c718c4000401191610a0011010a001201000012b70028000081"
    "00ffff40000118000000000000000000000000000000000000000082fd002a"
)
# A UC SEND of 18 bytes, ECN 1, captured on real adapters (scapy's tests have its ICRC)
CONNECTX_UC = (
    bytes.fromhex("248a07a8fa22248a07a8fa220800450100400478400040110000c0a80007c0a80007")
    + bytes.fromhex("c00012b7002c0000" + "2460ffff000000d300cf1710")
    + b"F0\x81\x8b\xe2\x895\xd9\x0e\x9a\x95PT\x01\xbe\x88^P\0\0"
    + bytes.fromhex("78f353f3")
)
ETHERNET = bytes.fromhex("02544e00000202544e000001")
V4 = bytes.fromhex("0a4d00010a4d0002")
V6 = bytes.fromhex("fd770000000000000000000000000001fd770000000000000000000000000002")


def checksum(data):
    data += b"\0" * (len(data) & 1)
    total = sum(data[i] << 8 | data[i + 1] for i in range(0, len(data), 2))
    return ~(total % 0xFFFF) & 0xFFFF if total % 0xFFFF else 0


def ipv4(size, tos=0, ttl=64, protocol=17, flags=0x4000):
    """The header as it is sent, and as the ICRC has it"""
    head = struct.pack(">BBHHHBB", 0x45, tos, size + 20, 7, flags, ttl, protocol)
    plain = head + b"\0\0" + V4
    sent = head + struct.pack(">H", checksum(plain)) + V4
    seen = struct.pack(">BBHHHBBH", 0x45, 255, size + 20, 7, flags, 255, protocol, 0xFFFF) + V4
    return b"\x08\x00", sent, seen


def ipv6(size, tos=0, ttl=64, label=0, protocol=17):
    sent = struct.pack(">IHBB", 6 << 28 | tos << 20 | label, size, protocol, ttl) + V6
    seen = struct.pack(">IHBB", 0x6FFFFFFF, size, protocol, 255) + V6
    return b"\x86\xdd", sent, seen


def roce(opcode, rest=b"", pad=None, ip=ipv4, tags=b"", fecn=0, udp_sum=False, version=0, **more):
    """A frame; rest: headers behind the BTH and the payload, padded here unless pad is given"""
    if pad is None:
        pad = -len(rest) % 4
        rest += b"\0" * pad
    flags = 0x40 | pad << 4 | version
    bth = struct.pack(">BBHII", opcode, flags, 0xFFFF, fecn << 24 | 0x12, 0x80000345)
    seen_bth = struct.pack(">BBHII", opcode, flags, 0xFFFF, 0xFF000012, 0x80000345)
    size = 8 + len(bth) + len(rest) + 4
    kind, head, seen_head = ip(size, **more)
    ports = struct.pack(">HHH", 0xC123, 4791, size)
    seen = b"\xff" * 8 + seen_head + ports + b"\xff\xff" + seen_bth + rest
    icrc = struct.pack("<I", zlib.crc32(seen))
    summed = 0
    if udp_sum:
        addresses = V4 if ip is ipv4 else V6
        pseudo = addresses + struct.pack(">II", size, 17)
        summed = checksum(pseudo + ports + b"\0\0" + bth + rest + icrc) or 0xFFFF
    datagram = ports + struct.pack(">H", summed) + bth + rest + icrc
    return ETHERNET + tags + kind + head + datagram


def reth(length):
    return struct.pack(">QII", 0x1000, 0x77, length)


AETH = struct.pack(">I", 0x1F000001)


def pcap(frames, magic=0xA1B23C4D, order="<", link=1, cut=0):
    text = struct.pack(f"{order}IHHIIII", magic, 2, 4, 0, 0, 65535, link)
    for frame in frames:
        text += struct.pack(f"{order}IIII", 1, 2, len(frame) - cut, len(frame))
        text += frame[: len(frame) - cut]
    return text


class PcapIcrc(unittest.TestCase):
    def run_on(self, content, *options):
        with tempfile.NamedTemporaryFile(prefix="tern-test.") as file:
            file.write(content)
            file.flush()
            argv = [PCAP_ICRC, *options, file.name]
            done = subprocess.run(argv, capture_output=True, text=True, check=False)
            return done.returncode, done.stdout + done.stderr

    def accept(self, *frames, roce=None, **how):
        status, text = self.run_on(pcap(frames, **how))
        self.assertEqual(status, 0, text)
        self.assertIn(f"RoCE {len(frames) if roce is None else roce} ", text)
        return text

    def refuse(self, frames, *words):
        """Each frame is wrong, for the reason that stands at its place"""
        status, text = self.run_on(pcap(frames))
        lines = text.splitlines()
        self.assertEqual((status, len(lines)), (1, len(frames) + 1), text)
        for line, word in zip(lines, words * (len(frames) if len(words) == 1 else 1)):
            self.assertIn(word, line)

    def test_other_peoples_frames(self):
        uc = bytearray(CONNECTX_UC)
        uc[24:26] = struct.pack(">H", checksum(bytes(uc[14:34])))
        self.assertEqual(bytes(uc[24:26]), bytes.fromhex("b4d5"))
        self.accept(CONNECTX_CNP, bytes(uc))

    def test_forms(self):
        vlan, double = bytes.fromhex("81006005"), bytes.fromhex("88a8000781000005")
        frames = [
            roce(0x04, b"abcde", ip=ip, tags=tags, fecn=fecn, udp_sum=udp_sum, tos=tos, ttl=ttl)
            for ip in (ipv4, ipv6)
            for tags in (b"", vlan, double)
            for fecn, udp_sum, tos, ttl in ((0, False, 0, 64), (0xC0, True, 0xBA, 1))
        ]
        text = self.accept(*frames, roce(0x04, b"x", ip=ipv6, label=0x12345))
        self.assertIn("(IPv4 6, IPv6 7, VLAN 8), wrong 0", text)
        for order in "<>":
            self.accept(*frames, order=order)
            self.accept(*frames, order=order, magic=0xA1B2C3D4)

    def test_all_opcodes(self):
        full, some = bytes(range(256)) * 4, b"some bytes"
        frames = [
            *(roce(top | op, full) for top in (0, 0x20) for op in (0, 1, 7)),
            *(roce(top | op, some) for top in (0, 0x20) for op in (2, 4, 8)),
            *(roce(top | op, b"imm." + some) for top in (0, 0x20) for op in (3, 5, 9)),
            *(roce(top | 6, reth(5000) + full) for top in (0, 0x20)),
            *(roce(top | 10, reth(10) + some) for top in (0, 0x20)),
            *(roce(top | 11, reth(10) + b"imm." + some) for top in (0, 0x20)),
            roce(0x0C, reth(1 << 31)),
            *(roce(op, AETH + full) for op in (0x0D, 0x0F, 0x10)),
            roce(0x0E, full),
            roce(0x10, AETH),
            roce(0x11, AETH),
            roce(0x12, AETH + bytes(8)),
            *(roce(op, bytes(28)) for op in (0x13, 0x14)),
            *(roce(op, b"rkey" + some) for op in (0x16, 0x17)),
            roce(0x64, bytes(8) + some),
            roce(0x65, bytes(12)),
            roce(0x81, bytes(16)),
        ]
        self.accept(*frames)

    def test_every_bit_counts(self):
        """In what the ICRC covers and nothing else does: the datagram without its checksum"""
        for ip, start in ((ipv4, 34), (ipv6, 54)):
            good = roce(0x04, b"0123456789abcdef", ip=ip)
            frames = []
            for bit in range((start + 8) * 8, len(good) * 8):
                bad = bytearray(good)
                bad[bit // 8] ^= 1 << bit % 8
                if bit // 8 != start + 8 + 4:  # FECN and BECN do not
                    frames.append(bytes(bad))
            status, text = self.run_on(pcap(frames))
            self.assertEqual(status, 1)
            self.assertIn(f"wrong {len(frames)}\n", text)

    def test_random_frames(self):
        draw = random.Random(4)
        frames = [
            roce(0x04, draw.randbytes(draw.randrange(4097)), ip=draw.choice((ipv4, ipv6)),
                 tos=draw.randrange(256), ttl=draw.randrange(1, 256), fecn=draw.randrange(256),
                 udp_sum=draw.choice((False, True)))
            for _ in range(200)
        ]
        self.accept(*frames)

    def test_wrong_lengths(self):
        self.refuse([roce(0x04, b"abcde", pad=0)], "whole number of words")
        self.refuse([roce(0x04, b"abcd\0\1\0\0", pad=3)], "pad that is not zero")
        self.refuse([roce(0x04, b"", pad=1)], "too few")
        self.refuse([roce(0x11, b"")], "too few")
        self.refuse([roce(0x0C, reth(4) + b"data")], "none may be")
        self.refuse([roce(0x00, b"x" * 1000), roce(0x0E, b"x" * 8192)], "first or middle")
        self.refuse([roce(0x02), roce(0x0F, AETH)], "without payload")
        self.refuse([roce(0x04, b"x" * 4100)], "more than any MTU")
        self.refuse([roce(0x0A, reth(4) + b"12345"), roce(0x0A, reth(9) + b"12345")], "WRITE of")
        self.refuse([roce(0x06, reth(256) + b"x" * 256)], "first packet")
        self.refuse([roce(0x0C, reth((1 << 31) + 1))], "message of")
        self.refuse([roce(0x15), roce(0x2C, reth(4)), roce(0x44, b""), roce(0xC4, b"")], "opcode")
        self.refuse([roce(0x04, version=1)], "transport version")

    def test_wrong_headers(self):
        good = roce(0x04, b"0123456789abcdef")
        for at, word in ((24, "header checksum"), (16, "header checksum"), (38, "UDP length")):
            bad = bytearray(good)
            bad[at] ^= 1
            self.refuse([bytes(bad)], word)
        self.refuse([good[:-1], good[:20], good[:10]], "IP length", "no whole IPv4", "no whole Eth")
        self.refuse([good + bytes(4)], "behind the packet")
        bad = bytearray(roce(0x04, b"0123", udp_sum=True))
        bad[40] ^= 1
        self.refuse([bytes(bad)], "checksum of protocol 17")
        self.refuse([roce(0x04, b"0123", flags=0x2000)], "fragment")

    def test_padding_of_the_mac(self):
        short = roce(0x11, AETH)  # 62 bytes; an IP packet that is shorter needs it
        udp = struct.pack(">HHHH", 1, 2, 9, 0) + b"x"
        kind, head, _ = ipv4(len(udp))
        tiny = ETHERNET + kind + head + udp
        self.accept(short, tiny.ljust(60, b"\0"), ETHERNET + b"\x08\x06" + b"arp", roce=1)
        self.refuse([tiny.ljust(60, b"\1")], "behind the packet")

    def test_other_checksums(self):
        def frame(ip, protocol, at, segment):
            kind, head, _ = ip(len(segment), protocol=protocol)
            pseudo = (V4 if ip is ipv4 else V6) + struct.pack(">II", len(segment), protocol)
            if protocol == 1:
                pseudo = b""
            summed = struct.pack(">H", checksum(pseudo + segment))
            return ETHERNET + kind + head + segment[:at] + summed + segment[at + 2 :]

        tcp = bytearray(b"segment of TCP, with an odd size ")
        tcp[16:18] = b"\0\0"
        echo = b"\x08\0\0\0echo it"
        udp = struct.pack(">HHHH", 1, 2, 12, 0) + b"abcd"
        good = [frame(ip, 6, 16, bytes(tcp)) for ip in (ipv4, ipv6)]
        good += [frame(ip, 17, 6, udp) for ip in (ipv4, ipv6)]
        good += [frame(ipv4, 1, 2, echo), frame(ipv6, 58, 2, echo)]
        good = [data.ljust(60, b"\0") for data in good]
        self.accept(*good, roce=0)
        bad = [bytearray(data) for data in good]
        for data in bad:
            data[40] ^= 7  # of the payload, or of IPv6's addresses
        self.refuse([bytes(data) for data in bad], "checksum of protocol")

    def test_files(self):
        good = roce(0x04, b"abc")
        self.assertEqual(self.run_on(pcap([good]), "--least", "1")[0], 0)
        self.assertEqual(self.run_on(pcap([good]), "--least", "2")[0], 1)
        self.assertEqual(self.run_on(pcap([good], cut=1))[0], 1)
        for content in (b"", b"text", pcap([good])[:-1], pcap([good])[:30], pcap([], link=101),
                        pcap([], magic=0x0A0D0D0A)):
            status, text = self.run_on(content)
            self.assertEqual((status, len(text.splitlines())), (2, 1), text)
        self.assertEqual(subprocess.run([PCAP_ICRC, "/nonexistent"], capture_output=True,
                                        check=False).returncode, 2)


if __name__ == "__main__":
    unittest.main(verbosity=2)
