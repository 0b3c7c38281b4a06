/* SPDX-License-Identifier: MIT
 *
 * interfaces: what the shim needs of the profiling interfaces beyond clr-common: the later callback interfaces, the
 * slots that only it answers, and the tables of inner objects by their types.
 */
#ifndef CLR_SHIM_INTERFACES_H
#define CLR_SHIM_INTERFACES_H

#include "../clr-common/profiling.h"
#include "delegator.h"

#define SLOT_MODULE_LOAD_STARTED 13
#define SLOT_GET_EVENT_MASK      6
#define SLOT_GET_EVENT_MASK2     81

/* ICorProfilerCallback5 to ICorProfilerCallback11. */
#define LATER_CALLBACKS 7
static const clr_guid_t later_callback_id[LATER_CALLBACKS] = {
    {0x8dfba405, 0x8c9f, 0x45f8, {0xbf, 0xfa, 0x83, 0xb1, 0x4c, 0xef, 0x78, 0xb5}},
    {0xfc13df4b, 0x4448, 0x4f4f, {0x95, 0x0c, 0xba, 0x8d, 0x19, 0xd0, 0x0c, 0x36}},
    {0xf76a2dba, 0x1d52, 0x4539, {0x86, 0x6c, 0x2a, 0xa5, 0x18, 0xf9, 0xef, 0xc3}},
    {0x5bed9b15, 0xc079, 0x4d47, {0xbf, 0xe2, 0x21, 0x5a, 0x14, 0x0c, 0x07, 0xe0}},
    {0x27583ec3, 0xc8f5, 0x482f, {0x80, 0x52, 0x19, 0x4b, 0x8c, 0xe4, 0x70, 0x5a}},
    {0xcec5b60e, 0xc69c, 0x495f, {0x87, 0xf6, 0x84, 0xd2, 0x8e, 0xe1, 0x6f, 0xfb}},
    {0x42350846, 0xaaed, 0x47f7, {0xb1, 0x28, 0xfd, 0x0c, 0x98, 0x88, 0x1c, 0xde}},
};

static inline bool is_among(const clr_guid_t *id, const clr_guid_t ids[], size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (clr_same_guid(id, &ids[i]))
            return true;
    return false;
}

static inline const clr_info_table_t *info_table(const clr_unknown_t *info)
{
    return (const void *)info->table;
}

static inline const clr_callback_table_t *callback_table(const face_t *face)
{
    return (const void *)face->inner->table;
}

#endif
