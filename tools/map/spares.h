/* SPDX-License-Identifier: MIT
 *
 * spares: the bytes of a list of spare spans.
 */
#ifndef MAP_SPARES_H
#define MAP_SPARES_H

#include "generation.h"

/* The sum over the blocks from the one at `block` on; 0 is none. Returns 0; -EIO; or as process_read. */
int spares_sum(const reader_t *reader, uint64_t block, uint64_t *bytes);

#endif
