// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * Bring the function back to its power-on state
 *
 * Runs while the device is marked dead, so nobody else touches registers and the plain
 * accessors are used. Bus mastering stays off until the reset is done: a function that
 * an earlier kernel or a hung engine left running must not write to memory any more.
 */

#include <linux/delay.h>
#include <linux/io.h>
#include <linux/iopoll.h>
#include <linux/pci.h>

#include "core.h"

#define TERN_RESET_POLL_US	100
#define TERN_RESET_TIMEOUT_US	(2 * USEC_PER_SEC)	/* the drain of DMA included */

/* A removed device reads as all ones, which must not look like "reset still runs" */
static int tern_wait_ready(struct tern_core *core)
{
	u32 ctrl, status;
	int err;

	err = read_poll_timeout(readl, ctrl,
				ctrl == U32_MAX || !(ctrl & TERN_HW_REG_DEV_CTRL_RESET_MASK),
				TERN_RESET_POLL_US, TERN_RESET_TIMEOUT_US, false,
				core->regs + TERN_HW_REG_DEV_CTRL);
	if (err)
		return err;
	err = read_poll_timeout(readl, status, status & TERN_HW_REG_DEV_STATUS_READY_MASK,
				TERN_RESET_POLL_US, TERN_RESET_TIMEOUT_US, false,
				core->regs + TERN_HW_REG_DEV_STATUS);
	if (err)
		return err;
	return tern_regs_answer(core) ? 0 : -ENODEV;
}

static int tern_reset_by_register(struct tern_core *core)
{
	writel(TERN_HW_REG_DEV_CTRL_RESET_MASK, core->regs + TERN_HW_REG_DEV_CTRL);
	return tern_wait_ready(core);
}

/* pci_reset_function() is out of question: it takes the device lock, which remove holds. */
static int tern_reset_by_flr(struct tern_core *core)
{
	int err;

	err = pci_save_state(core->pdev);
	if (err)
		return err;
	err = pcie_reset_flr(core->pdev, PCI_RESET_DO_RESET);
	pci_restore_state(core->pdev);
	if (err)
		return err;
	return tern_wait_ready(core);
}

/**
 * tern_reset_function - reset by register, or else by FLR
 * @core: a function that is marked dead
 *
 * Return: 0, or -ENODEV at once if the device does not answer, or the error of the FLR.
 */
int tern_reset_function(struct tern_core *core)
{
	int err;

	pci_clear_master(core->pdev);
	if (!tern_regs_answer(core))
		return -ENODEV;
	err = tern_reset_by_register(core);
	if (!err || err == -ENODEV)
		return err;
	dev_warn(&core->pdev->dev, "reset by register failed (%d), trying FLR\n", err);
	err = tern_reset_by_flr(core);
	if (err)
		dev_err(&core->pdev->dev, "FLR failed (%d)\n", err);
	return err;
}

/* Reset, then open registers and bus mastering to everybody. */
int tern_revive(struct tern_core *core)
{
	int err;

	err = tern_regs_identify(core);
	if (err)
		return err;
	err = tern_reset_function(core);
	if (err)
		return err;
	pci_set_master(core->pdev);
	tern_mark_alive(core);
	return 0;
}

/* Close them again and leave a function behind that does nothing by itself. */
void tern_retire(struct tern_core *core)
{
	set_bit(TERN_STATE_DEAD, &core->state);
	tern_reset_function(core);
}
