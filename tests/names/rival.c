/* SPDX-License-Identifier: MIT */
#include "rival.h"

#include <stddef.h>
#include <stdint.h>

typedef struct entry {
    struct entry *next;
    struct entry *previous;
    const char   *object;
    uint64_t      size;
} entry_t;

typedef struct {
    uint32_t version;
    uint32_t action;
    entry_t *concerned;
    entry_t *first;
} list_t;

extern list_t __jit_debug_descriptor;
void          __jit_debug_register_code(void);

list_t __jit_debug_descriptor = {.version = 1};

static int     calls;
static entry_t entry;

/* The same list, by a name that nobody preempts. */
extern list_t own_list __attribute__((alias("__jit_debug_descriptor"), visibility("hidden")));

void __jit_debug_register_code(void)
{
    calls++;
}

void rival_add(void)
{
    __jit_debug_descriptor.first = &entry;
    __jit_debug_register_code();
}

bool rival_is_alone(void)
{
    return own_list.first == &entry && !entry.next && !entry.previous && calls == 1;
}
