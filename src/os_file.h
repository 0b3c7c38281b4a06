/* SPDX-License-Identifier: MIT
 *
 * os_file: the files by which perf learns of code. As os.h, tests put a failing one in its place.
 *
 * No descriptor is kept: one would be another process's after a fork, and anything's after the host has closed "all"
 * its descriptors. A file is opened by its path for each addition, and told by its inode.
 */
#ifndef LINTEL_OS_FILE_H
#define LINTEL_OS_FILE_H

#include "base.h"

#define OS_FILE_PATH 4096

/* A file of this process. */
typedef struct {
    uint64_t device;
    uint64_t inode; /* 0: there is none */
    char     path[OS_FILE_PATH];
} os_file_t;

/* A part of what is added at once. */
typedef struct {
    const void *start;
    size_t      size;
} os_bytes_t;

/* Have the process's /tmp/perf-PID.map: make it; or open what another producer of this process has made there before,
 * and replace what a former process of that number has left. Nobody's link is followed, and nobody else's file touched.
 * Returns 0; -EEXIST (something else is there); or what the system says: a negative errno. */
int os_file_open_map(os_file_t *file);

/* Make the process's jit-PID.dump in a new directory of its own. Returns 0; -ENAMETOOLONG; or what the system says. */
int os_file_make_dump(os_file_t *file);

/* The parts of an addition, at most. */
#define OS_FILE_PARTS 80

/* Add the parts at the file's end, by one write: all of them or nothing.
 * Returns 0; -ESTALE (another file is there now); -EFBIG (RLIMIT_FSIZE); or what the system says. */
int os_file_add(const os_file_t *file, const os_bytes_t *parts, unsigned count);

/* Map the file's beginning, readable and executable: by that perf learns that it is there. Returns 0; -EPERM (barred
 * there); or what the system says. */
int os_file_mark(const os_file_t *file, void **marker);

/* Take such a mapping away. */
void os_file_unmark(void *marker);

/* Remove a dump that is of no use, with its directory. */
void os_file_remove_dump(os_file_t *file);

/* The process's number and the thread's, and nanoseconds of CLOCK_MONOTONIC, which perf can use too. */
uint32_t os_process(void);
uint32_t os_thread(void);
uint64_t os_nanoseconds(void);

#endif
