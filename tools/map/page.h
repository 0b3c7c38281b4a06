/* SPDX-License-Identifier: MIT
 *
 * page: a snapshot as a page for a browser.
 */
#ifndef MAP_PAGE_H
#define MAP_PAGE_H

#include <stdio.h>

#include "snapshot.h"

/* The modules are in order of address. */
void page_write(const snapshot_t *snapshot, FILE *out);

#endif
