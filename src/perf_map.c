/* SPDX-License-Identifier: MIT */
#include "perf_map.h"

#include <stdio.h>
#include <string.h>

#include "os_file.h"

#define START_MOST 64 /* two numbers, and a space after each */

static_assert(3 * NAME_BATCH <= OS_FILE_PARTS, "a batch is one addition");

/* Between fork_hold and fork_release, or by the thread that forks. */
static os_file_t file;

int perf_map_add(const name_t *const *names, unsigned count)
{
    char       starts[NAME_BATCH][START_MOST];
    os_bytes_t parts[3 * NAME_BATCH];
    int        result = file.inode ? 0 : os_file_open_map(&file);

    for (size_t i = 0; i < count; i++) {
        const name_t *name = names[i];
        int length = snprintf(starts[i], START_MOST, "%zx %zx ", (size_t)name->body.start, range_size(name->body));
        parts[3 * i] = (os_bytes_t){starts[i], (size_t)length};
        parts[3 * i + 1] = (os_bytes_t){name->text, strlen(name->text)};
        parts[3 * i + 2] = (os_bytes_t){"\n", 1};
    }
    return result ? result : os_file_add(&file, parts, 3 * count);
}

void perf_map_after_fork(void)
{
    file.inode = 0;
}
