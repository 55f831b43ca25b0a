// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * The pages of BAR 2: doorbell pages in its first half, push pages in the second
 *
 * Page 0 is the kernel's, the others are handed out one per user context: the device lets
 * a page ring only the queues that were created for it.
 */

#include <linux/export.h>
#include <linux/io.h>
#include <linux/minmax.h>
#include <linux/pci.h>

#include "compat.h"
#include "core.h"

int tern_doorbells_map(struct tern_core *core, u32 device_pages)
{
	struct pci_dev *pdev = core->pdev;
	u64 size = pci_resource_len(pdev, TERN_HW_BAR_DOORBELLS);
	phys_addr_t bar = pci_resource_start(pdev, TERN_HW_BAR_DOORBELLS);
	u64 bar_pages = min_t(u64, size, TERN_HW_DB_SPACE_PUSH) / TERN_DOORBELL_PAGE;

	core->info.num_pages = min_t(u64, device_pages, bar_pages);
	if (size >= TERN_HW_DB_SPACE_PUSH + (u64)core->info.num_pages * TERN_DOORBELL_PAGE)
		core->info.push_offset = TERN_HW_DB_SPACE_PUSH;
	if (!core->info.num_pages) {
		dev_err(&pdev->dev, "no doorbell page\n");
		return -ENODEV;
	}
	core->kernel_page = ioremap(bar, TERN_DOORBELL_PAGE);
	if (!core->kernel_page)
		return -ENOMEM;
	ida_init(&core->pages);
	return 0;
}

void tern_doorbells_unmap(struct tern_core *core)
{
	WARN_ON(!ida_is_empty(&core->pages));
	ida_destroy(&core->pages);
	iounmap(core->kernel_page);
}

/**
 * tern_doorbell_kernel_page - doorbell page 0
 * @core: the function
 *
 * Writes to the page of a dead device get lost, which is harmless.
 *
 * Return: an uncached mapping, valid as long as the auxiliary device.
 */
void __iomem *tern_doorbell_kernel_page(struct tern_core *core)
{
	return core->kernel_page;
}
EXPORT_SYMBOL_NS_GPL(tern_doorbell_kernel_page, TERN_NS);

/**
 * tern_doorbell_page_get - reserve a doorbell page for one user context
 * @core: the function
 * @page: set to its number, for the commands that create queues
 * @phys: set to its address, for mmap()
 *
 * Return: 0; -ENOSPC if all are taken; -EOPNOTSUPP where a page of the CPU would hold
 * doorbells of several contexts.
 */
int tern_doorbell_page_get(struct tern_core *core, u32 *page, phys_addr_t *phys)
{
	int id;

	if (PAGE_SIZE > TERN_DOORBELL_PAGE)
		return -EOPNOTSUPP;
	if (core->info.num_pages < 2)
		return -ENOSPC;
	id = ida_alloc_range(&core->pages, 1, core->info.num_pages - 1, GFP_KERNEL);
	if (id < 0)
		return id;
	*page = id;
	*phys = pci_resource_start(core->pdev, TERN_HW_BAR_DOORBELLS) +
		(phys_addr_t)id * TERN_DOORBELL_PAGE;
	return 0;
}
EXPORT_SYMBOL_NS_GPL(tern_doorbell_page_get, TERN_NS);

/**
 * tern_doorbell_page_put - give a doorbell page back
 * @core: the function
 * @page: its number; no process may have it mapped, no queue may be tied to it any more
 */
void tern_doorbell_page_put(struct tern_core *core, u32 page)
{
	ida_free(&core->pages, page);
}
EXPORT_SYMBOL_NS_GPL(tern_doorbell_page_put, TERN_NS);
