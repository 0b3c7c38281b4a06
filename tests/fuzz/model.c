/* SPDX-License-Identifier: MIT */
#include "model.h"

bool model_is_apart(const model_t *model, range_t bytes)
{
    for (unsigned i = 0; i < model->count; i++)
        if (model->intervals[i].bytes.start < bytes.end && bytes.start < model->intervals[i].bytes.end)
            return false;
    return true;
}

void model_add(model_t *model, interval_t added)
{
    unsigned at = model->count++;

    for (; at && model->intervals[at - 1].bytes.start > added.bytes.start; at--)
        model->intervals[at] = model->intervals[at - 1];
    model->intervals[at] = added;
}

const interval_t *model_find(const model_t *model, uintptr_t address)
{
    for (unsigned i = 0; i < model->count; i++)
        if (model->intervals[i].bytes.start <= address && address < model->intervals[i].bytes.end)
            return &model->intervals[i];
    return NULL;
}

void model_forget(model_t *model, unsigned generation)
{
    unsigned kept = 0;

    for (unsigned i = 0; i < model->count; i++)
        if (model->intervals[i].generation != generation)
            model->intervals[kept++] = model->intervals[i];
    model->count = kept;
}
