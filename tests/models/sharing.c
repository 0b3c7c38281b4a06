/* SPDX-License-Identifier: MIT */
#include "sharing.h"

#include <stdint.h>
#include <string.h>

#include "explorer.h"

enum { MOST_SHARED = 8192 };

typedef struct {
    const volatile void *word;
    unsigned             readers; /* a bit for each thread */
    unsigned             writers;
    bool                 met_on;
} shared_t;

static shared_t table[MOST_SHARED];
static unsigned count;
static bool     grown;

void sharing_start(void)
{
    memset(table, 0, sizeof(table));
    count = 0;
    grown = false;
}

static shared_t *entry_of(const volatile void *word)
{
    uintptr_t slot = ((uintptr_t)word >> 2) * 2654435761U % MOST_SHARED;

    while (table[slot].word && table[slot].word != word)
        slot = (slot + 1) % MOST_SHARED;
    if (!table[slot].word && ++count > MOST_SHARED / 2)
        explorer_fail("more words than there is room for");
    table[slot].word = word;
    return &table[slot];
}

bool sharing_is_met_on(const volatile void *word, unsigned thread, bool writes)
{
    shared_t *entry = entry_of(word);
    bool      before = entry->met_on;

    if (writes)
        entry->writers |= 1U << thread;
    else
        entry->readers |= 1U << thread;
    unsigned all = entry->readers | entry->writers;
    entry->met_on = before || (entry->writers && (all & (all - 1)));
    grown = grown || entry->met_on != before;
    return before;
}

bool sharing_has_grown(void)
{
    bool result = grown;

    grown = false;
    return result;
}
