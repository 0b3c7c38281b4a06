/* SPDX-License-Identifier: MIT
 *
 * method_malloc: clients that allocate, count and release while the module goes under them.
 */
#include <lintel/clr.h>

#include "atomic.h"
#include "os.h"
#include "profiling.h"
#include "registry.h"
#include "scripted_os.h"
#include "subject.h"
#include "team.h"
#include "unit.h"

enum { THREADS = 4, ROUNDS = 150, BODIES = 40, GETS = 300 };

static subject_t        subject;
static _Atomic unsigned faults;

static int start(void **state)
{
    (void)state;
    subject = subject_open(GIB, NULL, NULL);
    subject_free(&subject, 16 * MIB, 512 * MIB);
    faults = 0;
    return 0;
}

static int end(void **state)
{
    subject_end(&subject);
    return script_clear(state);
}

static void check(bool well)
{
    if (!well)
        atomic_fetch_add_relaxed(&faults, 1); /* relaxed: read after the threads are joined. */
}

static lintel_module_t *opened(void)
{
    lintel_module_t     *module = NULL;
    lintel_module_desc_t desc = {.base = subject.arena.start, .image_size = os_page_size(), .key = 1, .align = 4};

    assert_int_equal(lintel_module_open(subject.heap, &desc, &module), 0);
    return module;
}

/* One round: a module, its object with a count for each thread, and who goes first. */
typedef struct {
    lintel_module_t     *module;
    clr_method_malloc_t *object;
} round_t;

/* Once it is NULL it stays so: the module does not come back. */
static void allocate_until_gone(clr_method_malloc_t *object)
{
    bool gone = false;

    for (unsigned i = 0; i < BODIES; i++) {
        void *body = object->table->alloc(object, 8 + 100 * i);
        check(!gone || !body);
        check((uintptr_t)body % 4 == 0);
        gone = !body;
    }
}

static void one_lets_go_of_the_module(void *shared, unsigned member)
{
    const round_t *round = shared;

    if (member == 0) {
        check(lintel_module_close(subject.heap, 1) == 0);
        lintel_module_release(round->module);
        check(!round->object->table->alloc(round->object, 8));
    } else {
        allocate_until_gone(round->object);
    }
    round->object->table->unknown.release(round->object);
}

static void a_module_may_go_while_clients_allocate(void **state)
{
    (void)state;
    for (unsigned i = 0; i < ROUNDS; i++) {
        round_t round = {.module = opened()};
        void   *object = NULL;
        assert_int_equal(lintel_clr_method_malloc(round.module, &object), 0);
        round.object = object;
        for (unsigned member = 1; member < THREADS; member++)
            round.object->table->unknown.add_ref(object);
        team_run(THREADS, one_lets_go_of_the_module, &round);
    }
    assert_int_equal(faults, 0);
}

/* The last Release and the end of the grace period, in either order. */
static void release_beside_the_reclaimer(void *shared, unsigned member)
{
    clr_method_malloc_t *object = shared;

    if (member == 0)
        urcu_bp_barrier();
    else if (member == 1)
        check(object->table->unknown.release(object) == 0);
}

static void an_object_is_freed_once(void **state)
{
    (void)state;
    for (unsigned i = 0; i < ROUNDS; i++) {
        lintel_module_t *module = opened();
        void            *object = NULL;
        assert_int_equal(lintel_clr_method_malloc(module, &object), 0);
        assert_int_equal(lintel_module_close(subject.heap, 1), 0);
        lintel_module_release(module);
        team_run(2, release_beside_the_reclaimer, object);
    }
    assert_int_equal(faults, 0);
}

/* An object that is in a client's hands is nobody else's: its count is what that client made it. */
static void get_and_release(void *shared, unsigned member)
{
    (void)member;
    for (unsigned i = 0; i < GETS; i++) {
        void *got = NULL;
        check(lintel_clr_method_malloc(shared, &got) == 0);
        clr_method_malloc_t *object = got;
        check(object->table->unknown.add_ref(object) == 2);
        check(object->table->alloc(object, 8) != NULL);
        check(object->table->unknown.release(object) == 1);
        check(object->table->unknown.release(object) == 0);
    }
}

static void each_client_gets_an_object_of_its_own(void **state)
{
    (void)state;
    team_run(THREADS, get_and_release, subject.module);
    assert_int_equal(faults, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_module_may_go_while_clients_allocate, start, end),
        cmocka_unit_test_setup_teardown(an_object_is_freed_once, start, end),
        cmocka_unit_test_setup_teardown(each_client_gets_an_object_of_its_own, start, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
