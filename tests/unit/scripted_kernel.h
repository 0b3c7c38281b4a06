/* SPDX-License-Identifier: MIT
 *
 * scripted_kernel: stands between os_linux.c, os_maps.c and the C library (by the linker's --wrap), passes every system
 * call on, and does instead what a test has written down: refuse it, land elsewhere, show another text of mappings.
 */
#ifndef SCRIPTED_KERNEL_H
#define SCRIPTED_KERNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum {
    KERNEL_MMAP,
    KERNEL_MUNMAP,
    KERNEL_MPROTECT,
    KERNEL_OPEN,
    KERNEL_READ,
    KERNEL_IOCTL,
    KERNEL_SYSCALL,
    KERNEL_CALL_KINDS
} kernel_call_t;

/* From the nth call of this kind on (1 is the next), `times` of them fail with `error`. */
void kernel_refuse(kernel_call_t call, unsigned nth, unsigned times, int error);

/* A kernel that takes MAP_FIXED_NOREPLACE for a hint, and the address for not to its liking. */
void kernel_lands_elsewhere(void);

/* Where the last mapping landed, and how long it was. */
uintptr_t kernel_last_mapping(size_t *size);

/* What /proc/self/maps says: `text`, at most `piece` bytes a read; NULL for what is true. */
void kernel_shows_maps(const char *text, size_t piece);

/* What getrlimit says of the stack, and whether the kernel tells where the program's name is. */
void kernel_stack_limit(uint64_t limit);
void kernel_hides_name(void);

/* Pass everything on again: a cmocka teardown. */
int kernel_clear(void **state);

#endif
