/* SPDX-License-Identifier: MIT */
#include "maps.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* "[anon:...]" is anonymous memory that someone gave a name; lintel's code is in files of its own. */
static bool has_lasting_name(const char *line)
{
    return strpbrk(line, "/[") != NULL && strstr(line, "[anon") == NULL && strstr(line, "/memfd:lintel") == NULL;
}

/* A line reads "start-end perms offset device inode    name". */
static int add_line(maps_t *maps, const char *line)
{
    char     *rest;
    uintptr_t start = strtoull(line, &rest, 16);
    uintptr_t end = *rest == '-' ? strtoull(rest + 1, &rest, 16) : 0;

    if (end == 0 || *rest != ' ')
        return -EIO;
    if (ranges_add(&maps->all, start, end) != 0)
        return -ENOMEM;
    if (rest[1] == 'r' && ranges_add(&maps->readable, start, end) != 0)
        return -ENOMEM;
    if (rest[2] == 'w' && rest[3] == 'x')
        maps->writable_and_executable++;
    return has_lasting_name(rest) ? ranges_add(&maps->named, start, end) : 0;
}

int maps_read(maps_t *maps)
{
    FILE  *file = fopen("/proc/self/maps", "re");
    char  *line = NULL;
    size_t size = 0;
    int    error = 0;

    *maps = (maps_t){0};
    if (file == NULL)
        return -errno;
    while (error == 0 && getline(&line, &size, file) > 0)
        error = add_line(maps, line);
    free(line);
    fclose(file);
    if (error != 0)
        maps_free(maps);
    return error;
}

void maps_free(maps_t *maps)
{
    ranges_free(&maps->all);
    ranges_free(&maps->readable);
    ranges_free(&maps->named);
}
