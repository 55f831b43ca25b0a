// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * Memory regions
 *
 * A region is an entry of the table in the host memory cache, and a list of its pages unless
 * it is contiguous. The list has two levels where there are no consecutive page-list entries
 * for all of it. A list is never rewritten while its region is valid, except by a kernel
 * consumer that maps a region anew before it invalidates it, which is its own business.
 */

#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/slab.h>
#include <rdma/ib_umem.h>

#include "compat.h"
#include "tern_ib.h"

#define MR_ACCESS	(IB_ACCESS_LOCAL_WRITE | IB_ACCESS_REMOTE_WRITE | IB_ACCESS_REMOTE_READ | \
			 IB_ACCESS_REMOTE_ATOMIC)

/* A hint to the bus, which tern has no use for; others in this range may be ignored */
#define MR_HINTS	(IB_ACCESS_RELAXED_ORDERING | IB_ACCESS_OPTIONAL)

#define MR_NEEDS_WRITE	(IB_ACCESS_REMOTE_WRITE | IB_ACCESS_REMOTE_ATOMIC)

/* Pages of a list of the second level */
#define LEAF_PAGES	512

#define LOG_PAGE_MIN	12

/* Index 0 is nobody's, so that key 0 never is one; a key has room for 24 bits of it */
#define MR_FIRST	1

static u32 mr_limit(const struct tern_ib_dev *dev)
{
	return min_t(u32, dev->hmc.fpm.kind[TERN_HW_HMC_KIND_MRTE].count,
		     BIT(32 - TERN_IB_KEY_SHIFT));
}

static int mr_check_access(int access)
{
	access &= ~MR_HINTS;
	if (access & ~MR_ACCESS)
		return -EOPNOTSUPP;
	if (access & MR_NEEDS_WRITE && !(access & IB_ACCESS_LOCAL_WRITE))
		return -EINVAL;
	return 0;
}

/* Cyclic: an index comes again only after the search came round, so with another key */
static int mr_reserve_index(struct tern_ib_dev *dev, struct tern_ib_mr_params *params)
{
	struct xa_limit limit = XA_LIMIT(MR_FIRST, mr_limit(dev) - 1);
	int err;

	if (mr_limit(dev) <= MR_FIRST)
		return -EOPNOTSUPP;
	mutex_lock(&dev->mr_lock);
	err = xa_alloc_cyclic(&dev->mrs, &params->index, NULL, limit, &dev->next_mr, GFP_KERNEL);
	if (err > 0)
		dev->mr_key++;
	params->key = dev->mr_key;
	mutex_unlock(&dev->mr_lock);
	if (err == -EBUSY)
		return -ENOSPC;
	return err < 0 ? err : 0;
}

/* A region that has an index and a table entry, and nothing else yet */
static struct tern_ib_mr *mr_new(struct tern_ib_dev *dev)
{
	struct tern_ib_mr *mr;
	int err;

	mr = kzalloc(sizeof(*mr), GFP_KERNEL);
	if (!mr)
		return ERR_PTR(-ENOMEM);
	err = mr_reserve_index(dev, &mr->params);
	if (err)
		goto err_free;
	err = tern_ib_hmc_populate(dev, TERN_HW_HMC_KIND_MRTE, mr->params.index, 1);
	if (err)
		goto err_free_index;
	return mr;

err_free_index:
	xa_erase(&dev->mrs, mr->params.index);
err_free:
	kfree(mr);
	return ERR_PTR(err);
}

static void mr_set_keys(struct tern_ib_mr *mr)
{
	mr->ibmr.lkey = mr->params.index << TERN_IB_KEY_SHIFT | mr->params.key;
	mr->ibmr.rkey = mr->ibmr.lkey;
}

