/* SPDX-License-Identifier: MIT
 *
 * module_growth: a module's next region, made when it is needed or before.
 */
#ifndef LINTEL_MODULE_GROWTH_H
#define LINTEL_MODULE_GROWTH_H

#include "module.h"

/* How much address space the next region should have: as much as there is already, or several huge pages if the
 * module has earned those, within the heap's limits, and at least `need`. */
size_t module_next_region_size(const module_t *module, size_t need);

/* Put a region of at least `need` bytes, `want` if they can be had, in front of `newest`: the prepared one if it is
 * large enough. Returns 0; -ENOSPC; -ENOMEM; for code, as os_code_map;
 * -EAGAIN (somebody else's region is in front now). Lock-free. */
int module_grow(module_t *module, region_t *newest, size_t need, size_t want);

/* Prepare the region that will follow the newest one: its first bytes, as far as it has them, are committed, and the
 * first `resident` of them resident. Returns 0; -ENOSPC; -ENOMEM. Lock-free. */
int module_prepare(module_t *module, size_t resident, size_t committed);

/* Whether a region is prepared. Wait-free. */
bool module_is_prepared(const module_t *module);

/* Give the prepared region up, if there is one. Returns whether there was. Lock-free. */
bool module_unprepare(module_t *module);

/* After something was refused with -ENOMEM: if the process has no mapping left, give up one that is held back: in
 * quarantine, prepared, or a guard of the module's. Returns whether there was one: try again. Lock-free. */
bool module_give_up_mapping(module_t *module);

/* Room that others could have is in the caller's hands from now on; and no longer. Wait-free. */
void module_begin_move(module_t *module);
void module_end_move(module_t *module);

/* How often a region was prepared, or given up, or room was in somebody's hands. Wait-free. */
uint32_t module_moves(const module_t *module);

/* After no room was found: whether some may have appeared since `newest` was the newest region and there were so many
 * moves, or is about to. What is prepared is given up for that: a body that it is too small for may fit where it lies.
 */
bool module_worth_looking_again(module_t *module, const region_t *newest, uint32_t moves, int waits);

#endif
