/* SPDX-License-Identifier: MIT
 *
 * world: lintel's calls as a program makes them, each watched and each answer checked against its promise; and what the
 * program has got by them, to be checked again when something was refused.
 */
#ifndef FAULTS_WORLD_H
#define FAULTS_WORLD_H

#include <lintel/lintel.h>

#include "base.h"
#include "calls.h"

enum { MOST_OWNERS = 8, MOST_BODIES = 4096 };

/* A reference to a module. */
typedef struct {
    lintel_module_t *module; /* NULL: given back */
    uint64_t         key;
    uint64_t         failures;
    bool             closed;
} owner_t;

typedef struct {
    unsigned char *start;
    size_t         size;
    unsigned       owner;
    unsigned char  fill; /* what all of its bytes are, but for the first */
    size_t         code; /* of which so many are a function that returns `fill` */
    bool           published;
    bool           named;
} body_t;

typedef struct {
    const calls_report_t *report;
    range_t               arena; /* its first page is the image; all of it is taken but for the hole */
    range_t               hole;
    size_t                files;  /* that were open at the start */
    unsigned              shared; /* mappings then */
    bool                  forced; /* there is but one way of looking for free address space */
    lintel_kind_t         kind;   /* of all modules */
    bool                  flips;  /* code is written in place */
    lintel_heap_t        *heap;
    owner_t               owners[MOST_OWNERS];
    unsigned              owner_count;
    body_t                bodies[MOST_BODIES];
    unsigned              body_count;
} world_t;

/* An arena with a hole of `size` bytes. */
void world_start(world_t *world, const calls_report_t *report, size_t size);

/* How many files the process has open. */
size_t world_files(void);

/* Each returns whether it was done. Whoever is refused must have been told a reason that the header names. */
bool world_create(world_t *world, const lintel_heap_options_t *options);
bool world_open(world_t *world, uint64_t key, size_t reserve);
bool world_allocate(world_t *world, unsigned owner, size_t size, size_t align);
void world_allocate_many(world_t *world, unsigned owner, unsigned count, size_t size);

/* Bodies of a page that nobody writes to: the module grows. */
void world_hand_out(world_t *world, unsigned owner, size_t size);

/* Shortens a body; nothing can refuse that. */
void world_shrink(world_t *world, unsigned body, size_t new_size);

/* Closes the key and gives the reference back: the module is gone when this returns. */
void world_close(world_t *world, unsigned owner);

/* Has a body of code be executable, and calls it. Returns as the others. */
bool world_publish(world_t *world, unsigned body);

/* Tells perf and gdb of a body. Returns as the others. */
bool world_name(world_t *world, unsigned body);

/* Remove the map of a former process that had this one's number, and did not end well. */
void world_drop_old_map(void);

/* That the map for perf has a whole line for each body that has a name; and removes it. */
void world_take_map(const world_t *world);

/* Bytes that a body is rounded up to. */
size_t world_unit(const world_t *world);

/* Fills a body, in code with a function first. */
void world_write(const world_t *world, body_t *body);

/* That a call may be refused for this reason. */
void world_assert_reason(const world_t *world, int result);

/* That bodies are as they were written, and those that are published can be called. */
void world_check_bodies(const world_t *world);

/* In the child of a fork: forgets bodies that it does not have. */
void world_drop_lost(world_t *world);

/* That nothing is mapped any more. */
void world_check_unmapped(const world_t *world);

void world_flush(void);
void world_look(world_t *world);
void world_print(world_t *world);

/* Every module goes with the heap. */
void world_destroy(world_t *world);

#endif