static void mr_pages_free(struct tern_ib_dev *dev, struct tern_ib_mr_pages *pages)
{
	u32 i;

	for (i = 0; i < pages->num_leaves; i++)
		tern_ib_pble_free(dev, &pages->leaves[i]);
	kvfree(pages->leaves);
	tern_ib_pble_free(dev, &pages->root);
	memset(pages, 0, sizeof(*pages));
}

static int mr_pages_alloc_leaves(struct tern_ib_dev *dev, struct tern_ib_mr_pages *pages,
				 size_t count)
{
	size_t num = DIV_ROUND_UP(count, LEAF_PAGES);
	size_t left = count;
	int err;

	pages->leaves = kvcalloc(num, sizeof(*pages->leaves), GFP_KERNEL);
	if (!pages->leaves)
		return -ENOMEM;
	err = tern_ib_pble_alloc(dev, num, &pages->root);
	while (!err && left) {
		size_t now = min_t(size_t, left, LEAF_PAGES);

		err = tern_ib_pble_alloc(dev, now, &pages->leaves[pages->num_leaves]);
		if (err)
			break;
		pages->num_leaves++;
		left -= now;
	}
	return err;
}

/* One level if there are enough consecutive entries, else two */
static int mr_pages_alloc(struct tern_ib_dev *dev, struct tern_ib_mr_pages *pages, size_t count)
{
	int err;

	pages->level = 1;
	err = tern_ib_pble_alloc(dev, count, &pages->root);
	if (err != -E2BIG && err != -ENOMEM)
		return err;
	if (count <= LEAF_PAGES)
		return err;

	pages->level = 2;
	err = mr_pages_alloc_leaves(dev, pages, count);
	if (err)
		mr_pages_free(dev, pages);
	return err;
}

static void mr_pages_fill_leaves(struct tern_ib_dev *dev, const struct tern_ib_mr_pages *pages,
				 struct ib_umem *umem, unsigned long page_size)
{
	struct tern_ib_pble_cursor root = { .index = pages->root.first };
	struct tern_ib_pble_cursor leaf = {};
	struct ib_block_iter iter;
	size_t n = 0;

	rdma_umem_for_each_dma_block(umem, &iter, page_size) {
		if (n % LEAF_PAGES == 0) {
			leaf.index = pages->leaves[n / LEAF_PAGES].first;
			leaf.run = 0;
			tern_ib_pble_put(dev, &root, leaf.index);
		}
		tern_ib_pble_put(dev, &leaf, rdma_block_iter_dma_address(&iter));
		n++;
	}
}

static void mr_pages_fill(struct tern_ib_dev *dev, const struct tern_ib_mr_pages *pages,
			  struct ib_umem *umem, unsigned long page_size)
{
	if (pages->level == 1)
		tern_ib_pble_fill(dev, &pages->root, umem, page_size);
	else
		mr_pages_fill_leaves(dev, pages, umem, page_size);
}

/* What was there of it; the device does not know it, or no more */
static void mr_free(struct tern_ib_dev *dev, struct tern_ib_mr *mr)
{
	mr_pages_free(dev, &mr->pages);
	ib_umem_release(mr->umem);
	xa_erase(&dev->mrs, mr->params.index);
	kfree(mr);
}

/* A registration by work request changed the key; the device's table has the truth */
static u8 mr_current_key(struct tern_ib_dev *dev, const struct tern_ib_mr *mr)
{
	const struct tern_hw_mrte *mrte;
	u32 run;

	mrte = tern_ib_hmc_address(dev, TERN_HW_HMC_KIND_MRTE, mr->params.index, &run);
	return le64_get_bits(READ_ONCE(mrte->attr), TERN_HW_MRTE_ATTR_KEY_MASK);
}

/* Let the device forget a region, then forget it */
static void mr_destroy(struct tern_ib_dev *dev, struct tern_ib_mr *mr)
{
	tern_ib_cmd_dereg_mr(dev, mr->params.index, mr_current_key(dev, mr));
	mr_free(dev, mr);
}

