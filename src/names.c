/* SPDX-License-Identifier: MIT */
#include "names.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "fork.h"
#include "gdb.h"
#include "gdb_object.h"
#include "jitdump.h"
#include "meta.h"
#include "perf_map.h"

/* A record of perf's dump has 32 bits for its size. */
#define MOST_BYTES         ((size_t)1 << 30)
#define MOST_BYTES_AT_ONCE ((size_t)1 << 20)

/* N2. */
static name_t *first;
static name_t *last;

static void copy_text(const char *text, char *to)
{
    for (; *text; text++, to++) {
        bool is_control = (unsigned char)*text < ' ' || *text == 0x7f;
        *to = *text;
        if (is_control)
            *to = '?';
    }
}

/* Whether the body that the range begins in goes on behind it for as long as what unwinds it. */
static bool has_room(const module_t *module, range_t body, unwind_size_t size)
{
    uintptr_t       end = unwind_place(body) + size.section + size.header;
    const region_t *region = codemap_lookup(&module->space->map, end - 1);
    starts_body_t   found;

    return region && starts_find(&module->space->starts, end - 1, region_bounds(region), &found) &&
           found.bytes.start <= body.start;
}

/* Behind the name comes what unwinds it, then gdb's object, then the text. */
static name_t *make(const module_t *module, range_t body, const char *text, const lintel_unwind_t *unwind,
                    unwind_size_t size)
{
    bool    gdb = module->space->options->gdb == LINTEL_ON;
    size_t  unwind_bytes = align_up(size.section + size.header, UNWIND_ALIGN);
    size_t  object_size = gdb ? gdb_object_size(text, size) : 0;
    name_t *name = meta_allocate(sizeof(*name) + unwind_bytes + object_size + strlen(text) + 1);

    if (!name)
        return NULL;
    unsigned char *at = (unsigned char *)(name + 1);
    char          *copy = (char *)at + unwind_bytes + object_size;
    copy_text(text, copy);
    unwind_write(unwind, body, size, at);
    name->module = module;
    name->body = body;
    name->text = copy;
    name->unwind = at;
    name->unwind_size = size;
    name->has_room = has_room(module, body, size);
    name->perf = module->space->options->perf;
    if (gdb) {
        gdb_object_write(body, copy, at, size, at + unwind_bytes);
        name->gdb.object = at + unwind_bytes;
        name->gdb.object_size = object_size;
    }
    return name;
}

/* Who asked for names in the environment does not see what lintel_name returns. */
static void complain(int result)
{
    static bool before; /* N2 */

    if (!before)
        fprintf(stderr, "lintel: a body has no name in perf: its file was refused, errno %d\n", -result);
    before = true;
}

/* Of names that are all to be told in the same way. */
static int tell_perf(const name_t *const *names, unsigned count)
{
    if (names[0]->perf == LINTEL_PERF_MAP)
        return perf_map_add(names, count);
    return names[0]->perf == LINTEL_PERF_JITDUMP ? jitdump_add(names, count) : 0;
}

/* N1. */
static void enlist(module_t *module, name_t *name)
{
    name->next_of_module = module->names;
    module->names = name;
    name->previous = last;
    *(last ? &last->next : &first) = name;
    last = name;
    if (name->gdb.object)
        gdb_add(&name->gdb);
}

static void unlist(name_t *name)
{
    *(name->previous ? &name->previous->next : &first) = name->next;
    *(name->next ? &name->next->previous : &last) = name->previous;
    if (name->gdb.object)
        gdb_remove(&name->gdb);
}

int names_add(module_t *module, range_t body, const char *text, const lintel_unwind_t *unwind)
{
    unwind_size_t size;

    if (range_size(body) > MOST_BYTES)
        return -EFBIG;
    if (unwind_measure(unwind, body, &size))
        return -EINVAL;
    name_t *name = make(module, body, text, unwind, size);
    if (!name)
        return -ENOMEM;
    fork_hold();
    int result = tell_perf((const name_t *const[]){name}, 1);
    if (!result)
        enlist(module, name);
    else
        complain(result);
    fork_release();
    if (result)
        meta_free(name);
    return result;
}

void names_forget(module_t *module)
{
    name_t *names = module->names;

    if (!names)
        return;
    fork_hold();
    for (name_t *name = names; name; name = name->next_of_module)
        unlist(name);
    fork_release();
    for (name_t *name = names, *next; name; name = next) {
        next = name->next_of_module;
        meta_free(name);
    }
    module->names = NULL;
}

/* The first name from `name` on that is told in this way, and whose body has memory; NULL if there is none. */
static const name_t *next_told(const name_t *name, lintel_perf_t perf)
{
    while (name && (name->perf != perf || !module_has_memory(name->module, name->body)))
        name = name->next;
    return name;
}

/* As many from `name` on as one write should have bytes. Returns how many. */
static unsigned take_batch(const name_t *name, const name_t **batch)
{
    unsigned count = 0;
    size_t   bytes = 0;

    do {
        batch[count++] = name;
        bytes += range_size(name->body);
        name = next_told(name->next, name->perf);
    } while (name && count < NAME_BATCH && bytes < MOST_BYTES_AT_ONCE);
    return count;
}

static void tell_all(lintel_perf_t perf)
{
    const name_t *batch[NAME_BATCH];
    unsigned      count;

    for (const name_t *name = next_told(first, perf); name; name = next_told(batch[count - 1]->next, perf)) {
        count = take_batch(name, batch);
        if (tell_perf(batch, count))
            return;
    }
}

void names_after_fork(void)
{
    perf_map_after_fork();
    jitdump_after_fork();
    tell_all(LINTEL_PERF_MAP);
    tell_all(LINTEL_PERF_JITDUMP);
}
