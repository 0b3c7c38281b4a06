/* SPDX-License-Identifier: MIT
 *
 * options: a heap's options, with defaults filled in and the environment's say.
 */
#ifndef LINTEL_OPTIONS_H
#define LINTEL_OPTIONS_H

#include <lintel/lintel.h>

/* Complete *options: what LINTEL_OPTIONS names is set to what it says, zeros become defaults, sizes whole pages. What
 * it says wrongly is ignored, and told on stderr once in the process. Returns 0; -EINVAL (a value out of range, not
 * from the environment). May block. */
int options_complete(lintel_heap_options_t *options);

/* Keep what is given, NULL for nothing, completed, where nobody can write to it: on a page of its own. Returns 0;
 * -EINVAL; -ENOMEM. May block. */
int options_keep(const lintel_heap_options_t *given, const lintel_heap_options_t **kept);

/* Give such options back; NULL is none. */
void options_end(const lintel_heap_options_t *kept);

#endif
