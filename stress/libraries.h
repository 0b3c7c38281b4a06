/* SPDX-License-Identifier: MIT
 *
 * libraries: the shared libraries in the directories where the dynamic linker searches, biggest first.
 */
#ifndef STRESS_LIBRARIES_H
#define STRESS_LIBRARIES_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

typedef struct {
    char    *path;
    uint64_t size;
    dev_t    device;
    ino_t    inode;
} library_t;

typedef struct {
    library_t *items; /* each file once, whatever links there are to it */
    size_t     count;
    size_t     capacity;
} libraries_t;

/* Find those that are small enough for this machine's memory. Returns 0 or -ENOMEM. */
int libraries_find(libraries_t *libraries);

void libraries_free(libraries_t *libraries);

#endif
