/* SPDX-License-Identifier: MIT
 *
 * pieces: the address space in a few parts, cut at the widest gaps, so that what there is can be seen.
 */
#ifndef SHOW_PIECES_H
#define SHOW_PIECES_H

#include "landscape.h"

enum { MOST_PIECES = 5 };

typedef struct {
    range_t ranges[MOST_PIECES]; /* ascending */
    size_t  count;
} pieces_t;

/* Of all images and regions, or of the regions alone. */
pieces_t pieces_of(const landscape_t *landscape, bool images);

/* Bytes of address space in all pieces. */
uint64_t pieces_bytes(const pieces_t *pieces);

#endif
