/* SPDX-License-Identifier: MIT */
#include "libraries.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include "failure.h"

static const char file_name[] = "lintel-bench-library.so";

/* The small library, open for reading. */
static int open_original(size_t *size)
{
    char        path[PATH_MAX + sizeof(file_name)];
    struct stat facts;
    ssize_t     length = readlink("/proc/self/exe", path, PATH_MAX);

    if (length < 0)
        failure("this program cannot be found again: %s", strerror(errno));
    while (length > 0 && path[length - 1] != '/')
        length--;
    snprintf(path + length, sizeof(path) - (size_t)length, "%s", file_name);
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0 || fstat(file, &facts) != 0)
        failure("%s cannot be read: %s", path, strerror(errno));
    *size = (size_t)facts.st_size;
    return file;
}

static void copy(int original, size_t size, const char *path)
{
    int   file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0700);
    off_t begin = 0;

    if (file < 0 || sendfile(file, original, &begin, size) != (ssize_t)size || close(file) != 0)
        failure("%s cannot be written: %s", path, strerror(errno));
}

/* The loader tells libraries apart by their files: each is a copy, gone from its folder once it is loaded. */
static void *load(int original, size_t size, const char *folder, size_t number)
{
    char path[PATH_MAX];

    snprintf(path, sizeof(path), "%s/%zu.so", folder, number);
    copy(original, size, path);
    void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    unlink(path);
    if (library == NULL)
        failure("%s", dlerror());
    return library;
}

static void note(void *library, const void **functions)
{
    static const char *const names[LIBRARY_FUNCTIONS] = {"library_one", "library_two", "library_three", "library_four"};

    for (size_t i = 0; i < LIBRARY_FUNCTIONS; i++) {
        functions[i] = dlsym(library, names[i]);
        if (functions[i] == NULL)
            failure("%s lacks %s", file_name, names[i]);
    }
}

void libraries_load(size_t count, const void **functions)
{
    char   folder[] = "/tmp/lintel-bench-XXXXXX";
    size_t size;
    int    original = open_original(&size);

    if (mkdtemp(folder) == NULL)
        failure("no folder could be made in /tmp: %s", strerror(errno));
    for (size_t i = 0; i < count; i++)
        note(load(original, size, folder, i), functions + i * LIBRARY_FUNCTIONS);
    rmdir(folder);
    close(original);
}
