// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * Device attributes, user contexts and protection domains
 */

#include <linux/io.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <rdma/uverbs_ioctl.h>

#include "tern-abi.h"
#include "tern_ib.h"

/**
 * tern_ib_udata_in() - read what a provider passes to a verb
 * @udata: of the call
 * @req: request; what the provider does not know of is zero
 * @size: size of the request
 *
 * A request may be longer than what we know if the rest is zero.
 *
 * Return: 0 or a negative errno.
 */
int tern_ib_udata_in(struct ib_udata *udata, void *req, size_t size)
{
	memset(req, 0, size);
	if (udata->inlen > size && !ib_is_udata_cleared(udata, size, udata->inlen - size))
		return -EINVAL;
	return ib_copy_from_udata(req, udata, min(size, udata->inlen));
}

/**
 * tern_ib_udata_out() - answer the provider
 * @udata: of the call
 * @resp: answer; cut to what the provider has room for
 * @size: size of the answer
 *
 * Return: 0 or a negative errno.
 */
int tern_ib_udata_out(struct ib_udata *udata, void *resp, size_t size)
{
	return ib_copy_to_udata(udata, resp, min(size, udata->outlen));
}

/**
 * tern_ib_query_device() - verb query_device
 * @ibdev: the device
 * @attr: attributes
 * @udata: of the call; takes nothing
 *
 * Return: 0 or a negative errno.
 */
int tern_ib_query_device(struct ib_device *ibdev, struct ib_device_attr *attr,
			 struct ib_udata *udata)
{
	struct tern_ib_dev *dev = to_tern_dev(ibdev);

	if (udata->inlen && !ib_is_udata_cleared(udata, 0, udata->inlen))
		return -EINVAL;

	memset(attr, 0, sizeof(*attr));
	attr->fw_ver = dev->caps.hw_version;
	attr->sys_image_guid = ibdev->node_guid;
	attr->vendor_id = TERN_HW_PCI_VENDOR;
	attr->vendor_part_id = TERN_HW_PCI_DEVICE;
	attr->hw_ver = FIELD_GET(TERN_HW_REG_VERSION_MAJOR_MASK, dev->caps.hw_version);
	attr->max_mr_size = U64_MAX;
	attr->page_size_cap = dev->caps.page_sizes;
	attr->device_cap_flags = IB_DEVICE_PORT_ACTIVE_EVENT | IB_DEVICE_SYS_IMAGE_GUID |
				 IB_DEVICE_RC_RNR_NAK_GEN | IB_DEVICE_CURR_QP_STATE_MOD |
				 IB_DEVICE_MEM_MGT_EXTENSIONS;
	attr->kernel_cap_flags = dev->dma_mr ? IBK_LOCAL_DMA_LKEY : 0;
	if (dev->caps.mcast_groups)
		attr->kernel_cap_flags |= IBK_BLOCK_MULTICAST_LOOPBACK;
	attr->max_qp = max(tern_ib_num_qps(dev), TERN_IB_FIRST_QPN) - TERN_IB_FIRST_QPN;
	attr->max_qp_wr = BIT(min(dev->caps.max_log_sq, dev->caps.max_log_rq));
	attr->max_send_sge = dev->caps.max_sge;
	attr->max_recv_sge = dev->caps.max_sge;
	attr->max_sge_rd = dev->caps.max_sge;
	attr->max_qp_rd_atom = dev->caps.max_rd;
	attr->max_qp_init_rd_atom = dev->caps.max_rd;
	attr->max_res_rd_atom = dev->caps.max_rd * attr->max_qp;
	attr->max_fast_reg_page_list_len = TERN_IB_MAX_FAST_PAGES;
	attr->max_cq = dev->hmc.fpm.kind[TERN_HW_HMC_KIND_CQ].count - 1;
	attr->max_cqe = tern_ib_max_cqe(dev);
	attr->max_mr = dev->hmc.fpm.kind[TERN_HW_HMC_KIND_MRTE].count - 1;
	attr->max_pd = TERN_IB_MAX_PD;
	attr->max_pkeys = TERN_IB_PKEYS;
	/* Nothing is kept of them but what the RDMA core has */
	attr->max_ah = tern_ib_has_type(dev, TERN_HW_QP_TYPE_UD) ? INT_MAX : 0;
	attr->max_mcast_grp = dev->caps.mcast_groups;
	attr->max_mcast_qp_attach = dev->caps.mcast_qps;
	attr->max_total_mcast_qp_attach = dev->caps.mcast_groups * dev->caps.mcast_qps;
	attr->atomic_cap = IB_ATOMIC_HCA;
	/* Completions carry the time in ns */
	attr->timestamp_mask = U64_MAX;
	attr->hca_core_clock = NSEC_PER_SEC / 1000;
	attr->cq_caps.max_cq_moderation_count = U16_MAX;
	attr->cq_caps.max_cq_moderation_period = U16_MAX;
	return 0;
}

