/* SPDX-License-Identifier: MIT
 *
 * surroundings: what a test asks of the system below it, and an emulator, a sandbox or a checker may not give. Each of
 * these leaves the calling test, with the reason, where it is not to be had: found out by trying.
 */
#ifndef SURROUNDINGS_H
#define SURROUNDINGS_H

/* /proc/self/maps says which pages are executable. */
void need_true_maps(void);

/* MADV_POPULATE_WRITE (Linux 5.14) makes memory resident, and mincore says so. */
void need_populate(void);

/* RLIMIT_AS holds. */
void need_limits(void);

/* A process whose files may have no size (RLIMIT_FSIZE) can read /proc/self/maps. */
void need_maps_without_file_size(void);

/* The child of a process of several threads can have several itself, and so can its own child. Tried before there is a
 * heap: from then on lintel has a part in each fork, and what it did wrong would look as if this could not be had. */
void try_threads_in_children(void);
void need_threads_in_children(void);

/* MADV_DONTFORK keeps a mapping from a child. */
void need_dontfork(void);

#endif
