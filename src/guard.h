/* SPDX-License-Identifier: MIT
 *
 * guard: a page without access behind a region, so that who runs over the end of its last body is stopped there and
 * not in a neighbour's mapping.
 *
 * It is taken where there is room for it: beyond the window, or off the end of what was found. The nearest range that
 * has room for the body is used, be there room for a guard or not, and a guard is given up before a body is refused.
 */
#ifndef LINTEL_GUARD_H
#define LINTEL_GUARD_H

#include "space.h"

/* Reserve as space_reserve does, for at most `want` bytes of bodies: fills in origin->range, and origin->guard. With
 * the heap's option on, nothing is reserved without a guard. Returns as space_reserve. Lock-free. */
int guard_reserve(space_t *space, range_t window, size_t need, size_t want, region_origin_t *origin);

/* Take a region's guard, to make a region of it with `need` bytes in the window. Returns whether there was one.
 * Wait-free. */
bool guard_take(region_t *region, range_t window, size_t need, range_t *page);

#endif