/**
 * tern_ib_get_dev_fw_str() - version of the device as a string
 * @ibdev: the device
 * @str: room for IB_FW_VERSION_NAME_MAX characters
 */
void tern_ib_get_dev_fw_str(struct ib_device *ibdev, char *str)
{
	u32 version = to_tern_dev(ibdev)->caps.hw_version;

	snprintf(str, IB_FW_VERSION_NAME_MAX, "%u.%u",
		 FIELD_GET(TERN_HW_REG_VERSION_MAJOR_MASK, version),
		 FIELD_GET(TERN_HW_REG_VERSION_MINOR_MASK, version));
}

/* Let the process map a page; the entry is freed with its last mapping */
static struct rdma_user_mmap_entry *ucontext_add_page(struct tern_ib_ucontext *ucontext,
						      phys_addr_t phys, enum tern_ib_page page)
{
	struct tern_ib_mmap_entry *entry;
	int err;

	entry = kzalloc(sizeof(*entry), GFP_KERNEL);
	if (!entry)
		return ERR_PTR(-ENOMEM);
	entry->phys = phys;
	entry->page = page;
	err = rdma_user_mmap_entry_insert(&ucontext->ibucontext, &entry->rdma_entry, PAGE_SIZE);
	if (err) {
		kfree(entry);
		return ERR_PTR(err);
	}
	return &entry->rdma_entry;
}

/* Whatever there is of them */
static void ucontext_remove_pages(struct tern_ib_ucontext *ucontext)
{
	rdma_user_mmap_entry_remove(ucontext->status_entry);
	rdma_user_mmap_entry_remove(ucontext->push_entry);
	rdma_user_mmap_entry_remove(ucontext->doorbell_entry);
}

static int ucontext_add_pages(struct tern_ib_dev *dev, struct tern_ib_ucontext *ucontext,
			      phys_addr_t phys)
{
	u32 push_offset = tern_core_info(dev->core)->push_offset;
	struct rdma_user_mmap_entry *entry;

	entry = ucontext_add_page(ucontext, phys, TERN_IB_PAGE_DOORBELL);
	if (IS_ERR(entry))
		return PTR_ERR(entry);
	ucontext->doorbell_entry = entry;

	entry = ucontext_add_page(ucontext, virt_to_phys(dev->status), TERN_IB_PAGE_STATUS);
	if (IS_ERR(entry))
		goto err_remove;
	ucontext->status_entry = entry;

	if (!dev->caps.push_slots || !push_offset)
		return 0;
	entry = ucontext_add_page(ucontext, phys + push_offset, TERN_IB_PAGE_PUSH);
	if (IS_ERR(entry))
		goto err_remove;
	ucontext->push_entry = entry;
	return 0;

err_remove:
	ucontext_remove_pages(ucontext);
	return PTR_ERR(entry);
}

static int ucontext_respond(struct tern_ib_dev *dev, struct tern_ib_ucontext *ucontext,
			    struct ib_udata *udata)
{
	struct tern_alloc_ucontext_resp resp = {
		.doorbell_size = PAGE_SIZE,
		.doorbell_key = rdma_user_mmap_get_offset(ucontext->doorbell_entry),
		.hw_version = dev->caps.hw_version,
		.max_log_cqe = dev->caps.max_log_cqe,
		.max_log_sq = dev->caps.max_log_sq,
		.max_log_rq = dev->caps.max_log_rq,
		.max_inline = dev->caps.max_inline,
		.status_key = rdma_user_mmap_get_offset(ucontext->status_entry),
		.status_size = PAGE_SIZE,
	};

	if (ucontext->push_entry) {
		resp.push_key = rdma_user_mmap_get_offset(ucontext->push_entry);
		resp.push_size = PAGE_SIZE;
	}

	return tern_ib_udata_out(udata, &resp, sizeof(resp));
}

/**
 * tern_ib_alloc_ucontext() - verb alloc_ucontext
 * @ibucontext: the context
 * @udata: of the call
 *
 * Return: 0 or a negative errno.
 */
int tern_ib_alloc_ucontext(struct ib_ucontext *ibucontext, struct ib_udata *udata)
{
	struct tern_ib_ucontext *ucontext = to_tern_ucontext(ibucontext);
	struct tern_ib_dev *dev = to_tern_dev(ibucontext->device);
	struct tern_alloc_ucontext_req req;
	phys_addr_t phys;
	int err;

	err = tern_ib_udata_in(udata, &req, sizeof(req));
	if (err)
		return err;
	if (req.comp_mask || memchr_inv(req.reserved_04, 0, sizeof(req.reserved_04)))
		return -EINVAL;

	err = tern_doorbell_page_get(dev->core, &ucontext->page, &phys);
	if (err)
		return err;
	err = ucontext_add_pages(dev, ucontext, phys);
	if (err)
		goto err_page_put;
	err = ucontext_respond(dev, ucontext, udata);
	if (err)
		goto err_pages_remove;
	return 0;

err_pages_remove:
	ucontext_remove_pages(ucontext);
err_page_put:
	tern_doorbell_page_put(dev->core, ucontext->page);
	return err;
}

