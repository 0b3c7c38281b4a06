/* SPDX-License-Identifier: MIT
 *
 * code: what unused bytes of code hold, and which pages of it are executable.
 *
 * A page is closed at first: it can be read and not executed. It is opened, for good, when something on it is
 * published. Handing out a body costs nothing thereby: only bytes of opened pages have to be made zero for that.
 *
 *   O1  unused bytes read as zero in a closed page, and trap in an open one
 *   O2  who opens a page sees to its unused bytes before it is executable: to those at the region's cursor, those among
 *       the spare spans, those of its own chunk. Another thread's chunk is that thread's to see to: at its next call
 *   O3  who gives unused bytes back to where others take them looks again, afterwards, whether the page is still
 * closed. One of the two, who opens and who gives back, comes later to the page's state, and sees what the other did
 */
#ifndef LINTEL_CODE_H
#define LINTEL_CODE_H

#include "region.h"
#include "starts.h"

/* What fills unused bytes: int3; udf #0. */
#if defined(__x86_64__)
#define CODE_TRAP 0xcc
#else
#define CODE_TRAP 0x00
#endif

/* Ready claimed bytes for a caller: they read as zero. */
void code_take(const starts_t *starts, const region_t *region, range_t bytes);

/* Ready bytes that are unused from now on, and read as zero, or as code_take found them. */
void code_leave(const starts_t *starts, const region_t *region, range_t bytes);

/* The same for bytes that hold anything. */
void code_bury(const starts_t *starts, const region_t *region, range_t bytes);

/* Whether any of the bytes' pages is open, or being opened. Wait-free. */
bool code_has_open(const starts_t *starts, range_t bytes);

/* The same of an address's page, so that it can tell of a thread that is just opening it (O3). Wait-free. */
bool code_is_open_now(const starts_t *starts, uintptr_t address);

/* Whether all pages are executable. Wait-free. */
bool code_is_executable(const starts_t *starts, range_t pages);

/* The two steps of opening: unused bytes that come to the pages trap from the first one on. The second returns 0;
 * -EPERM; -ENOMEM (refused). */
void code_begin_to_open(const starts_t *starts, range_t pages);
int  code_open(const starts_t *starts, range_t pages);

/* In the child of a fork: give the region memory of the child's own, with the same bytes; or none, if that cannot be
 * had, or `copy` is false. */
void code_after_fork(const starts_t *starts, region_t *region, bool copy);

#endif
