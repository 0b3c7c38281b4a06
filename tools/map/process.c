/* SPDX-License-Identifier: MIT */
#include "process.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

ssize_t process_read_some(pid_t process, uint64_t address, void *bytes, size_t size)
{
    struct iovec here = {bytes, size};
    struct iovec there = {(void *)(uintptr_t)address, size};
    ssize_t      copied = process_vm_readv(process, &here, 1, &there, 1, 0);

    return copied < 0 ? -errno : copied;
}

int process_read(pid_t process, uint64_t address, void *bytes, size_t size)
{
    ssize_t copied = process_read_some(process, address, bytes, size);

    if (copied < 0)
        return (int)copied;
    return (size_t)copied == size ? 0 : -EFAULT;
}

/* Page by page: the one behind the text may not be mapped. */
int process_read_text(pid_t process, uint64_t address, char *text, size_t size)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    size_t length = 0;

    while (length + 1 < size) {
        size_t part = page - (address + length) % page;
        int    error;

        part = part < size - 1 - length ? part : size - 1 - length;
        error = process_read(process, address + length, text + length, part);
        if (error != 0)
            return error;
        if (memchr(text + length, '\0', part) != NULL)
            return 0;
        length += part;
    }
    text[length] = '\0';
    return 0;
}

/* A line reads "start-end perms offset device inode    name". */
static int add_mapping(const char *line, ranges_t *mapped, ranges_t *files)
{
    enum { PERMISSIONS = 6 }; /* with the blanks around them */
    char     *rest;
    uintptr_t start = strtoull(line, &rest, 16);
    uintptr_t end = *rest == '-' ? strtoull(rest + 1, &rest, 16) : 0;
    bool      readable = rest[0] == ' ' && rest[1] == 'r';
    uint64_t  offset;
    uint64_t  inode;

    if (end == 0 || strlen(rest) < PERMISSIONS)
        return -EIO;
    offset = strtoull(rest + PERMISSIONS, &rest, 16);
    rest += strspn(rest, " ");
    rest += strcspn(rest, " ");
    inode = strtoull(rest, &rest, 10);
    if (readable && offset == 0 && inode != 0 && ranges_add(files, start, end) != 0)
        return -ENOMEM;
    return ranges_add(mapped, start, end);
}

int process_mappings(pid_t process, ranges_t *mapped, ranges_t *files)
{
    char   path[64];
    char  *line = NULL;
    size_t size = 0;
    int    error = 0;
    FILE  *maps;

    snprintf(path, sizeof(path), "/proc/%d/maps", (int)process);
    maps = fopen(path, "re");
    if (maps == NULL)
        return errno == ENOENT ? -ESRCH : -errno;
    while (error == 0 && getline(&line, &size, maps) > 0)
        error = add_mapping(line, mapped, files);
    if (error == 0 && ferror(maps))
        error = -ESRCH;
    free(line);
    fclose(maps);
    ranges_join(mapped);
    return error;
}

void process_title(pid_t process, char title[PROCESS_TITLE])
{
    char   path[64];
    size_t length = 0;
    FILE  *file;

    snprintf(path, sizeof(path), "/proc/%d/cmdline", (int)process);
    file = fopen(path, "re");
    if (file != NULL) {
        length = fread(title, 1, PROCESS_TITLE - 1, file);
        fclose(file);
    }
    title[length] = '\0';
    for (size_t i = 0; i + 1 < length; i++)
        if (title[i] == '\0' || title[i] == '\n')
            title[i] = ' ';
}
