/* SPDX-License-Identifier: MIT
 *
 * replay PATH...: gives the target each file, and each file in each folder: what is kept of earlier runs, without
 * libFuzzer. Says how many there were; none is a failure.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "fuzz.h"

enum { LARGEST_INPUT = 1 << 20, LONGEST_PATH = 4096 };

/* Returns whether the file could be read. */
static bool replay_file(const char *path)
{
    static uint8_t data[LARGEST_INPUT];
    FILE          *file = fopen(path, "rbe");

    if (!file)
        return false;
    size_t size = fread(data, 1, sizeof(data), file);
    bool   well = !ferror(file);
    fclose(file);
    /* A copy of just that size: to read behind it is an error that AddressSanitizer sees. */
    uint8_t *copy = malloc(size ? size : 1);
    if (!copy)
        return false;
    for (size_t i = 0; i < size; i++)
        copy[i] = data[i];
    printf("%s\n", path);
    fflush(stdout);
    LLVMFuzzerTestOneInput(copy, size);
    free(copy);
    return well;
}

static unsigned replay(const char *path)
{
    DIR     *folder = opendir(path);
    unsigned count = 0;
    char     inside[LONGEST_PATH];

    if (!folder)
        return replay_file(path);
    for (struct dirent *entry; (entry = readdir(folder));) {
        struct stat status;
        snprintf(inside, sizeof(inside), "%s/%s", path, entry->d_name);
        if (!stat(inside, &status) && S_ISREG(status.st_mode))
            count += replay_file(inside);
    }
    closedir(folder);
    return count;
}

int main(int argc, char **argv)
{
    unsigned count = 0;

    for (int i = 1; i < argc; i++)
        count += replay(argv[i]);
    printf("%u inputs\n", count);
    return count ? EXIT_SUCCESS : EXIT_FAILURE;
}
