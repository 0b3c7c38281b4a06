/* SPDX-License-Identifier: MIT
 *
 * confinement: what lintel gives up, address space and objects of its own, stays mapped for a while and cannot be
 * touched: whoever still uses it crashes there and then. Stands in front of os_release, meta_allocate and meta_free (by
 * the linker's --wrap).
 */
#ifndef CONFINEMENT_H
#define CONFINEMENT_H

/* How many pieces are kept back, the oldest of which go first. */
#define CONFINED_PIECES 512

/* Let go of all of them; nobody may be giving up others. */
void confinement_clear(void);

/* Pieces that ever came in. */
unsigned long confinement_count(void);

#endif
