/* SPDX-License-Identifier: MIT
 *
 * method_malloc: what a client of the CLR's interface sees, and how long an object and its module's memory stay, each
 * without the other.
 */
#include <errno.h>
#include <lintel/clr.h>
#include <string.h>

#include "meta.h"
#include "os.h"
#include "profiling.h"
#include "registry.h"
#include "scripted_os.h"
#include "subject.h"
#include "unit.h"

#define STEP (64 * KIB)

/* Frees of the object that a test watches, by whatever thread. */
static _Atomic(const void *) watched;
static _Atomic unsigned      frees_of_watched;

void __real_meta_free(void *memory);
void __wrap_meta_free(void *memory);

void __wrap_meta_free(void *memory)
{
    if (memory && memory == watched)
        frees_of_watched++;
    __real_meta_free(memory);
}

static subject_t subject;

static void begin_with(size_t align)
{
    subject = subject_open(GIB, &bare, &(lintel_module_desc_t){.align = align});
    subject_free(&subject, STEP, 16 * MIB);
    watched = NULL;
    frees_of_watched = 0;
}

static int start(void **state)
{
    (void)state;
    begin_with(4);
    return 0;
}

static int end(void **state)
{
    subject_end(&subject);
    return script_clear(state);
}

static clr_method_malloc_t *object_of(lintel_module_t *module)
{
    void *object = NULL;

    assert_int_equal(lintel_clr_method_malloc(module, &object), 0);
    assert_non_null(object);
    watched = object;
    return object;
}

static void *alloc(clr_method_malloc_t *object, uint32_t size)
{
    return object->table->alloc(object, size);
}

/* What happens to the module while a client is inside and has found it. */
static void (*happens_inside)(void);

lintel_module_t *__real_face_enter(face_t *face);
lintel_module_t *__wrap_face_enter(face_t *face);

lintel_module_t *__wrap_face_enter(face_t *face)
{
    lintel_module_t *module = __real_face_enter(face);

    if (happens_inside)
        happens_inside();
    return module;
}

static uint32_t add_ref(clr_method_malloc_t *object)
{
    return object->table->unknown.add_ref(object);
}

static uint32_t release(clr_method_malloc_t *object)
{
    return object->table->unknown.release(object);
}

static clr_result_t query(clr_method_malloc_t *object, const clr_guid_t *id, void **answer)
{
    return object->table->unknown.query_interface(object, id, answer);
}

/* A second module, which a test can let go of. */
static lintel_module_t *open_other(void)
{
    lintel_module_t     *module = NULL;
    lintel_module_desc_t desc = {.base = subject.arena.start, .image_size = os_page_size(), .key = 1, .align = 4};

    assert_int_equal(lintel_module_open(subject.heap, &desc, &module), 0);
    return module;
}

static void let_go(lintel_module_t *module)
{
    assert_int_equal(lintel_module_close(subject.heap, 1), 0);
    lintel_module_release(module);
}

static void it_answers_for_its_own_interface_and_the_common_one(void **state)
{
    clr_method_malloc_t *object = object_of(subject.module);
    const clr_guid_t    *known[] = {&clr_unknown_id, &clr_method_malloc_id};

    (void)state;
    for (uint32_t i = 0; i < 2; i++) {
        void *answer = NULL;
        assert_int_equal(query(object, known[i], &answer), CLR_OK);
        assert_ptr_equal(answer, object);
        assert_int_equal(add_ref(object), i + 3);
        assert_int_equal(release(object), i + 2);
    }
}

static void other_interfaces_and_null_pointers_are_refused(void **state)
{
    clr_method_malloc_t *object = object_of(subject.module);
    void                *answer = &subject;

    (void)state;
    assert_int_equal(query(object, &clr_info_id[0], &answer), CLR_NO_INTERFACE);
    assert_null(answer);
    assert_int_equal(query(object, &clr_unknown_id, NULL), CLR_NULL_POINTER);
    assert_int_equal(query(object, NULL, &answer), CLR_NULL_POINTER);
    assert_int_equal(add_ref(object), 2);
}

static void null_arguments_and_refused_memory_are_errors(void **state)
{
    void *object = &subject;

    (void)state;
    assert_int_equal(lintel_clr_method_malloc(NULL, &object), -EINVAL);
    assert_int_equal(lintel_clr_method_malloc(subject.module, NULL), -EINVAL);
    script_answer(META_ALLOCATE, 1, 1, 0);
    assert_int_equal(lintel_clr_method_malloc(subject.module, &object), -ENOMEM);
    assert_ptr_equal(object, &subject);
}

