/* SPDX-License-Identifier: MIT
 *
 * player: a heap, its modules, the references to them, and the model of what they handed out.
 */
#ifndef FUZZ_PLAYER_H
#define FUZZ_PLAYER_H

#include <lintel/lintel.h>

#include "fuzz.h"
#include "model.h"

enum { MOST_GENERATIONS = 32, KEYS = 4 };

/* A module from its opening to its end. */
typedef struct {
    lintel_module_t *module;
    uint64_t         key;
    size_t           align;
    unsigned         references; /* the registry's among them */
    bool             open;
    uint64_t         allocated; /* what the books must say */
    uint64_t         allocations;
    uint64_t         failures;
} generation_t;

typedef struct {
    range_t        ground;
    lintel_heap_t *heap;
    bool           refused; /* something, some time */
    generation_t   generations[MOST_GENERATIONS];
    unsigned       generation_count;
    model_t        model;
    unsigned char  last_fill;
} player_t;

/* Makes the heap, and the holes above the images, that the input says. Returns whether there is a heap. */
bool player_start(player_t *player, input_t *input);

/* Checks everything, ends the heap, and checks that nothing is left of it. */
void player_end(player_t *player);

/* Keys, generations and bodies go by numbers, taken modulo what there is. */
void player_open(player_t *player, unsigned number, size_t reserve);
void player_close(player_t *player, unsigned number);
void player_acquire(player_t *player, unsigned number);
void player_release(player_t *player, unsigned number);
void player_allocate(player_t *player, unsigned number, size_t size, size_t align);
void player_shrink(player_t *player, unsigned number, size_t new_size);
void player_look(const player_t *player, size_t offset);
void player_look_at_body(const player_t *player, unsigned number, size_t offset);
void player_check(const player_t *player);
void player_print(const player_t *player, unsigned format);

/* One that is referenced by the player, near that number; NULL if none is. */
generation_t *player_held(player_t *player, unsigned number);

/* Fails unless a call may be refused with this. */
void player_expect_refusal(const player_t *player, int result);

#endif
