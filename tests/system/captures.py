# SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
"""What two others say of a capture: scripts/pcap-icrc of each ICRC, length and checksum, and tshark
of each header that it knows."""

import re
import subprocess
from pathlib import Path

PCAP_ICRC = Path(__file__).resolve().parents[2] / "scripts" / "pcap-icrc"
SHOWN = 20
# tshark looks into payloads and guesses what they are. Ours are random bytes, so it guesses wrong
GUESSES = (
    *("drbd_rdma", "eth_over_ib", "fc_infiniband", "iser_infiniband", "lnet_ib", "mellanox_eoib"),
    *("nvme_rdma", "rpcrdma_infiniband", "sdp_infiniband", "smb_direct_infiniband"),
    "smcr_infiniband",
)
# That RoCE needs no UDP checksum over IPv6 either is an error to tshark, one that hides no other
WRONG = """_ws.malformed or (udp.dstport == 4791 and !infiniband.bth)
    or (_ws.expert.severity == "Error" and !udp.checksum.zero)"""


def run(test, *words):
    """The output's lines"""
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    test.assertEqual(done.returncode, 0, done.stdout + done.stderr)
    return done.stdout.splitlines()


def check_captures(test, folder, least=1, same=False, tagged=False):
    """Those of both ends in the folder that tern-vm --pcap had: at least so many RoCE frames in
    each, nothing wrong with any. same: as many at both ends; tagged: all of them in a VLAN"""
    files = [Path(folder) / f"{end}.pcap" for end in "ab"]
    report = run(test, PCAP_ICRC, "--least", str(least), *files)
    print("\n".join(report))
    if same:
        counts = {line.partition(":")[2] for line in report}
        test.assertEqual(len(counts), 1, "not all has arrived")
    for file, line in zip(files, report):
        frames = len(dissect(test, file, "infiniband.bth"))
        print(f"{file}: tshark dissects {frames} RoCE frames")
        test.assertEqual(frames, int(re.search(r"RoCE (\d+)", line)[1]))
        if tagged:
            test.assertEqual(frames, int(re.search(r"VLAN (\d+)", line)[1]))
        test.assertEqual(dissect(test, file, WRONG)[:SHOWN], [], f"{file}: tshark")


def dissect(test, file, condition):
    """The frames of a capture to which a display filter applies, a line for each"""
    no_guesses = [word for name in GUESSES for word in ("--disable-heuristic", name)]
    return run(test, "tshark", "-n", "-r", file, *no_guesses, "-Y", condition)
