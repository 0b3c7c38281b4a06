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

#endif