/**
 * tern_ib_dealloc_ucontext() - verb dealloc_ucontext
 * @ibucontext: the context; its mappings are gone, so its page may go to another one
 */
void tern_ib_dealloc_ucontext(struct ib_ucontext *ibucontext)
{
	struct tern_ib_ucontext *ucontext = to_tern_ucontext(ibucontext);

	ucontext_remove_pages(ucontext);
	tern_doorbell_page_put(to_tern_dev(ibucontext->device)->core, ucontext->page);
}

/**
 * tern_ib_disassociate_ucontext() - the device goes while the context is open
 * @ibucontext: the context
 *
 * The RDMA core takes the mappings away; that it may is all there is to say.
 */
void tern_ib_disassociate_ucontext(struct ib_ucontext *ibucontext)
{
}

static pgprot_t mmap_prot(const struct tern_ib_mmap_entry *entry, pgprot_t prot)
{
	switch (entry->page) {
	case TERN_IB_PAGE_DOORBELL:
		return pgprot_noncached(prot);
	case TERN_IB_PAGE_PUSH:
		return pgprot_writecombine(prot);
	default:
		return prot;
	}
}

/* The status page is for all processes */
static int mmap_check_rights(const struct tern_ib_mmap_entry *entry, struct vm_area_struct *vma)
{
	if (entry->page != TERN_IB_PAGE_STATUS)
		return 0;
	if (vma->vm_flags & VM_WRITE)
		return -EPERM;
	vm_flags_clear(vma, VM_MAYWRITE);
	return 0;
}

/**
 * tern_ib_mmap() - a process maps its doorbell or push page, or the status page
 * @ibucontext: its context
 * @vma: the mapping; its offset names an entry of the context
 *
 * Return: 0 or a negative errno.
 */
int tern_ib_mmap(struct ib_ucontext *ibucontext, struct vm_area_struct *vma)
{
	struct rdma_user_mmap_entry *rdma_entry;
	struct tern_ib_mmap_entry *entry;
	int err;

	rdma_entry = rdma_user_mmap_entry_get(ibucontext, vma);
	if (!rdma_entry)
		return -EINVAL;
	entry = to_tern_mmap_entry(rdma_entry);
	err = mmap_check_rights(entry, vma);
	if (!err)
		err = rdma_user_mmap_io(ibucontext, vma, PHYS_PFN(entry->phys), PAGE_SIZE,
					mmap_prot(entry, vma->vm_page_prot), rdma_entry);
	rdma_user_mmap_entry_put(rdma_entry);
	return err;
}

/**
 * tern_ib_mmap_free() - nothing refers to an entry any more
 * @rdma_entry: the entry
 */
void tern_ib_mmap_free(struct rdma_user_mmap_entry *rdma_entry)
{
	kfree(to_tern_mmap_entry(rdma_entry));
}

/**
 * tern_ib_alloc_pd() - verb alloc_pd
 * @ibpd: the protection domain
 * @udata: of the user's call, or NULL
 *
 * Return: 0 or a negative errno.
 */
int tern_ib_alloc_pd(struct ib_pd *ibpd, struct ib_udata *udata)
{
	struct tern_ib_dev *dev = to_tern_dev(ibpd->device);
	struct tern_alloc_pd_resp resp = {};
	struct tern_ib_pd *pd = to_tern_pd(ibpd);
	int pdn, err;

	if (udata && udata->inlen && !ib_is_udata_cleared(udata, 0, udata->inlen))
		return -EINVAL;

	pdn = ida_alloc_range(&dev->pdns, 1, TERN_IB_MAX_PD, GFP_KERNEL);
	if (pdn < 0)
		return pdn;

	pd->pdn = pdn;
	if (udata) {
		resp.pdn = pdn;
		err = tern_ib_udata_out(udata, &resp, sizeof(resp));
		if (err) {
			ida_free(&dev->pdns, pdn);
			return err;
		}
	}
	return 0;
}

/**
 * tern_ib_dealloc_pd() - verb dealloc_pd
 * @ibpd: the protection domain
 * @udata: of the user's call, unused
 *
 * Return: 0.
 */
int tern_ib_dealloc_pd(struct ib_pd *ibpd, struct ib_udata *udata)
{
	ida_free(&to_tern_dev(ibpd->device)->pdns, to_tern_pd(ibpd)->pdn);
	return 0;
}
