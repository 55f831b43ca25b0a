// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * Register access that survives the removal of the device
 */

#include <linux/bitfield.h>
#include <linux/export.h>
#include <linux/io.h>
#include <linux/pci.h>

#include "compat.h"
#include "core.h"

/* The id register never holds all ones, so it tells a removed device from a living one. */
bool tern_regs_answer(const struct tern_core *core)
{
	return readl(core->regs + TERN_HW_REG_ID) == TERN_HW_MAGIC_VALUE;
}

/**
 * tern_reg_read - read a register of BAR 0
 * @core: the function
 * @offset: TERN_HW_REG_*
 *
 * Context: Any.
 * Return: the value; all ones if the device is dead or turns out to be gone.
 */
u32 tern_reg_read(struct tern_core *core, u32 offset)
{
	u32 value;

	if (tern_core_is_dead(core))
		return U32_MAX;
	value = readl(core->regs + offset);
	/* What PCI answers for a device that is not there, yet also a legal value */
	if (unlikely(value == U32_MAX) && !tern_regs_answer(core))
		tern_fail(core, "the device is gone");
	return value;
}
EXPORT_SYMBOL_NS_GPL(tern_reg_read, TERN_NS);

/**
 * tern_reg_write - write a register of BAR 0
 * @core: the function
 * @offset: TERN_HW_REG_*
 * @value: what to write; dropped if the device is dead
 *
 * Orders memory writes before the register write, as writel() does.
 *
 * Context: Any.
 */
void tern_reg_write(struct tern_core *core, u32 offset, u32 value)
{
	if (!tern_core_is_dead(core))
		writel(value, core->regs + offset);
}
EXPORT_SYMBOL_NS_GPL(tern_reg_write, TERN_NS);

/* Refuses what this driver was not written for, before anything is written to it. */
int tern_regs_identify(struct tern_core *core)
{
	u32 version = readl(core->regs + TERN_HW_REG_VERSION);
	u32 major = FIELD_GET(TERN_HW_REG_VERSION_MAJOR_MASK, version);

	if (!tern_regs_answer(core)) {
		dev_err(&core->pdev->dev, "id register does not read as a tern\n");
		return -ENODEV;
	}
	if (major != TERN_HW_HW_VERSION_MAJOR) {
		dev_err(&core->pdev->dev, "hardware version %u is not supported, %u is\n",
			major, TERN_HW_HW_VERSION_MAJOR);
		return -ENODEV;
	}
	core->info.hw_version = version;
	return 0;
}