/* Tell the device where the memory of a user's region is */
static int mr_map_umem(struct tern_ib_dev *dev, struct tern_ib_mr *mr)
{
	struct tern_ib_mr_params *params = &mr->params;
	struct ib_umem *umem = mr->umem;
	unsigned long page_size;
	size_t count;
	int err;

	page_size = ib_umem_find_best_pgsz(umem, dev->caps.page_sizes, params->va);
	if (!page_size)
		return -EINVAL;

	count = ib_umem_num_dma_blocks(umem, page_size);
	if (count == 1 || umem->sgt_append.sgt.nents == 1) {
		params->pbl = sg_dma_address(umem->sgt_append.sgt.sgl) + ib_umem_offset(umem);
		return 0;
	}

	err = mr_pages_alloc(dev, &mr->pages, count);
	if (err)
		return err;
	mr_pages_fill(dev, &mr->pages, umem, page_size);
	params->level = mr->pages.level;
	params->page_shift = ilog2(page_size);
	params->pbl = mr->pages.root.first;
	params->pages = count;
	return 0;
}

static int mr_register_user(struct tern_ib_dev *dev, struct tern_ib_mr *mr, u64 start, int access)
{
	int err;

	mr->umem = ib_umem_get_va(&dev->ibdev, start, mr->params.length, access);
	if (IS_ERR(mr->umem)) {
		err = PTR_ERR(mr->umem);
		mr->umem = NULL;
		return err;
	}
	err = mr_map_umem(dev, mr);
	if (err)
		return err;
	return tern_ib_cmd_set_mr(dev, TERN_HW_CQP_OP_REG_MR, &mr->params);
}

/**
 * tern_ib_reg_user_mr() - verb reg_user_mr
 * @ibpd: protection domain
 * @start: address in the process
 * @length: bytes
 * @virt_addr: address by which the region will be accessed
 * @access: rights
 * @udata: of the user's call; takes nothing
 *
 * Return: the region or an ERR_PTR.
 */
struct ib_mr *tern_ib_reg_user_mr(struct ib_pd *ibpd, u64 start, u64 length, u64 virt_addr,
				  int access, struct ib_udata *udata)
{
	struct tern_ib_dev *dev = to_tern_dev(ibpd->device);
	struct tern_ib_mr *mr;
	u64 last;
	int err;

	if (udata && udata->inlen && !ib_is_udata_cleared(udata, 0, udata->inlen))
		return ERR_PTR(-EINVAL);
	err = mr_check_access(access);
	if (err)
		return ERR_PTR(err);
	if (!length || check_add_overflow(virt_addr, length - 1, &last) || start > ULONG_MAX ||
	    length > ULONG_MAX)
		return ERR_PTR(-EINVAL);

	mr = mr_new(dev);
	if (IS_ERR(mr))
		return ERR_CAST(mr);
	mr->params.pdn = to_tern_pd(ibpd)->pdn;
	mr->params.access = access & MR_ACCESS;
	mr->params.va = virt_addr;
	mr->params.length = length;
	err = mr_register_user(dev, mr, start, access);
	if (err) {
		mr_free(dev, mr);
		return ERR_PTR(err);
	}
	mr_set_keys(mr);
	return &mr->ibmr;
}

/* The same memory with other rights or in another protection domain */
static int mr_change(struct tern_ib_dev *dev, struct tern_ib_mr *mr, u32 pdn, int access)
{
	struct tern_ib_mr_params params = mr->params;
	int err;

	params.pdn = pdn;
	params.access = access & MR_ACCESS;
	err = tern_ib_cmd_set_mr(dev, TERN_HW_CQP_OP_REREG_MR, &params);
	if (!err)
		mr->params = params;
	return err;
}

