// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * The auxiliary device "tern.roce.N" that tern_rdma binds to
 */

#include <linux/auxiliary_bus.h>
#include <linux/idr.h>
#include <linux/pci.h>
#include <linux/slab.h>

#include "core.h"

static DEFINE_IDA(tern_aux_ids);

int tern_aux_id_alloc(struct tern_core *core)
{
	core->aux_id = ida_alloc(&tern_aux_ids, GFP_KERNEL);
	return core->aux_id < 0 ? core->aux_id : 0;
}

void tern_aux_id_free(struct tern_core *core)
{
	ida_free(&tern_aux_ids, core->aux_id);
}

/* Someone may hold a reference when the function is long gone: do not look at core here. */
static void tern_aux_release(struct device *dev)
{
	kfree(container_of(dev, struct tern_aux_dev, adev.dev));
}

/* The caller holds the devlink instance lock, which keeps add and delete apart. */
int tern_aux_add(struct tern_core *core)
{
	struct auxiliary_device *adev;
	struct tern_aux_dev *aux;
	int err;

	if (WARN_ON(core->aux))
		return -EEXIST;
	aux = kzalloc(sizeof(*aux), GFP_KERNEL);
	if (!aux)
		return -ENOMEM;
	aux->core = core;
	adev = &aux->adev;
	adev->name = "roce";
	adev->id = core->aux_id;
	adev->dev.parent = &core->pdev->dev;
	adev->dev.release = tern_aux_release;

	err = auxiliary_device_init(adev);
	if (err) {
		kfree(aux);
		return err;
	}
	err = auxiliary_device_add(adev);
	if (err) {
		auxiliary_device_uninit(adev);	/* the last reference: frees aux */
		return err;
	}
	core->aux = aux;
	return 0;
}

/* Returns after the auxiliary driver's remove. */
void tern_aux_delete(struct tern_core *core)
{
	if (!core->aux)
		return;
	auxiliary_device_delete(&core->aux->adev);
	auxiliary_device_uninit(&core->aux->adev);
	core->aux = NULL;
}
