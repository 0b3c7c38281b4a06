/* SPDX-License-Identifier: MIT
 *
 * kernel: what is below lintel's source in the explorer, in the place of src/os.h, src/gap.h and src/meta.h: a few
 * pages of address space above an image, and memory for tables.
 */
#ifndef MODELS_KERNEL_H
#define MODELS_KERNEL_H

#include "base.h"

enum { KERNEL_PAGE = 4096, KERNEL_PAGES = 6, KERNEL_BLOCK = 2 << 20 };

/* Nothing is mapped, and `count` pages of the address space can be. */
void kernel_start(unsigned count);

/* The same, with a multiple of KERNEL_BLOCK behind so many of the pages; else all of them lie below one. */
void kernel_start_across(unsigned count, unsigned before);

/* Whether the page of an address was made executable. */
bool kernel_is_executable(uintptr_t address);

/* The image's first byte; it is a page long, and what can be reserved begins behind it. */
uintptr_t kernel_image(void);

/* All of the address space, reserved. */
range_t kernel_reserve_all(void);

/* The same thread's commits are refused from now on. */
void kernel_refuse_commits(unsigned thread);

/* Whether the range is reserved now, and its commit happened before now. */
bool kernel_is_committed(range_t range);

/* What the C library does when the running thread ends. */
void kernel_end_thread(void);

/* Mappings made for tables. */
unsigned kernel_maps(void);

/* Pages reserved and not released. */
unsigned kernel_reserved_pages(void);

/* Objects of meta_allocate that were not freed. */
unsigned kernel_objects(void);

#endif
