/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "player.h"

enum { MOST_REGIONS = 64 };

/* The bytes that are looked at in a large body, at each end. */
#define EDGE ((size_t)32)

static bool edges_are(const interval_t *body, unsigned char value)
{
    const unsigned char *bytes = (const unsigned char *)body->bytes.start;
    bool                 same = true;

    for (size_t i = 0; i < body->size && i < EDGE; i++)
        same = same && bytes[i] == value && bytes[body->size - 1 - i] == value;
    return same;
}

static void fill_edges(const interval_t *body)
{
    size_t edge = body->size < EDGE ? body->size : EDGE;

    memset((void *)body->bytes.start, body->fill, edge);
    memset((void *)(body->bytes.start + body->size - edge), body->fill, edge);
}

static void add_body(player_t *player, generation_t *generation, uintptr_t start, size_t size)
{
    interval_t body = {.bytes = {start, start + align_up(size, generation->align)},
                       .size = size,
                       .generation = (unsigned)(generation - player->generations),
                       .fill = ++player->last_fill | 1};

    expect(range_contains(player->ground, body.bytes), "a body lies within reach");
    expect(model_is_apart(&player->model, body.bytes), "bodies are apart");
    expect(edges_are(&body, 0), "a body reads as zero");
    fill_edges(&body);
    model_add(&player->model, body);
    generation->allocated += size;
    generation->allocations++;
}

void player_allocate(player_t *player, unsigned number, size_t size, size_t align)
{
    generation_t *generation = player_held(player, number);

    if (!generation || player->model.count == MOST_INTERVALS)
        return;
    errno = 0;
    void *body = align ? lintel_alloc_aligned(generation->module, size, align) : lintel_alloc(generation->module, size);
    if (!body) {
        player_expect_refusal(player, -errno);
        generation->failures++;
        return;
    }
    expect(errno == 0, "a success leaves errno alone");
    expect((uintptr_t)body % max_address(align, generation->align) == 0, "a body is aligned");
    add_body(player, generation, (uintptr_t)body, size);
}

void player_shrink(player_t *player, unsigned number, size_t new_size)
{
    if (!player->model.count)
        return;
    interval_t   *body = &player->model.intervals[number % player->model.count];
    generation_t *generation = &player->generations[body->generation];
    size_t        shorter = new_size < body->size ? align_up(new_size, generation->align) : range_size(body->bytes);
    size_t        freed = lintel_shrink(generation->module, (void *)body->bytes.start, body->size, new_size);

    expect(freed == range_size(body->bytes) - shorter, "a body is shortened as far as its alignment allows");
    if (!freed)
        return;
    expect(edges_are(&(interval_t){.bytes = body->bytes, .size = new_size}, body->fill) || new_size > EDGE,
           "what is kept stays as it was");
    generation->allocated -= body->size - new_size;
    body->bytes.end = body->bytes.start + shorter;
    body->size = new_size;
    fill_edges(body);
}

static void look(const player_t *player, uintptr_t address)
{
    const interval_t *body = model_find(&player->model, address);
    lintel_location_t location;
    int               result = lintel_find(player->heap, (void *)address, &location);

    expect(result == (body ? 0 : -ENOENT), "find knows bodies and nothing else");
    if (!body)
        return;
    const generation_t *generation = &player->generations[body->generation];
    expect(location.key == generation->key && location.offset == address - location.base, "find names the module");
    expect(lintel_offset(generation->module, (void *)address) == (int64_t)location.offset, "offsets agree");
    expect(lintel_writable(generation->module, (void *)address) == (void *)address, "a body is written in place");
}

void player_look(const player_t *player, size_t offset)
{
    look(player, player->ground.start + offset % range_size(player->ground));
}

void player_look_at_body(const player_t *player, unsigned number, size_t offset)
{
    if (!player->model.count)
        return;
    const interval_t *body = &player->model.intervals[number % player->model.count];
    look(player, body->bytes.start + offset % range_size(body->bytes));
    look(player, body->bytes.end - 1);
    look(player, body->bytes.start - 1);
    look(player, body->bytes.end);
}

static void check_books(const player_t *player, const generation_t *generation)
{
    lintel_region_t regions[MOST_REGIONS];
    lintel_stats_t  stats;
    uint64_t        used = 0;

    expect(lintel_module_stats(generation->module, &stats) == 0, "a module has figures");
    expect(stats.allocated == generation->allocated && stats.allocations == generation->allocations &&
               stats.failures == generation->failures,
           "the books say what was handed out");
    size_t count = lintel_module_regions(generation->module, MOST_REGIONS, regions);
    for (size_t i = 0; i < count && i < MOST_REGIONS; i++)
        used += regions[i].used;
    expect(count > MOST_REGIONS || used == stats.allocated + stats.spare + stats.lost, "the books balance");
    (void)player;
}

void player_check(const player_t *player)
{
    lintel_stats_t sum;
    uint64_t       modules = 0;

    for (unsigned i = 0; i < player->model.count; i++)
        expect(edges_are(&player->model.intervals[i], player->model.intervals[i].fill), "a body stays as it was");
    for (unsigned i = 0; i < player->generation_count; i++)
        if (player->generations[i].references) {
            check_books(player, &player->generations[i]);
            modules++;
        }
    expect(lintel_heap_stats(player->heap, &sum) == 0 && sum.modules == modules, "a heap knows its modules");
}

void player_print(const player_t *player, unsigned format)
{
    char  text[4096];
    FILE *out = fmemopen(text, sizeof(text), "w");

    expect(out != NULL, "a stream in memory can be had");
    int result = lintel_heap_print(player->heap, out, (lintel_format_t)format);
    fclose(out);
    expect(!result || result == -EIO || (player->refused && result == -ENOMEM), "a heap is printed");
}
