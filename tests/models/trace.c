/* SPDX-License-Identifier: MIT */
#include "trace.h"

#include <inttypes.h>
#include <stdio.h>

enum { MOST_SHOWN = 4096, MOST_KINDS = 512 };

typedef struct {
    unsigned thread;
    access_t access;
    uint64_t value;
} entry_t;

static entry_t  entries[MOST_SHOWN];
static unsigned count;

/* Each kind of access that was ever made. */
static struct {
    const char *function;
    const char *operation;
} kinds[MOST_KINDS];
static unsigned kind_count;

static void add_kind(const access_t *access)
{
    for (unsigned i = 0; i < kind_count; i++)
        if (kinds[i].function == access->function && kinds[i].operation == access->operation)
            return;
    if (kind_count < MOST_KINDS) {
        kinds[kind_count].function = access->function;
        kinds[kind_count++].operation = access->operation;
    }
}

void trace_print_kinds(void)
{
    for (unsigned i = 0; i < kind_count; i++)
        printf("%s %s\n", kinds[i].function, kinds[i].operation);
}

void trace_reset(void)
{
    count = 0;
}

void trace_add(unsigned thread, const access_t *access)
{
    add_kind(access);
    if (count < MOST_SHOWN)
        entries[count++] = (entry_t){thread, *access, 0};
}

void trace_value(uint64_t value)
{
    if (count)
        entries[count - 1].value = value;
}

void trace_print(void)
{
    for (const entry_t *entry = entries; entry < entries + count; entry++)
        printf("    %*sthread %u: %s %s %s: %#" PRIx64 "\n", (int)entry->thread * 4, "", entry->thread,
               entry->access.function, entry->access.operation, entry->access.text, entry->value);
}
