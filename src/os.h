/* SPDX-License-Identifier: MIT
 *
 * os: everything lintel asks of the kernel. Tests put a scripted, failing one in its place.
 *
 * All of it may be called from signal handlers and leaves errno as it was. Addresses and sizes are whole pages.
 */
#ifndef LINTEL_OS_H
#define LINTEL_OS_H

#include "base.h"

#define OS_HUGE_PAGE ((size_t)2 << 20)

/* Bytes in a page, a power of two. */
size_t os_page_size(void);

/* The addresses that a program may map. */
range_t os_addresses(void);

/* Reserve exactly `range`: mapped, without access, without commit charge.
 * Returns 0; -EEXIST (something is mapped there); -ENOMEM (refused). */
int os_reserve(range_t range);

/* Make reserved pages readable and writable; fresh ones read as zero, committed ones stay as they are.
 * Returns 0; -ENOMEM (refused). */
int os_commit(range_t range);

/* Have committed pages resident at once. Does what it can; the rest comes at first use. */
void os_populate(range_t range);

/* What memory is called in /proc/PID/maps: "lintel NAME", or "lintel" if the name is empty; in characters that the
 * kernel takes. */
#define OS_LABEL_SIZE 80
void os_label(char label[OS_LABEL_SIZE], const char *name);

/* Have pages of anonymous memory show in /proc/PID/maps as "[anon:lintel NAME]", or "[anon:lintel]" if the name is
 * empty. Does what it can. */
void os_name(range_t range, const char *name);

/* Ask for pages of OS_HUGE_PAGE bytes where reserved pages lie in whole ones. Does what it can. */
void os_prefer_huge(range_t range);

/* Turn pages of ours back into what os_reserve gives, whatever was in them.
 * Returns 0; -ENOMEM (refused; the pages may hold their old contents). */
int os_reset(range_t range);

/* Whether there is a mapping, anybody's, at every page of a range: false also where that cannot be told. For a fraction
 * of what a walk over the mappings takes. */
bool os_is_mapped(range_t range);

/* Whether the kernel refuses the process further mappings for their number (vm.max_map_count). Found out by trying. */
bool os_lacks_mappings(void);

/* Give reserved pages back. Where the kernel refuses even that (it may have to split a mapping), at least their
 * memory is freed. */
void os_release(range_t range);

/* Whether os_code_map is to be had here at all. Returns 0, or as os_code_map. */
int os_code_check(void);

/* Have code's memory be without a name from now on, for the whole process: shared memory that no file is behind. perf
 * takes that for a JIT compiler's, and a memfd for a file that it cannot open. */
void os_code_be_nameless(void);

/* Have reserved pages backed by memory that is seen at a second address too: readable where they are, executable once
 * opened, and writable from *writable on, where a page without access follows. A child of a fork has the first view
 * alone. Both show in /proc/PID/maps as "/memfd:lintel NAME (deleted)".
 * Returns 0; -EFBIG (RLIMIT_FSIZE is below the size); -EACCES (vm.memfd_noexec bars executable memory files); -ENOSYS
 * (all memory files are barred); -EPERM (executable mappings of them are); -EMFILE (no file descriptor left); -ENOMEM.
 * If it failed the pages are still mapped, but not to be used again before os_reset. */
int os_code_map(range_t range, const char *name, uintptr_t *writable);

/* All pages of the second view of `range`, to be given back by os_release. */
range_t os_code_second(range_t range, uintptr_t writable);

/* Have such pages, given by their second address, backed by memory. Returns 0; -ENOMEM (refused). */
int os_code_commit(range_t writable);

/* Make such pages, or committed ones, readable and executable and no more. Returns 0; -EPERM (barred); -ENOMEM. */
int os_code_open(range_t range);

/* Make such pages readable and no more. Returns 0; -ENOMEM. */
int os_code_close(range_t range);

/* Copy such pages, of which those before `used` are backed, to memory of this process alone, in the same place: all
 * readable and executable, and writable from *writable on: where that is free, from where it says already. What runs
 * there can go on running meanwhile: what the C library calls may have been led through it. Returns as os_code_map, and
 * the pages are as they were. */
int os_code_copy(range_t range, uintptr_t used, uintptr_t *writable);

/* Have the bytes, as they are now, be what every thread of the process executes there. They need not be whole pages. */
void os_code_publish(range_t bytes);

/* Get `size` bytes of zeroed memory for tables, anywhere, in pages of its own, of which the last need not be whole.
 * Returns 0; -ENOMEM. */
int os_map(size_t size, void **memory);

/* Make such memory readable and no more, for good. Returns 0; -ENOMEM. */
int os_make_constant(void *memory, size_t size);

void os_unmap(void *memory, size_t size);

/* The program break: where brk's heap ends, and grows from. 0 if unknown. */
uintptr_t os_break(void);

/* Where the main thread's stack lies or may yet grow to, guard included. Empty if unknown. */
range_t os_stack(void);

/* What a parent waits at for its child. */
typedef struct {
    bool made;
    int  ends[2];
} os_gate_t;

/* Make a gate before a fork; both sides have it. Returns whether it could be made: if not, nobody waits. */
bool os_gate_make(os_gate_t *gate);

/* In the child: let the parent go on. */
void os_gate_open(os_gate_t *gate);

/* In the parent: wait until the child has opened the gate, or is gone. */
void os_gate_wait(os_gate_t *gate);

/* Have every other thread of the process pass a full memory barrier. Returns 0; -ENOSYS (not to be had here). */
int os_barrier(void);

/* Read memory that another thread may be unmapping. Returns 0; -EFAULT (it is gone, or the kernel lets nobody look). */
int os_peek(const volatile void *address, size_t size, void *copy);

/* Let other threads run. */
void os_yield(void);

/* A walk over the process's mappings, upward in address. */
typedef enum { OS_MAPS_QUERY, OS_MAPS_TEXT } os_maps_source_t;

#define OS_MAPS_BUFFER 1024

typedef struct {
    os_maps_source_t source;
    int              file;
    int              cancel_state; /* of the thread before the walk: it is not cancelled in the middle */
    range_t          last;         /* text: the mapping read last */
    size_t           next;         /* text: first byte of `text` not yet read */
    size_t           count;        /* text: bytes in `text` */
    char             text[OS_MAPS_BUFFER];
} os_maps_t;

/* Start a walk; until its end the thread cannot be cancelled. Returns 0; -ENOSYS (this source is not to be had here),
 * and there is no walk to end. */
int os_maps_open(os_maps_t *maps, os_maps_source_t source);

/* The first mapping that ends above `address`, which must not go down from call to call.
 * Returns 0; -ENOENT (there is none); -EIO (the source broke). */
int os_maps_next(os_maps_t *maps, uintptr_t address, range_t *mapping);

void os_maps_close(os_maps_t *maps);

#endif