/**
 * tern_ib_rereg_user_mr() - verb rereg_user_mr
 * @ibmr: the region
 * @flags: what to change, IB_MR_REREG_*
 * @start: address in the process
 * @length: bytes
 * @virt_addr: address by which the region will be accessed
 * @access: rights
 * @ibpd: protection domain
 * @udata: of the user's call; takes nothing
 *
 * Other memory, or memory that must be pinned for writing now, makes a new region, with a new
 * key; the RDMA core destroys the old one.
 *
 * Return: NULL if @ibmr was changed, a new region to take its place, or an ERR_PTR.
 */
struct ib_mr *tern_ib_rereg_user_mr(struct ib_mr *ibmr, int flags, u64 start, u64 length,
				    u64 virt_addr, int access, struct ib_pd *ibpd,
				    struct ib_udata *udata)
{
	struct tern_ib_dev *dev = to_tern_dev(ibmr->device);
	struct tern_ib_mr *mr = to_tern_mr(ibmr);
	struct ib_pd *pd = flags & IB_MR_REREG_PD ? ibpd : ibmr->pd;
	int rights = flags & IB_MR_REREG_ACCESS ? access : mr->params.access;
	int err;

	if (flags & ~IB_MR_REREG_SUPPORTED)
		return ERR_PTR(-EOPNOTSUPP);
	err = mr_check_access(rights);
	if (err)
		return ERR_PTR(err);
	if (flags & IB_MR_REREG_TRANS)
		return tern_ib_reg_user_mr(pd, start, length, virt_addr, rights, udata);
	if (ib_access_writable(rights) && !mr->umem->writable)
		return tern_ib_reg_user_mr(pd, mr->umem->address, mr->params.length, mr->params.va,
					   rights, udata);
	err = mr_change(dev, mr, to_tern_pd(pd)->pdn, rights);
	return err ? ERR_PTR(err) : NULL;
}

/**
 * tern_ib_dereg_mr() - verb dereg_mr
 * @ibmr: the region
 * @udata: of the user's call, unused
 *
 * Return: 0.
 */
int tern_ib_dereg_mr(struct ib_mr *ibmr, struct ib_udata *udata)
{
	mr_destroy(to_tern_dev(ibmr->device), to_tern_mr(ibmr));
	return 0;
}

/* All that there is, for local use by kernel QPs in any protection domain */
static struct tern_ib_mr *mr_new_dma(struct tern_ib_dev *dev, int access)
{
	struct tern_ib_mr *mr = mr_new(dev);
	int err;

	if (IS_ERR(mr))
		return mr;
	mr->params.priv = true;
	mr->params.access = access & MR_ACCESS;
	mr->params.length = U64_MAX;
	err = tern_ib_cmd_set_mr(dev, TERN_HW_CQP_OP_REG_MR, &mr->params);
	if (err) {
		mr_free(dev, mr);
		return ERR_PTR(err);
	}
	mr_set_keys(mr);
	return mr;
}

/**
 * tern_ib_get_dma_mr() - region of all memory that the kernel maps for DMA
 * @ibpd: protection domain of a kernel consumer
 * @access: rights; remote ones are refused
 *
 * Return: the region or an ERR_PTR.
 */
struct ib_mr *tern_ib_get_dma_mr(struct ib_pd *ibpd, int access)
{
	struct tern_ib_mr *mr;

	if (access & ~IB_ACCESS_LOCAL_WRITE)
		return ERR_PTR(-EOPNOTSUPP);
	mr = mr_new_dma(to_tern_dev(ibpd->device), access);
	return IS_ERR(mr) ? ERR_CAST(mr) : &mr->ibmr;
}

/**
 * tern_ib_alloc_mr() - region for registration by work request
 * @ibpd: protection domain
 * @type: IB_MR_TYPE_MEM_REG
 * @max_num_sg: pages that it may have
 *
 * Return: the region or an ERR_PTR.
 */
struct ib_mr *tern_ib_alloc_mr(struct ib_pd *ibpd, enum ib_mr_type type, u32 max_num_sg)
{
	struct tern_ib_dev *dev = to_tern_dev(ibpd->device);
	struct tern_ib_mr *mr;
	int err;

