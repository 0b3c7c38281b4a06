/* SPDX-License-Identifier: MIT */
#include "process.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "failure.h"

/* Reads a small file with no help from malloc, which is being looked at. */
static void read_file(const char *path, char *text, size_t size)
{
    int     file = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t count = file < 0 ? -1 : read(file, text, size - 1);

    if (count < 0)
        failure("%s could not be read", path);
    text[count] = '\0';
    close(file);
}

static size_t number_after(const char *text, const char *label)
{
    const char *found = strstr(text, label);

    if (found == NULL)
        failure("the kernel does not tell '%s'", label);
    return strtoul(found + strlen(label), NULL, 10);
}

/* smaps_rollup walks the page tables; the figure in statm lags behind by what each core has not yet added to it. */
void process_look(process_t *process)
{
    char text[4096];

    read_file("/proc/self/smaps_rollup", text, sizeof(text));
    process->resident = number_after(text, "Rss:") * 1024;
    read_file("/proc/self/status", text, sizeof(text));
    process->size = number_after(text, "VmSize:") * 1024;
}
