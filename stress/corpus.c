/* SPDX-License-Identifier: MIT */
#include "corpus.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "libraries.h"

/* How many of the machine's libraries are taken where none are named. */
enum { FOUND_LIBRARIES = 12 };

static const char program_link[] = "/proc/self/exe";

static bool corpus_grow(corpus_t *corpus)
{
    size_t   capacity = corpus->capacity == 0 ? 32 : 2 * corpus->capacity;
    image_t *images = realloc(corpus->images, capacity * sizeof(*images));

    if (images == NULL)
        return false;
    corpus->images = images;
    corpus->capacity = capacity;
    return true;
}

/* The place for the next image, or NULL when memory is short. It counts once `count` is raised. */
static image_t *corpus_next(corpus_t *corpus)
{
    if (corpus->count == corpus->capacity && !corpus_grow(corpus))
        return NULL;
    return &corpus->images[corpus->count];
}

static bool corpus_has(const corpus_t *corpus, const char *path)
{
    struct stat status;

    if (stat(path, &status) != 0)
        return false;
    for (size_t i = 0; i < corpus->count; i++)
        if (corpus->images[i].device == status.st_dev && corpus->images[i].inode == status.st_ino)
            return true;
    return false;
}

static void complain(const char *path, const char *complaint)
{
    fprintf(stderr, "lintel-stress: %s: %s\n", path, complaint);
}

/* Loaded images without symbols, or without a file (the kernel's vdso), are nothing to complain about. */
static int add_loaded(struct dl_phdr_info *loaded, size_t size, void *argument)
{
    corpus_t *corpus = argument;
    image_t  *image = corpus_next(corpus);
    char      program[PATH_MAX] = "";

    (void)size;
    if (image == NULL)
        return -ENOMEM;
    if (loaded->dlpi_name[0] == '\0' && readlink(program_link, program, sizeof(program) - 1) < 0)
        return 0;
    if (image_adopt(loaded, program[0] != '\0' ? program : loaded->dlpi_name, image) == NULL)
        corpus->count++;
    return 0;
}

static int add_named(corpus_t *corpus, char *const *files, size_t file_count)
{
    size_t usable = 0;

    for (size_t i = 0; i < file_count; i++) {
        image_t    *image = corpus_next(corpus);
        const char *complaint = NULL;

        if (image == NULL)
            return -ENOMEM;
        if (!corpus_has(corpus, files[i])) {
            complaint = image_map(files[i], image);
            corpus->count += complaint == NULL;
        }
        if (complaint != NULL)
            complain(files[i], complaint);
        usable += complaint == NULL;
    }
    return usable > 0 ? 0 : -ENOEXEC;
}

static int add_found(corpus_t *corpus)
{
    libraries_t libraries;
    size_t      added = 0;
    int         error = libraries_find(&libraries);

    for (size_t i = 0; error == 0 && i < libraries.count && added < FOUND_LIBRARIES; i++) {
        image_t *image = corpus_next(corpus);

        if (image == NULL)
            error = -ENOMEM;
        else if (!corpus_has(corpus, libraries.items[i].path) && image_map(libraries.items[i].path, image) == NULL) {
            corpus->count++;
            added++;
        }
    }
    libraries_free(&libraries);
    return error;
}

static int by_base(const void *left, const void *right)
{
    const image_t *a = left;
    const image_t *b = right;

    return (a->base > b->base) - (a->base < b->base);
}

int corpus_gather(char *const *files, size_t file_count, corpus_t *corpus)
{
    int error;

    *corpus = (corpus_t){0};
    error = dl_iterate_phdr(add_loaded, corpus);
    if (error == 0)
        error = file_count > 0 ? add_named(corpus, files, file_count) : add_found(corpus);
    if (error != 0)
        corpus_free(corpus);
    else if (corpus->count > 0)
        qsort(corpus->images, corpus->count, sizeof(corpus->images[0]), by_base);
    return error;
}

size_t corpus_functions(const corpus_t *corpus)
{
    size_t functions = 0;

    for (size_t i = 0; i < corpus->count; i++)
        functions += corpus->images[i].elf.function_count;
    return functions;
}

void corpus_free(corpus_t *corpus)
{
    for (size_t i = 0; i < corpus->count; i++)
        image_close(&corpus->images[i]);
    free(corpus->images);
    *corpus = (corpus_t){0};
}
