#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
"""Multicast by the RDMA connection manager: mckey of rdmacm-utils, with several receivers on both
adapters, and with a VLAN; rxe.py has Soft-RoCE at the other end. mckey's sender sends and goes away
without waiting for its completions, so it is asked for a few messages only. Linux joins no groups of
IPv6 over RoCEv2; program mcast of tests/rtl/rdma has them."""

import unittest

from guest import GuestTest

GROUP = "239.77.1."
LIB = """
modprobe rdma_ucm
address() { [ $1 = a ] && echo $net.1 || echo $net.2; }
net=10.77.0
# receive ID END GROUP [OPTION...]
receive() {
    id=$1 end=$2 group=$3
    shift 3
    { timeout 150 $end stdbuf -oL mckey -m $group -b $(address $end) $@; echo "end $?"; } >/tmp/recv.$id 2>&1 &
}
# send END GROUP [OPTION...]: when all receivers are there; then each must have got everything
send() {
    for file in /tmp/recv.*; do
        for try in $(seq 900); do
            grep -q 'receiving data' $file && break
            sleep 0.1
        done
    done
    end=$1 group=$2
    shift 2
    timeout 150 $end mckey -m $group -s -b $(address $end) $@ >/tmp/send 2>&1 || { cat /tmp/send; exit 1; }
    wait
    for file in /tmp/recv.*; do
        grep -qx 'end 0' $file || { echo "$file:"; cat $file; exit 1; }
        rm $file
    done
}
count() { sed -n "s/^$2 //p" /sys/kernel/debug/tern_rdma/$1/stats; }
"""


class Mckey(GuestTest):
    def run_script(self, script):
        done = self.run_vm("--timeout", "400", "--", LIB + script, timeout=700)
        report = done.stdout.decode() + done.stderr.decode()
        self.assertEqual(done.returncode, 0, report)

    def test_adapters(self):
        self.run_script(f"""
            receive 1 a {GROUP}1
            receive 2 a {GROUP}1
            receive 3 b {GROUP}1
            send b {GROUP}1
            # The sender is a member too, but has no receives
            [ $(count tern0 rx_mcast) -eq 10 ] && [ $(count tern1 rx_mcast) -eq 10 ] || exit 2
            receive 1 a {GROUP}2 -c 3 -C 4 -S 1024
            receive 2 b {GROUP}2 -c 3 -C 4 -S 1024
            send a {GROUP}2 -c 1 -C 4 -S 1024
            """)

    def test_vlan(self):
        self.run_script(f"""
            for end in a b; do
                dev=$($end ip -br link | sed -n 's/^\\(e[^ @]*\\).*/\\1/p')
                $end ip link add link $dev name vlan5 type vlan id 5
                $end ip address add $(net=10.78.0 address $end)/24 dev vlan5
                $end ip link set vlan5 up
            done
            net=10.78.0
            sleep 1
            receive 1 a {GROUP}3
            receive 2 b {GROUP}3
            send b {GROUP}3
            receive 1 a {GROUP}3
            receive 2 b {GROUP}3
            send a {GROUP}3
            """)


if __name__ == "__main__":
    unittest.main(verbosity=2)
