/* SPDX-License-Identifier: MIT */
#include "perf_map.h"

#include <stdio.h>
#include <string.h>

#include "os_file.h"

/* Between fork_hold and fork_release, or by the thread that forks. */
static os_file_t file;

int perf_map_add(const name_t *name)
{
    char   start[64]; /* two numbers, and a space after each */
    int    length = snprintf(start, sizeof(start), "%zx %zx ", (size_t)name->body.start, range_size(name->body));
    int    result = file.inode ? 0 : os_file_open_map(&file);
    size_t text = strlen(name->text);

    if (result)
        return result;
    return os_file_add(&file, (const os_bytes_t[]){{start, (size_t)length}, {name->text, text}, {"\n", 1}}, 3);
}

void perf_map_after_fork(void)
{
    file.inode = 0;
}
