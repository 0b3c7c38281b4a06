/* SPDX-License-Identifier: MIT */
#include "libraries.h"

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fnmatch.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool libraries_grow(libraries_t *libraries)
{
    size_t     capacity = libraries->capacity == 0 ? 256 : 2 * libraries->capacity;
    library_t *items = realloc(libraries->items, capacity * sizeof(*items));

    if (items == NULL)
        return false;
    libraries->items = items;
    libraries->capacity = capacity;
    return true;
}

/* Takes the path over. */
static int add_library(libraries_t *libraries, char *path, const struct stat *status)
{
    if (libraries->count == libraries->capacity && !libraries_grow(libraries)) {
        free(path);
        return -ENOMEM;
    }
    libraries->items[libraries->count++] = (library_t){
        .path = path,
        .size = (uint64_t)status->st_size,
        .device = status->st_dev,
        .inode = status->st_ino,
    };
    return 0;
}

static int add_file(libraries_t *libraries, const char *directory, const char *name, uint64_t largest)
{
    struct stat status;
    char       *path;

    if (asprintf(&path, "%s/%s", directory, name) < 0)
        return -ENOMEM;
    if (stat(path, &status) == 0 && S_ISREG(status.st_mode) && (uint64_t)status.st_size <= largest)
        return add_library(libraries, path, &status);
    free(path);
    return 0;
}

static int add_directory(libraries_t *libraries, const char *directory, uint64_t largest)
{
    DIR           *stream = opendir(directory);
    struct dirent *entry;
    int            error = 0;

    if (stream == NULL)
        return 0;
    while (error == 0 && (entry = readdir(stream)) != NULL)
        if (fnmatch("*.so", entry->d_name, 0) == 0 || fnmatch("*.so.*", entry->d_name, 0) == 0)
            error = add_file(libraries, directory, entry->d_name, largest);
    closedir(stream);
    return error;
}

/* The dynamic linker's search path, to be freed; NULL where it does not tell, or memory is short. */
static Dl_serinfo *search_path(void)
{
    void       *program = dlopen(NULL, RTLD_LAZY);
    Dl_serinfo  size;
    Dl_serinfo *path = NULL;

    if (program == NULL)
        return NULL;
    if (dlinfo(program, RTLD_DI_SERINFOSIZE, &size) == 0 && (path = malloc(size.dls_size)) != NULL) {
        path->dls_size = size.dls_size;
        path->dls_cnt = size.dls_cnt;
        if (dlinfo(program, RTLD_DI_SERINFO, path) != 0) {
            free(path);
            path = NULL;
        }
    }
    dlclose(program);
    return path;
}

static int by_file(const void *left, const void *right)
{
    const library_t *a = left;
    const library_t *b = right;

    if (a->size != b->size)
        return a->size < b->size ? 1 : -1;
    if (a->device != b->device)
        return a->device < b->device ? -1 : 1;
    if (a->inode != b->inode)
        return a->inode < b->inode ? -1 : 1;
    return strcmp(a->path, b->path);
}

static void keep_each_file_once(libraries_t *libraries)
{
    size_t kept = 0;

    for (size_t i = 0; i < libraries->count; i++) {
        library_t *library = &libraries->items[i];

        if (kept > 0 && library->inode == libraries->items[kept - 1].inode &&
            library->device == libraries->items[kept - 1].device)
            free(library->path);
        else
            libraries->items[kept++] = *library;
    }
    libraries->count = kept;
}

/* A dozen of this size, copied, fit into memory several times over. */
static uint64_t largest_size(void)
{
    return (uint64_t)sysconf(_SC_PHYS_PAGES) * (uint64_t)sysconf(_SC_PAGESIZE) / 64;
}

int libraries_find(libraries_t *libraries)
{
    Dl_serinfo *path = search_path();
    int         error = 0;

    *libraries = (libraries_t){0};
    for (unsigned i = 0; error == 0 && path != NULL && i < path->dls_cnt; i++)
        error = add_directory(libraries, path->dls_serpath[i].dls_name, largest_size());
    free(path);
    if (libraries->count > 0)
        qsort(libraries->items, libraries->count, sizeof(libraries->items[0]), by_file);
    keep_each_file_once(libraries);
    return error;
}

void libraries_free(libraries_t *libraries)
{
    for (size_t i = 0; i < libraries->count; i++)
        free(libraries->items[i].path);
    free(libraries->items);
    *libraries = (libraries_t){0};
}
