/* SPDX-License-Identifier: MIT
 *
 * subject: a module in a space of its own, with regions of a page or a few.
 */
#ifndef MODELS_SUBJECT_H
#define MODELS_SUBJECT_H

#include "module.h"

enum { SUBJECT_ALIGN = 16 };

/* Of the space that the module is in, as subject_start sets them. */
extern lintel_heap_options_t subject_options;

/* A module that can have so many pages, and has none. */
module_t *subject_start(unsigned pages);

/* The same in what kernel_start was told, with so many pages in a region. */
module_t *subject_open(lintel_kind_t kind, unsigned pages);

/* A second one in the same space. */
module_t *subject_another(void);

/* A body of the module that the running thread writes to; NULL and *result if there is none. */
void *subject_allocate(size_t size, int *result);

/* One in the beginning, which there has to be. */
void *subject_prepare(size_t size);

/* After the threads: every byte of each region is a body, spare or lost (M1, M2), all that is spare can be had, only
 * the newest region is not sealed (M3), and no page is reserved that is no region's. */
void subject_check(void);

#endif