static void the_count_starts_at_one_and_stops_at_none(void **state)
{
    clr_method_malloc_t *object = object_of(subject.module);

    (void)state;
    assert_int_equal(add_ref(object), 2);
    assert_int_equal(release(object), 1);
    assert_int_equal(release(object), 0);
    assert_int_equal(release(object), 0);
    assert_int_equal(add_ref(object), 1);
}

static void bodies_pack_at_four_bytes(void **state)
{
    clr_method_malloc_t *object = object_of(subject.module);
    char                *first = alloc(object, 13);
    char                *second = alloc(object, 1);

    (void)state;
    assert_fresh_body(&subject, first, 13, STEP, 2 * STEP);
    assert_ptr_equal(second, first + 16);
    assert_ptr_equal(alloc(object, 4), second + 4);
}

static void bodies_of_modules_with_other_alignments_are_on_four_bytes_or_that(void **state)
{
    static const size_t aligns[] = {1, 2, 16};

    (void)state;
    for (size_t i = 0; i < sizeof(aligns) / sizeof(*aligns); i++) {
        subject_end(&subject);
        begin_with(aligns[i]);
        clr_method_malloc_t *object = object_of(subject.module);
        for (uint32_t size = 1; size < 40; size++)
            assert_int_equal((uintptr_t)alloc(object, size) % (aligns[i] < 4 ? 4 : aligns[i]), 0);
        assert_null(alloc(object, 0));
    }
}

/* From threads' chunks too, which a module below 64 KiB has none of. */
static void bodies_of_a_large_module_are_on_four_bytes(void **state)
{
    (void)state;
    subject_end(&subject);
    begin_with(1);
    hand_out(subject.module, MIB);
    clr_method_malloc_t *object = object_of(subject.module);
    for (uint32_t i = 0; i < 1000; i++) {
        assert_int_equal((uintptr_t)alloc(object, 1 + i % 7) % 4, 0);
        assert_non_null(lintel_alloc(subject.module, 1 + i % 3));
    }
}

static void failures_are_null(void **state)
{
    clr_method_malloc_t *object = object_of(subject.module);

    (void)state;
    errno = 0;
    assert_null(alloc(object, 0));
    assert_int_equal(errno, EINVAL);
    assert_null(alloc(object, UINT32_MAX));
    assert_int_equal(errno, ENOSPC);
    assert_non_null(alloc(object, 100));
}

static void an_object_released_too_early_works_while_the_module_is_there(void **state)
{
    lintel_module_t     *module = open_other();
    clr_method_malloc_t *object = object_of(module);

    (void)state;
    assert_int_equal(release(object), 0);
    assert_int_equal(release(object), 0);
    assert_non_null(alloc(object, 100));
    assert_int_equal(frees_of_watched, 0);

    let_go(module);
    urcu_bp_barrier();
    assert_int_equal(frees_of_watched, 1);
}

static void an_object_outlives_its_module_until_its_last_release(void **state)
{
    lintel_module_t     *module = open_other();
    clr_method_malloc_t *object = object_of(module);

    (void)state;
    add_ref(object);
    let_go(module);
    errno = 0;
    assert_null(alloc(object, 100));
    assert_int_equal(errno, ENOENT);
    urcu_bp_barrier();
    assert_null(alloc(object, 100));
    assert_int_equal(release(object), 1);
    assert_int_equal(frees_of_watched, 0);
    assert_int_equal(release(object), 0);
    assert_int_equal(frees_of_watched, 1);
}

static void an_object_allocates_while_somebody_holds_the_closed_module(void **state)
{
    lintel_module_t     *module = open_other();
    clr_method_malloc_t *object = object_of(module);

    (void)state;
    assert_int_equal(lintel_module_close(subject.heap, 1), 0);
    assert_non_null(alloc(object, 100));
    lintel_module_release(module);
    assert_null(alloc(object, 100));
    assert_int_equal(release(object), 0);
}

static void an_object_never_released_keeps_no_memory_of_a_closed_module(void **state)
{
    lintel_module_t     *module = open_other();
    clr_method_malloc_t *object = object_of(module);
    void                *body = alloc(object, 100000);

    (void)state;
    assert_true(is_mapped((uintptr_t)body));
    let_go(module);
    urcu_bp_barrier();
    assert_false(is_mapped((uintptr_t)body));
    assert_int_equal(release(object), 0);
}

