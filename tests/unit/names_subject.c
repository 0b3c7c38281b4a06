/* SPDX-License-Identifier: MIT */
#include "names_subject.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "fork.h"
#include "team.h"
#include "unit.h"

/* As gdb has it, by the name that gdb looks for. */
typedef struct {
    uint32_t     version;
    uint32_t     action;
    gdb_entry_t *concerned;
    gdb_entry_t *first;
} list_t;

extern list_t list_of_gdb;
__asm__(".symver list_of_gdb, __jit_debug_descriptor@LINTEL_GDB\n");

typedef struct {
    void (*work)(void);
} work_t;

static bool call(void *context)
{
    ((const work_t *)context)->work();
    return true;
}

void names_apart(void (*work)(void))
{
    assert_true(child_says(call, &(work_t){work}));
}

subject_t names_open(lintel_perf_t perf, bool gdb)
{
    lintel_heap_options_t options = {.perf = perf, .gdb = gdb ? LINTEL_ON : LINTEL_OFF};
    lintel_module_desc_t  desc = {.kind = LINTEL_CODE};
    subject_t             subject = subject_open(GIB, &options, &desc);

    subject_free(&subject, 16 * MIB, 16 * MIB);
    return subject;
}

void *names_body(const subject_t *subject, size_t size, unsigned char value)
{
    void *body = lintel_alloc(subject->module, size);

    assert_non_null(body);
    memset(lintel_writable(subject->module, body), value, size);
    assert_int_equal(lintel_publish(subject->module, body, size), 0);
    return body;
}

const char *names_take_map(void)
{
    static char text[MOST_TEXT];
    char        path[64];

    snprintf(path, sizeof(path), "/tmp/perf-%d.map", (int)getpid());
    FILE *file = fopen(path, "re");
    if (!file)
        return NULL;
    text[fread(text, 1, sizeof(text) - 1, file)] = 0;
    fclose(file);
    unlink(path);
    return text;
}

const gdb_entry_t *names_told_gdb(void)
{
    return list_of_gdb.concerned;
}

const gdb_entry_t *names_first_in_gdb(void)
{
    return list_of_gdb.first;
}

size_t names_in_gdb(void)
{
    size_t             count = 0;
    const gdb_entry_t *previous = NULL;
    bool               well = true;

    fork_hold(); /* N2 */
    for (const gdb_entry_t *entry = list_of_gdb.first; entry; previous = entry, entry = entry->next, count++)
        well = well && entry->previous == previous && !memcmp(entry->object, "\177ELF", 4);
    fork_release();
    assert_true(well);
    return count;
}
