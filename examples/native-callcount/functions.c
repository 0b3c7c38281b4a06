/* SPDX-License-Identifier: MIT */
#include "functions.h"

#include <fcntl.h>
#include <gelf.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool functions_add(functions_t *functions, const function_t *function)
{
    function_t *entry;

    if (functions->count == functions->capacity) {
        size_t      capacity = functions->capacity ? 2 * functions->capacity : 1024;
        function_t *entries = realloc(functions->entries, capacity * sizeof(*entries));

        if (entries == NULL)
            return false;
        functions->entries = entries;
        functions->capacity = capacity;
    }
    entry = &functions->entries[functions->count++];
    *entry = *function;
    /* The table that the name lies in goes with its file. */
    entry->name = function->name ? strdup(function->name) : NULL;
    return function->name == NULL || entry->name != NULL;
}

/* Of those that begin at one address, what is described comes first, then the longest; names in alphabetical order. */
static int compare(const void *left, const void *right)
{
    const function_t *a = left;
    const function_t *b = right;

    if (a->start != b->start)
        return a->start < b->start ? -1 : 1;
    if (a->described != b->described)
        return a->described ? -1 : 1;
    if (a->end != b->end)
        return a->end > b->end ? -1 : 1;
    return a->name == NULL || b->name == NULL ? (a->name == NULL) - (b->name == NULL) : strcmp(b->name, a->name);
}

/* `other` begins where `kept` does. */
static void absorb(function_t *kept, function_t *other)
{
    kept->resolver = kept->resolver || other->resolver;
    if (kept->name == NULL) {
        kept->name = other->name;
        other->name = NULL;
    }
    free((char *)other->name);
}

static void keep_each_start_once(functions_t *functions)
{
    size_t kept = 0;

    for (size_t i = 1; i < functions->count; i++) {
        if (functions->entries[i].start == functions->entries[kept].start)
            absorb(&functions->entries[kept], &functions->entries[i]);
        else
            functions->entries[++kept] = functions->entries[i];
    }
    functions->count = functions->count ? kept + 1 : 0;
}

/* What only a symbol tells of may lack a size, or begin within a range that is described. */
static void settle_ranges(functions_t *functions)
{
    uintptr_t described_end = 0;

    for (size_t i = 0; i < functions->count; i++) {
        function_t *function = &functions->entries[i];

        if (function->described && function->end > described_end)
            described_end = function->end;
        function->inside = !function->described && function->start < described_end;
        if (function->end == function->start && i + 1 < functions->count)
            function->end = functions->entries[i + 1].start;
    }
}

/* The file may have been replaced since it was loaded. */
static bool is_what_was_loaded(Elf *elf, const image_t *image)
{
    size_t    count;
    GElf_Phdr segment;

    if (elf_getphdrnum(elf, &count) != 0 || count != image->segment_count)
        return false;
    for (size_t i = 0; i < count; i++)
        if (gelf_getphdr(elf, (int)i, &segment) == NULL || memcmp(&segment, &image->segments[i], sizeof(segment)) != 0)
            return false;
    return true;
}

static const char *read_elf(Elf *elf, const image_t *image, functions_t *functions)
{
    GElf_Ehdr header;

    if (elf == NULL || gelf_getehdr(elf, &header) == NULL || header.e_machine != EM_X86_64)
        return "not an x86-64 ELF file";
    if (header.e_type != ET_DYN)
        return "linked at a fixed address: what refers to its functions cannot be found";
    if (!is_what_was_loaded(elf, image))
        return "the file is not the one that was loaded";
    if (!frames_read(elf, image, functions) || !symbols_read(elf, image, functions))
        return "out of memory";
    qsort(functions->entries, functions->count, sizeof(functions->entries[0]), compare);
    keep_each_start_once(functions);
    settle_ranges(functions);
    return functions->count > 0 ? NULL : "it tells of no functions";
}

const char *functions_read(const image_t *image, functions_t *functions)
{
    int file = open(image->path, O_RDONLY | O_CLOEXEC);

    if (file < 0)
        return "the file cannot be read";
    elf_version(EV_CURRENT);
    Elf        *elf = elf_begin(file, ELF_C_READ_MMAP, NULL);
    const char *problem = read_elf(elf, image, functions);
    elf_end(elf);
    close(file);
    return problem;
}

void functions_free(functions_t *functions)
{
    for (size_t i = 0; i < functions->count; i++)
        free((char *)functions->entries[i].name);
    free(functions->entries);
    *functions = (functions_t){0};
}