static void an_object_outlives_its_heap(void **state)
{
    subject_t            other = subject_open(GIB, NULL, NULL);
    clr_method_malloc_t *object = object_of(other.module);

    (void)state;
    subject_end(&other);
    assert_null(alloc(object, 100));
    assert_int_equal(release(object), 0);
    assert_int_equal(frees_of_watched, 1);
}

/* The module's last reference goes while a client is inside, at its first call to the kernel. */
static void let_go_inside(void *module)
{
    assert_true(urcu_bp_read_ongoing());
    let_go(module);
}

static void a_module_that_goes_while_a_client_is_inside_stays_until_it_is_done(void **state)
{
    lintel_module_t     *module = open_other();
    clr_method_malloc_t *object = object_of(module);

    (void)state;
    script_interlude(OS_RESERVE, 1, let_go_inside, module);
    assert_non_null(alloc(object, 100));
    assert_false(urcu_bp_read_ongoing());
    assert_null(alloc(object, 100));
    assert_int_equal(release(object), 0);
}

/* Profilers get one for each method and release it, as the runtime's own costs nothing. */
enum { GOING = 8 };

static void open_one(uint64_t key, lintel_module_t **module)
{
    lintel_module_desc_t desc = {.base = subject.arena.start, .image_size = os_page_size(), .key = key, .align = 4};

    assert_int_equal(lintel_module_open(subject.heap, &desc, module), 0);
}

/* Each waits for the end of the section, in a list with those that went before and behind it. */
static void all_go(void)
{
    happens_inside = NULL;
    for (uint64_t key = 1; key <= GOING; key++)
        assert_int_equal(lintel_module_close(subject.heap, key), 0);
}

static void a_client_that_is_inside_allocates_from_a_module_on_its_way_out(void **state)
{
    lintel_module_t     *modules[GOING];
    clr_method_malloc_t *object = NULL;

    (void)state;
    for (uint64_t key = 1; key <= GOING; key++) {
        open_one(key, &modules[key - 1]);
        if (key == GOING / 2)
            object = object_of(modules[key - 1]);
        lintel_module_release(modules[key - 1]);
    }
    assert_non_null(object);
    happens_inside = all_go;
    assert_non_null(alloc(object, 8));
    assert_null(alloc(object, 8));
    assert_int_equal(release(object), 0);
}

static void objects_that_are_released_are_used_again(void **state)
{
    clr_method_malloc_t *held = object_of(subject.module);

    (void)state;
    assert_int_equal(release(object_of(subject.module)), 0);
    unsigned before = script_calls(META_ALLOCATE);
    for (int i = 0; i < 1000; i++) {
        clr_method_malloc_t *object = object_of(subject.module);
        assert_ptr_not_equal(object, held);
        assert_int_equal(add_ref(object), 2);
        assert_int_equal(release(object), 1);
        assert_int_equal(release(object), 0);
    }
    assert_int_equal(script_calls(META_ALLOCATE), before);
    assert_int_equal(release(held), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(it_answers_for_its_own_interface_and_the_common_one, start, end),
        cmocka_unit_test_setup_teardown(other_interfaces_and_null_pointers_are_refused, start, end),
        cmocka_unit_test_setup_teardown(null_arguments_and_refused_memory_are_errors, start, end),
        cmocka_unit_test_setup_teardown(the_count_starts_at_one_and_stops_at_none, start, end),
        cmocka_unit_test_setup_teardown(bodies_pack_at_four_bytes, start, end),
        cmocka_unit_test_setup_teardown(bodies_of_modules_with_other_alignments_are_on_four_bytes_or_that, start, end),
        cmocka_unit_test_setup_teardown(bodies_of_a_large_module_are_on_four_bytes, start, end),
        cmocka_unit_test_setup_teardown(failures_are_null, start, end),
        cmocka_unit_test_setup_teardown(an_object_released_too_early_works_while_the_module_is_there, start, end),
        cmocka_unit_test_setup_teardown(an_object_outlives_its_module_until_its_last_release, start, end),
        cmocka_unit_test_setup_teardown(an_object_allocates_while_somebody_holds_the_closed_module, start, end),
        cmocka_unit_test_setup_teardown(an_object_never_released_keeps_no_memory_of_a_closed_module, start, end),
        cmocka_unit_test_setup_teardown(an_object_outlives_its_heap, start, end),
        cmocka_unit_test_setup_teardown(a_module_that_goes_while_a_client_is_inside_stays_until_it_is_done, start, end),
        cmocka_unit_test_setup_teardown(a_client_that_is_inside_allocates_from_a_module_on_its_way_out, start, end),
        cmocka_unit_test_setup_teardown(objects_that_are_released_are_used_again, start, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
