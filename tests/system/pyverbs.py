#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
"""pyverbs' own tests in a guest. Both ends of their traffic are QPs of tern0, which it turns back
itself. Of the modules below exactly the tests of PASS must pass, and the others be skipped: what is
not there is refused with EOPNOTSUPP, which is how these tests know."""

import unittest
from pathlib import Path

from guest import GuestTest

HERE = Path(__file__).resolve().parent
MODULES = [
    *["test_addr", "test_atomic", "test_cq", "test_cq_events", "test_cqex", "test_device"],
    *["test_fork", "test_mr", "test_parent_domain", "test_pd", "test_qp", "test_qpex"],
    *["test_rdmacm", "test_relaxed_ordering"],
]
PASS = """
    addr.AHTest.test_create_ah
    addr.AHTest.test_create_ah_roce
    addr.AHTest.test_destroy_ah
    atomic.AtomicTest.test_atomic_cmp_and_swap
    atomic.AtomicTest.test_atomic_fetch_and_add
    atomic.AtomicTest.test_atomic_invalid_lkey
    atomic.AtomicTest.test_atomic_invalid_mr_access
    atomic.AtomicTest.test_atomic_invalid_qp_access
    atomic.AtomicTest.test_atomic_invalid_rkey
    atomic.AtomicTest.test_atomic_non_aligned_addr
    cq.CQAPITest.test_create_cq
    cq.CQAPITest.test_create_cq_bad_flow
    cq.CQAPITest.test_create_cq_with_comp_channel
    cq_events.CqEventsTestCase.test_cq_events_rc
    cq_events.CqEventsTestCase.test_cq_events_ud
    cqex.CQEXAPITest.test_create_cq_ex
    cqex.CQEXAPITest.test_create_cq_ex_bad_flow
    cqex.CqExTestCase.test_rc_traffic_cq_ex
    cqex.CqExTestCase.test_ud_traffic_cq_ex
    device.DeviceTest.test_dev_list
    device.DeviceTest.test_get_pkey_index
    device.DeviceTest.test_open_dev
    device.DeviceTest.test_phys_port_cnt_ex
    device.DeviceTest.test_query_device
    device.DeviceTest.test_query_device_ex
    device.DeviceTest.test_query_gid
    device.DeviceTest.test_query_gid_ex
    device.DeviceTest.test_query_gid_ex_bad_flow
    device.DeviceTest.test_query_gid_table
    device.DeviceTest.test_query_gid_table_bad_flow
    device.DeviceTest.test_query_pkey
    device.DeviceTest.test_query_port
    device.DeviceTest.test_query_port_bad_flow
    fork.ForkAPITest.test_is_fork_initialized
    mr.MRTest.test_mr_rereg_access
    mr.MRTest.test_mr_rereg_access_bad_flow
    mr.MRTest.test_mr_rereg_addr
    mr.MRTest.test_mr_rereg_atomic
    mr.MRTest.test_mr_rereg_pd
    mr.MRTest.test_reg_mr_bad_flags
    parent_domain.ParentDomainTrafficTest.test_default_allocators_rc_traffic
    parent_domain.ParentDomainTrafficTest.test_huge_page_traffic
    parent_domain.ParentDomainTrafficTest.test_mem_align_rc_traffic
    parent_domain.ParentDomainTrafficTest.test_mem_align_ud_traffic
    parent_domain.ParentDomainTrafficTest.test_without_allocators_rc_traffic
    pd.PDTest.test_alloc_pd
    pd.PDTest.test_dealloc_pd
    pd.PDTest.test_destroy_pd_twice
    pd.PDTest.test_multiple_pd_creation
    qp.QPTest.test_create_raw_qp_ex_with_illegal_caps_max_recv_sge
    qp.QPTest.test_create_raw_qp_ex_with_illegal_caps_max_recv_wr
    qp.QPTest.test_create_raw_qp_ex_with_illegal_caps_max_send_sge
    qp.QPTest.test_create_raw_qp_ex_with_illegal_caps_max_send_wr
    qp.QPTest.test_create_rc_qp_ex_no_attr
    qp.QPTest.test_create_rc_qp_ex_with_attr
    qp.QPTest.test_create_rc_qp_no_attr
    qp.QPTest.test_create_rc_qp_with_attr
    qp.QPTest.test_create_uc_qp_ex_no_attr
    qp.QPTest.test_create_uc_qp_ex_with_attr
    qp.QPTest.test_create_uc_qp_no_attr
    qp.QPTest.test_create_uc_qp_with_attr
    qp.QPTest.test_create_ud_qp_ex_no_attr
    qp.QPTest.test_create_ud_qp_ex_with_attr
    qp.QPTest.test_create_ud_qp_no_attr
    qp.QPTest.test_create_ud_qp_with_attr
    qp.QPTest.test_modify_ud_qp
    qp.QPTest.test_query_data_in_order
    qp.QPTest.test_query_rc_qp
    qp.QPTest.test_query_uc_qp
    qp.QPTest.test_query_ud_qp
    qpex.QpExTestCase.test_full_rq_bad_flow
    qpex.QpExTestCase.test_post_receive_qp_state_bad_flow
    qpex.QpExTestCase.test_post_send_qp_state_bad_flow
    qpex.QpExTestCase.test_qp_ex_rc_atomic_cmp_swp
    qpex.QpExTestCase.test_qp_ex_rc_atomic_fetch_add
    qpex.QpExTestCase.test_qp_ex_rc_rdma_read
    qpex.QpExTestCase.test_qp_ex_rc_rdma_read_zero_size
    qpex.QpExTestCase.test_qp_ex_rc_rdma_write
    qpex.QpExTestCase.test_qp_ex_rc_rdma_write_imm
    qpex.QpExTestCase.test_qp_ex_rc_rdma_write_zero_length
    qpex.QpExTestCase.test_qp_ex_rc_send
    qpex.QpExTestCase.test_qp_ex_rc_send_imm
    qpex.QpExTestCase.test_qp_ex_ud_send
    qpex.QpExTestCase.test_qp_ex_ud_send_imm
    qpex.QpExTestCase.test_qp_ex_ud_zero_size
    qpex.QpExTestCase.test_rq_with_larger_sgl_bad_flow
    rdmacm.CMTestCase.test_rdmacm_async_ex_leave_multicast_traffic
    rdmacm.CMTestCase.test_rdmacm_async_ex_multicast_traffic
    rdmacm.CMTestCase.test_rdmacm_async_multicast_traffic
    rdmacm.CMTestCase.test_rdmacm_async_read
    rdmacm.CMTestCase.test_rdmacm_async_reject_traffic
    rdmacm.CMTestCase.test_rdmacm_async_traffic
    rdmacm.CMTestCase.test_rdmacm_async_traffic_external_qp
    rdmacm.CMTestCase.test_rdmacm_async_udp_traffic
    rdmacm.CMTestCase.test_rdmacm_async_write
    rdmacm.CMTestCase.test_rdmacm_sync_traffic
    relaxed_ordering.RoTestCase.test_ro_rc_traffic
    relaxed_ordering.RoTestCase.test_ro_ud_traffic
"""


class Pyverbs(GuestTest):
    def test_each(self):
        runner = f"{HERE / 'pyverbs_each.py'}:/root/pyverbs_each.py"
        names = " ".join(f"tests.{module}" for module in MODULES)
        # One test has its rings in a huge page
        script = f"sysctl -qw vm.nr_hugepages=8; a python3 /root/pyverbs_each.py {names}"
        done = self.run_vm("--timeout", "900", "--file", runner, "--", script, timeout=1200)
        out = done.stdout.decode()
        report = out + done.stderr.decode()
        self.assertEqual(done.returncode, 0, report)
        results = [line.split() for line in out.splitlines() if " tests." in line]
        passed = {test for result, test, *_ in results if result == "pass"}
        self.assertEqual(passed, {f"tests.test_{test}" for test in PASS.split()}, report)
        others = {result for result, *_ in results} - {"pass", "skip"}
        self.assertEqual(others, set(), report)


if __name__ == "__main__":
    unittest.main(verbosity=2)