	if (type != IB_MR_TYPE_MEM_REG)
		return ERR_PTR(-EOPNOTSUPP);
	if (!max_num_sg || max_num_sg > TERN_IB_MAX_FAST_PAGES)
		return ERR_PTR(-EINVAL);

	mr = mr_new(dev);
	if (IS_ERR(mr))
		return ERR_CAST(mr);
	err = mr_pages_alloc(dev, &mr->pages, max_num_sg);
	if (err)
		goto err_free;
	mr->params.pdn = to_tern_pd(ibpd)->pdn;
	mr->params.level = mr->pages.level;
	mr->params.page_shift = LOG_PAGE_MIN;
	mr->params.pbl = mr->pages.root.first;
	mr->params.pages = max_num_sg;
	err = tern_ib_cmd_set_mr(dev, TERN_HW_CQP_OP_ALLOC_MR, &mr->params);
	if (err)
		goto err_free;
	mr_set_keys(mr);
	return &mr->ibmr;

err_free:
	mr_free(dev, mr);
	return ERR_PTR(err);
}

static int mr_set_page(struct ib_mr *ibmr, u64 address)
{
	struct tern_ib_mr *mr = to_tern_mr(ibmr);
	struct tern_ib_pble_cursor cursor = { .index = mr->pages.root.first + mr->mapped };

	if (mr->mapped == mr->params.pages)
		return -ENOMEM;
	tern_ib_pble_put(to_tern_dev(ibmr->device), &cursor, address);
	mr->mapped++;
	return 0;
}

/**
 * tern_ib_map_mr_sg() - fill the page list of a region for registration by work request
 * @ibmr: the region; its page size is set
 * @sg: mapped memory
 * @sg_nents: entries of @sg
 * @sg_offset: where to begin in the first one, may be NULL
 *
 * Context: any.
 *
 * Return: number of entries that fit, or a negative errno.
 */
int tern_ib_map_mr_sg(struct ib_mr *ibmr, struct scatterlist *sg, int sg_nents,
		      unsigned int *sg_offset)
{
	struct tern_ib_dev *dev = to_tern_dev(ibmr->device);
	struct tern_ib_mr *mr = to_tern_mr(ibmr);

	if (!is_power_of_2(ibmr->page_size) || !(ibmr->page_size & dev->caps.page_sizes))
		return -EINVAL;
	mr->mapped = 0;
	return ib_sg_to_pages(ibmr, sg, sg_nents, sg_offset, mr_set_page);
}

/**
 * tern_ib_mrs_init() - make the region that all kernel consumers use for local memory
 * @dev: the device; page-list entries can be had
 *
 * Return: 0, also if the device has no regions; or a negative errno.
 */
int tern_ib_mrs_init(struct tern_ib_dev *dev)
{
	struct tern_ib_mr *mr;

	if (dev->hmc.fpm.kind[TERN_HW_HMC_KIND_MRTE].count &&
	    dev->hmc.fpm.kind[TERN_HW_HMC_KIND_MRTE].log_size !=
	    ilog2(sizeof(struct tern_hw_mrte))) {
		ibdev_err(&dev->ibdev, "region table entries are not 64 bytes\n");
		return -EINVAL;
	}
	mr = mr_new_dma(dev, IB_ACCESS_LOCAL_WRITE);
	if (!IS_ERR(mr))
		dev->dma_mr = mr;
	else if (PTR_ERR(mr) != -EOPNOTSUPP)
		return PTR_ERR(mr);
	return 0;
}

/**
 * tern_ib_mrs_destroy() - undo tern_ib_mrs_init()
 * @dev: the device, without any other region
 */
void tern_ib_mrs_destroy(struct tern_ib_dev *dev)
{
	if (dev->dma_mr)
		mr_destroy(dev, dev->dma_mr);
	dev->dma_mr = NULL;
}
