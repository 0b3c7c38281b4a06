/* SPDX-License-Identifier: MIT
 *
 * find, while modules come and go: the region that an address led to is given up, and its descriptor used for another
 * one, before the answer is made of it.
 */
#include <errno.h>

#include "atomic.h"
#include "codemap.h"
#include "os.h"
#include "registry.h"
#include "scripted_os.h"
#include "subject.h"
#include "team.h"
#include "unit.h"

#define STEP (64 * KIB)
#define GONE UINT64_C(7)
#define NEW  UINT64_C(8)

/* What happens when lintel_find has made its nth look into the map, or has gone through the spare spans. */
static void (*interlude)(void);
static unsigned lookups_before;
static unsigned walks_before;

void *__real_codemap_lookup(const codemap_t *map, uintptr_t address);
void *__wrap_codemap_lookup(const codemap_t *map, uintptr_t address);
bool  __real_spare_overlaps(spare_block_t *anchor, range_t range, bool (*still_valid)(const void *context),
                            const void *context);
bool  __wrap_spare_overlaps(spare_block_t *anchor, range_t range, bool (*still_valid)(const void *context),
                            const void *context);

void *__wrap_codemap_lookup(const codemap_t *map, uintptr_t address)
{
    struct region *region = __real_codemap_lookup(map, address);

    if (lookups_before && --lookups_before == 0)
        interlude();
    return region;
}

bool __wrap_spare_overlaps(spare_block_t *anchor, range_t range, bool (*still_valid)(const void *context),
                           const void *context)
{
    bool overlaps = __real_spare_overlaps(anchor, range, still_valid, context);

    if (walks_before && --walks_before == 0)
        interlude();
    return overlaps;
}

static subject_t subject;
static char     *old_body;

static int start(void **state)
{
    lintel_module_desc_t desc = {.key = 42, .align = 16};

    (void)state;
    subject = subject_open(GIB, &bare, &desc);
    subject_free(&subject, 16 * MIB, STEP);
    return 0;
}

static int end(void **state)
{
    lookups_before = walks_before = 0;
    subject_end(&subject);
    return script_clear(state);
}

static lintel_module_t *opened(uint64_t key)
{
    lintel_module_desc_t desc = {.base = subject.arena.start + key * os_page_size(), .key = key};
    lintel_module_t     *module = NULL;

    assert_int_equal(lintel_module_open(subject.heap, &desc, &module), 0);
    return module;
}

/* One module goes; another one comes, whose region lies elsewhere and has the same descriptor. */
static void replace_module(void)
{
    assert_int_equal(lintel_module_close(subject.heap, GONE), 0);
    urcu_bp_barrier();
    arena_fill(arena_part(subject.arena, 16 * MIB, STEP));
    subject_free(&subject, 64 * MIB, STEP);
    lintel_module_t *module = opened(NEW);
    assert_non_null(lintel_alloc(module, STEP));
    lintel_module_release(module);
}

static void check_find_overtaken(unsigned lookup, unsigned walk)
{
    lintel_location_t location = {.key = 99};
    lintel_module_t  *module = opened(GONE);

    old_body = lintel_alloc(module, 1000);
    assert_non_null(old_body);
    lintel_module_release(module);
    interlude = replace_module;
    lookups_before = lookup;
    walks_before = walk;
    assert_int_equal(lintel_find(subject.heap, old_body + 10, &location), -ENOENT);
    assert_int_equal(location.key, 99);
}

static void a_region_that_goes_after_the_first_look_is_not_found(void **state)
{
    (void)state;
    check_find_overtaken(1, 0);
}

static void a_region_that_goes_after_the_second_look_is_not_found(void **state)
{
    (void)state;
    check_find_overtaken(2, 0);
}

static void a_region_that_goes_before_the_answer_is_not_found(void **state)
{
    (void)state;
    check_find_overtaken(0, 1);
}

enum { THREADS = 4, TURNS = 1200, LOOKS = 100000, MODULES = 8 };

/* A key says its base, and a base its number, so that a mixture of two answers shows. */
static lintel_module_desc_t description(unsigned number)
{
    size_t page = os_page_size();

    return (lintel_module_desc_t){
        .base = subject.arena.start + (1 + number) * page, .image_size = page, .key = (number + 1) * UINT64_C(1000003)};
}

static _Atomic unsigned faults;
static _Atomic unsigned found;
static char            *constant_body;
static char            *constant_hole;

static void come_and_go(unsigned member)
{
    for (unsigned turn = 0; turn < TURNS; turn++) {
        lintel_module_desc_t desc = description((turn * 2 + member) % MODULES);
        lintel_module_t     *module;
        if (lintel_module_open(subject.heap, &desc, &module))
            continue;
        char *body = lintel_alloc(module, 4000);
        lintel_alloc_aligned(module, 16, 512);
        lintel_shrink(module, body, 4000, 3000);
        lintel_module_close(subject.heap, desc.key);
        lintel_module_release(module);
    }
}

static void look_around(unsigned long seed)
{
    for (unsigned look = 0; look < LOOKS; look++) {
        lintel_location_t location;
        char             *region = (char *)subject.arena.start + 17 * MIB + random_below(&seed, 4) * STEP;
        char             *address = region + random_below(&seed, 8 * 1024);
        bool              well = true;
        if (!lintel_find(subject.heap, address, &location)) {
            size_t number = (location.base - subject.arena.start) / os_page_size() - 1;
            well = location.offset == (uintptr_t)address - location.base &&
                   (location.key == (number + 1) * UINT64_C(1000003) || location.key == 42);
            atomic_fetch_add_relaxed(&found, 1); /* relaxed: read after the threads are joined. */
        }
        well = well && !lintel_find(subject.heap, constant_body, &location) && location.key == 42;
        well = well && lintel_find(subject.heap, constant_hole, &location) == -ENOENT;
        if (!well)
            atomic_fetch_add_relaxed(&faults, 1); /* relaxed: as above. */
    }
}

static void look_or_come_and_go(void *shared, unsigned member)
{
    (void)shared;
    if (member % 2)
        come_and_go(member);
    else
        look_around(member);
}

static void answers_are_true_while_modules_come_and_go(void **state)
{
    (void)state;
    subject_free(&subject, 17 * MIB, 64 * MIB);
    constant_body = lintel_alloc(subject.module, 64);
    constant_hole = (char *)lintel_alloc(subject.module, 64) + 16;
    assert_non_null(lintel_alloc(subject.module, 16));
    assert_int_equal(lintel_shrink(subject.module, constant_hole - 16, 64, 16), 48);
    team_run(THREADS, look_or_come_and_go, NULL);
    assert_int_equal(faults, 0);
    print_message("%u bodies were met\n", found);
    urcu_bp_barrier();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_region_that_goes_after_the_first_look_is_not_found, start, end),
        cmocka_unit_test_setup_teardown(a_region_that_goes_after_the_second_look_is_not_found, start, end),
        cmocka_unit_test_setup_teardown(a_region_that_goes_before_the_answer_is_not_found, start, end),
        cmocka_unit_test_setup_teardown(answers_are_true_while_modules_come_and_go, start, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
