/* SPDX-License-Identifier: MIT
 *
 * walk: a module ends, and another takes its memory, after any one of the reads that a walk makes: what is shown was
 * there at one time.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "settle.h"
#include "walk.h"

enum { VICTIM = 100, IMPOSTOR = 200, STAYING = 3, BODIES = 10 };

/* Each module's key is its place, a mebibyte each, in space that is free. */
#define PLACE      ((size_t)1 << 20)
#define SPACE_SIZE (512 * PLACE)

/* A heap's early pool comes last, after everything was read for sure, and takes so many reads. */
enum { READS_OF_POOL = 3 };

int __real_process_read(pid_t process, uint64_t address, void *bytes, size_t size);
int __wrap_process_read(pid_t process, uint64_t address, void *bytes, size_t size);

static lintel_heap_t *heap;
static uintptr_t      space;
static unsigned       reads;
static unsigned       disturbed_at; /* the read after which the victim ends; 0: never */

static void use_module(uint64_t key, const char *name)
{
    lintel_module_desc_t description = {.base = space + key * PLACE, .image_size = 4096, .key = key, .name = name};
    lintel_module_t     *module;

    assert_int_equal(lintel_module_open(heap, &description, &module), 0);
    for (int i = 0; i < BODIES; i++)
        assert_non_null(lintel_alloc(module, key));
    lintel_module_release(module);
}

static void disturb(void)
{
    assert_int_equal(lintel_module_close(heap, VICTIM), 0);
    settle(heap);
    use_module(IMPOSTOR, "impostor");
}

int __wrap_process_read(pid_t process, uint64_t address, void *bytes, size_t size)
{
    int result = __real_process_read(process, address, bytes, size);

    if (++reads == disturbed_at)
        disturb();
    return result;
}

static void expect_whole(const landscape_module_t *module)
{
    const char *name = module->key == VICTIM ? "victim" : module->key == IMPOSTOR ? "impostor" : "staying";

    assert_string_equal(module->name, name);
    assert_int_equal(module->stats.allocations, BODIES);
    assert_int_equal(module->stats.allocated, BODIES * module->key);
    assert_int_equal(module->region_count, 1);
}

static int find_space(void **state)
{
    void *found = mmap(NULL, SPACE_SIZE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    (void)state;
    space = ((uintptr_t)found + PLACE - 1) & ~(PLACE - 1);
    return found == MAP_FAILED ? -1 : munmap(found, SPACE_SIZE);
}

static bool has(const snapshot_t *snapshot, uint64_t key)
{
    for (size_t i = 0; i < snapshot->landscape.module_count; i++)
        if (snapshot->landscape.modules[i].key == key)
            return true;
    return false;
}

/* Walks while that happens. Returns how many reads it took; stores whether the victim was seen. */
static unsigned walk(unsigned disturbed, bool *seen)
{
    snapshot_t snapshot;

    assert_int_equal(lintel_heap_create(NULL, &heap), 0);
    for (uint64_t key = 1; key <= STAYING; key++)
        use_module(key, "staying");
    use_module(VICTIM, "victim");
    reads = 0;
    disturbed_at = disturbed;
    assert_int_equal(walk_process(getpid(), &snapshot), 0);
    disturbed_at = 0;
    for (size_t i = 0; i < snapshot.landscape.module_count; i++)
        expect_whole(&snapshot.landscape.modules[i]);
    for (uint64_t key = 1; key <= STAYING; key++)
        assert_true(has(&snapshot, key));
    *seen = has(&snapshot, VICTIM);
    snapshot_free(&snapshot);
    lintel_heap_destroy(heap);
    return reads;
}

static void a_module_that_ends_is_seen_whole_or_not_at_all(void **state)
{
    bool     seen;
    unsigned usual = walk(0, &seen);

    (void)state;
    assert_true(seen);
    for (unsigned read = 1; read <= usual; read++) {
        walk(read, &seen);
        assert_int_equal(seen, read >= usual - READS_OF_POOL);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_module_that_ends_is_seen_whole_or_not_at_all)};

    return cmocka_run_group_tests(tests, find_space, NULL);
}
