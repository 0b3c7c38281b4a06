/* SPDX-License-Identifier: MIT */
#include "gdb.h"

typedef enum { GDB_NOTHING, GDB_ADDED, GDB_REMOVED } gdb_action_t;

/* As in gdb's documentation, "JIT Interface". */
typedef struct {
    uint32_t     version;
    uint32_t     action;
    gdb_entry_t *concerned;
    gdb_entry_t *first;
} gdb_list_t;

/* Only gdb reads it. */
__attribute__((used)) static gdb_list_t gdb_list = {.version = 1};

/* gdb stops the process here. */
__attribute__((used, noinline)) static void gdb_look(void)
{
    __asm__ volatile("" ::: "memory");
}

/* What gdb knows them by. */
extern gdb_list_t gdb_list_exported __attribute__((alias("gdb_list"), visibility("default")));
void              gdb_look_exported(void) __attribute__((alias("gdb_look"), visibility("default")));
__asm__(".symver gdb_list_exported, __jit_debug_descriptor@LINTEL_GDB, remove\n"
        ".symver gdb_look_exported, __jit_debug_register_code@LINTEL_GDB, remove\n");

static void tell(gdb_action_t action, gdb_entry_t *entry)
{
    gdb_list.action = action;
    gdb_list.concerned = entry;
    gdb_look();
    gdb_list.action = GDB_NOTHING;
}

void gdb_add(gdb_entry_t *entry)
{
    entry->next = gdb_list.first;
    entry->previous = NULL;
    if (entry->next)
        entry->next->previous = entry;
    gdb_list.first = entry;
    tell(GDB_ADDED, entry);
}

void gdb_remove(gdb_entry_t *entry)
{
    if (entry->previous)
        entry->previous->next = entry->next;
    else
        gdb_list.first = entry->next;
    if (entry->next)
        entry->next->previous = entry->previous;
    tell(GDB_REMOVED, entry);
}
