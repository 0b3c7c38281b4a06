/* SPDX-License-Identifier: MIT
 *
 * notes: the note by which lintel is found in a process (src/outline.h), read where the image is mapped: its file may
 * be gone, or another one by now.
 */
#ifndef MAP_NOTES_H
#define MAP_NOTES_H

#include <stdint.h>
#include <sys/types.h>

/* The address of the outline in the image that is mapped from `base` on. Returns 0; -ENOENT (no image, or none with
 * the note); or as process_read. */
int notes_find_outline(pid_t process, uint64_t base, uint64_t *outline);

#endif
