/* SPDX-License-Identifier: MIT */
#include "player.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../unit/scripted_os.h"
#include "ground.h"
#include "os.h"

#define IMAGE_SIZE ((size_t)4096)
#define HOLE_STEP  ((size_t)1 << 20)
#define HOLE_UNIT  ((size_t)16 << 10)
#define NOTHING    ((void *)8) /* what a failing call must not touch */

static uint64_t key_of(unsigned number)
{
    return number % KEYS + 1;
}

static generation_t *open_generation(player_t *player, uint64_t key)
{
    for (unsigned i = 0; i < player->generation_count; i++)
        if (player->generations[i].open && player->generations[i].key == key)
            return &player->generations[i];
    return NULL;
}

generation_t *player_held(player_t *player, unsigned number)
{
    for (unsigned i = 0; i < player->generation_count; i++) {
        generation_t *found = &player->generations[(number + i) % player->generation_count];
        if (found->references > (found->open ? 1U : 0U))
            return found;
    }
    return NULL;
}

void player_expect_refusal(const player_t *player, int result)
{
    expect(player->refused || result == -ENOSPC, "nothing is refused for no reason");
    expect(result == -ENOMEM || result == -ENOSPC, "a refusal is ENOMEM or ENOSPC");
}

static lintel_heap_options_t read_options(const player_t *player, input_t *input)
{
    uint8_t               bits = input_byte(input);
    lintel_heap_options_t options = {.gap = (lintel_gap_t)(bits & 3),
                                     .populate = bits & 4 ? LINTEL_ON : LINTEL_OFF,
                                     .first_region = bits & 8 ? 16384 : 0,
                                     .commit_step = bits & 16 ? 4096 : 0,
                                     .region_limit = bits & 32 ? 65536 : 0};

    if (bits & 64) {
        options.pool_near = player->ground.start;
        options.pool_size = (size_t)1 << 16;
        options.pool_reach = range_size(player->ground) - 1;
    }
    return options;
}

bool player_start(player_t *player, input_t *input)
{
    memset(player, 0, sizeof(*player));
    player->ground = ground_take();
    for (unsigned i = 0; i < MOST_HOLES; i++) {
        uintptr_t start = player->ground.start + (i + 1) * 2 * HOLE_STEP;
        ground_free((range_t){start, start + (input_below(input, 64) + 1) * HOLE_UNIT});
    }
    lintel_heap_options_t options = read_options(player, input);
    int                   result = lintel_heap_create(&options, &player->heap);
    if (result) {
        expect(result == -ENOSPC && options.pool_size, "a heap without a pool is made");
        ground_restore();
    }
    return !result;
}

void player_open(player_t *player, unsigned number, size_t reserve)
{
    uint64_t             key = key_of(number);
    lintel_module_desc_t desc = {.base = player->ground.start + key * IMAGE_SIZE,
                                 .image_size = IMAGE_SIZE,
                                 .key = key,
                                 .name = number & 4 ? "name" : NULL,
                                 .reach = range_size(player->ground) - 8 * IMAGE_SIZE,
                                 .align = (size_t)1 << (number >> 3 & 7),
                                 .reserve = reserve};
    lintel_module_t     *module = NOTHING;

    if (player->generation_count == MOST_GENERATIONS)
        return;
    bool there = open_generation(player, key);
    int  result = lintel_module_open(player->heap, &desc, &module);
    if (result) {
        expect(module == NOTHING, "a refused open touches nothing");
        if (result != -EEXIST)
            player_expect_refusal(player, result);
        expect(there || result != -EEXIST, "EEXIST: the key is open");
        return;
    }
    expect(!there, "an open key is not opened again");
    player->generations[player->generation_count++] = (generation_t){
        .module = module, .key = key, .align = desc.align, .references = 2, .open = true};
}

static void drop_reference(player_t *player, generation_t *generation)
{
    if (--generation->references == 0)
        model_forget(&player->model, (unsigned)(generation - player->generations));
}

void player_close(player_t *player, unsigned number)
{
    generation_t *generation = open_generation(player, key_of(number));
    int           result = lintel_module_close(player->heap, key_of(number));

    expect(result == (generation ? 0 : -ENOENT), "what is open can be closed, and nothing else");
    if (!generation)
        return;
    generation->open = false;
    drop_reference(player, generation);
}

void player_acquire(player_t *player, unsigned number)
{
    generation_t *generation = open_generation(player, key_of(number));

    errno = 0;
    lintel_module_t *module = lintel_module_acquire(player->heap, key_of(number));
    expect(module == (generation ? generation->module : NULL), "acquire gives the open generation");
    expect(module || errno == ENOENT, "ENOENT: no open module has the key");
    if (generation)
        generation->references++;
}

void player_release(player_t *player, unsigned number)
{
    generation_t *generation = player_held(player, number);

    if (!generation)
        return;
    lintel_module_release(generation->module);
    drop_reference(player, generation);
}

void player_end(player_t *player)
{
    script_clear(NULL);
    player_check(player);
    lintel_heap_destroy(player->heap);
    ground_restore();
}
