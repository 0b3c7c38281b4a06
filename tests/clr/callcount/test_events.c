/* SPDX-License-Identifier: MIT
 *
 * clr-callcount under a runtime that a test plays: whatever that refuses, the profiler answers well, says so in one
 * line, and leaves methods as they are.
 */
#include <lintel/lintel.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "runtime.h"

#define GIB ((size_t)1 << 30)

enum { PAGE = 4096, MOST_TEXT = 4096, THREADS = 4 };

clr_result_t DllGetClassObject(const clr_guid_t *class, const clr_guid_t *id, void **object);

static const clr_guid_t class_id = {0x9b3f6a52, 0x1c0d, 0x4e7b, {0x8e, 0x64, 0x2d, 0x1a, 0x5c, 0x7f, 0x9e, 0x10}};

static clr_callback_t *profiler;
static int             real_stderr;
static FILE           *caught;

static int catch_stderr(void **state)
{
    (void)state;
    caught = tmpfile();
    real_stderr = dup(STDERR_FILENO);
    runtime_script = (runtime_script_t){0};
    runtime_new_bodies = 0;
    return dup2(fileno(caught), STDERR_FILENO) < 0;
}

static int release_stderr(void **state)
{
    (void)state;
    dup2(real_stderr, STDERR_FILENO);
    close(real_stderr);
    return fclose(caught);
}

/* Exactly one line was said, with `part` in it. */
static void assert_said(const char *part)
{
    char   text[MOST_TEXT] = {0};
    size_t size = (size_t)pread(fileno(caught), text, sizeof(text) - 1, 0);

    assert_in_range(size, 1, sizeof(text) - 1);
    assert_ptr_equal(strchr(text, '\n'), text + size - 1);
    assert_non_null(strstr(text, "callcount: "));
    assert_non_null(strstr(text, part));
}

static void assert_nothing_said(void)
{
    char text;

    assert_int_equal(pread(fileno(caught), &text, 1, 0), 0);
}

static clr_class_factory_t *factory(void)
{
    void *object = NULL;

    assert_int_equal(DllGetClassObject(&class_id, &clr_class_factory_id, &object), CLR_OK);
    return object;
}

/* Where images lie: the first of a range of address space that is taken otherwise. */
static uint8_t *image_with_nothing_free_for(size_t size)
{
    uint8_t *base = mmap(NULL, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    assert_ptr_not_equal(base, MAP_FAILED);
    assert_int_equal(mprotect(base, PAGE, PROT_READ | PROT_WRITE), 0);
    return base;
}

static clr_result_t load(clr_module_id_t module)
{
    return profiler->table->module_load_finished(profiler, module, CLR_OK);
}

static void unload(clr_module_id_t module)
{
    assert_int_equal(profiler->table->module_unload_started(profiler, module), CLR_OK);
    assert_int_equal(profiler->table->module_unload_finished(profiler, module, CLR_OK), CLR_OK);
}

static clr_result_t compile(clr_module_id_t module, unsigned number)
{
    return profiler->table->jit_compilation_started(profiler, runtime_function(module, number), 1);
}

static void another_class_is_not_available(void **state)
{
    void *object = &profiler;

    (void)state;
    assert_int_equal(DllGetClassObject(&clr_unknown_id, &clr_class_factory_id, &object), CLR_CLASS_NOT_AVAILABLE);
    assert_null(object);
    assert_said("another class");
    assert_int_equal(DllGetClassObject(&class_id, &clr_class_factory_id, NULL), CLR_NULL_POINTER);
}

static void the_factory_gives_the_profiler(void **state)
{
    clr_class_factory_t *made = factory();
    void                *object = NULL;

    (void)state;
    assert_int_equal(made->table->create_instance(made, made, &clr_callback_id[1], &object), CLR_NO_AGGREGATION);
    assert_int_equal(made->table->create_instance(made, NULL, &clr_method_malloc_id, &object), CLR_NO_INTERFACE);
    assert_null(object);
    for (unsigned i = 0; i < 4; i++)
        assert_int_equal(made->table->create_instance(made, NULL, &clr_callback_id[i], &object), CLR_OK);
    profiler = object;
    const clr_slot_t *slots = (const clr_slot_t *)(const void *)profiler->table;
    for (unsigned i = 0; i < CLR_CALLBACK_SLOTS; i++)
        assert_non_null(slots[i]);
    assert_nothing_said();
}

static void an_old_runtime_is_refused(void **state)
{
    (void)state;
    runtime_script.is_old = true;
    assert_int_equal(profiler->table->initialize(profiler, runtime_info()), CLR_NO_INTERFACE);
    assert_said("too old");
}

static void a_running_program_is_not_attached_to(void **state)
{
    (void)state;
    assert_int_equal(profiler->table->initialize_for_attach(profiler, runtime_info(), NULL, 0), CLR_NOT_IMPLEMENTED);
    assert_said("start it under the profiler");
}

static void events_that_are_refused_are_told(void **state)
{
    (void)state;
    runtime_script.event_mask = CLR_FAILED;
    assert_int_equal(profiler->table->initialize(profiler, runtime_info()), CLR_FAILED);
    assert_said("events");
}

static void it_starts(void **state)
{
    (void)state;
    assert_int_equal(profiler->table->initialize(profiler, runtime_info()), CLR_OK);
    assert_nothing_said();
}

static void a_method_is_rewritten_once(void **state)
{
    (void)state;
    runtime_script.base = image_with_nothing_free_for(PAGE);
    assert_int_equal(load(RUNTIME_MODULE), CLR_OK);
    for (int i = 0; i < 3; i++)
        assert_int_equal(compile(RUNTIME_MODULE, 1), CLR_OK);
    assert_int_equal(runtime_new_bodies, 1);
    assert_true(runtime_bodies[1] > runtime_script.base);
    assert_true((uint64_t)(runtime_bodies[1] - runtime_script.base) <= LINTEL_REACH_RVA32);
    assert_int_equal((uintptr_t)runtime_bodies[1] % 4, 0);
    assert_int_equal(compile(RUNTIME_MODULE, 2), CLR_OK);
    assert_int_equal(runtime_new_bodies, 2);
    unload(RUNTIME_MODULE);
    assert_nothing_said();
}

static pthread_barrier_t meeting;

static void *compile_the_same(void *unused)
{
    pthread_barrier_wait(&meeting);
    for (unsigned number = 0; number < RUNTIME_METHODS; number++) {
        compile(RUNTIME_MODULE, number);
        /* Nobody goes on to compile before the method has its new body. */
        if (runtime_new_bodies <= number)
            return &meeting;
    }
    return unused;
}

static void threads_that_meet_at_a_method_wait_for_its_body(void **state)
{
    pthread_t threads[THREADS];

    (void)state;
    runtime_script.base = image_with_nothing_free_for(PAGE);
    runtime_script.before_new_body = (void (*)(void))sched_yield;
    load(RUNTIME_MODULE);
    pthread_barrier_init(&meeting, NULL, THREADS);
    for (unsigned i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, compile_the_same, NULL), 0);
    for (unsigned i = 0; i < THREADS; i++) {
        void *fault = NULL;
        pthread_join(threads[i], &fault);
        assert_null(fault);
    }
    assert_int_equal(runtime_new_bodies, RUNTIME_METHODS);
    unload(RUNTIME_MODULE);
}

static void a_module_that_was_not_announced_is_left_alone(void **state)
{
    (void)state;
    assert_int_equal(compile(0x77000, 1), CLR_OK);
    assert_int_equal(compile(0x77000, 2), CLR_OK);
    assert_int_equal(runtime_new_bodies, 0);
    assert_said("not announced");
    unload(0x77000);
}

static void a_module_that_failed_to_load_is_left_alone(void **state)
{
    (void)state;
    assert_int_equal(profiler->table->module_load_finished(profiler, RUNTIME_MODULE, CLR_FAILED), CLR_OK);
    assert_int_equal(compile(RUNTIME_MODULE, 1), CLR_OK);
    assert_int_equal(runtime_new_bodies, 0);
}

static void a_module_that_nothing_is_told_about_is_left_alone(void **state)
{
    (void)state;
    runtime_script.module_info = CLR_DATA_INCOMPLETE;
    assert_int_equal(load(RUNTIME_MODULE), CLR_OK);
    assert_int_equal(compile(RUNTIME_MODULE, 1), CLR_OK);
    assert_int_equal(runtime_new_bodies, 0);
    assert_said("played.dll: the runtime does not say where it is");
    unload(RUNTIME_MODULE);
}

static void a_module_whose_metadata_takes_no_signature_is_left_alone(void **state)
{
    (void)state;
    runtime_script.base = image_with_nothing_free_for(PAGE);
    runtime_script.signature = CLR_FAILED;
    assert_int_equal(load(RUNTIME_MODULE), CLR_OK);
    assert_int_equal(compile(RUNTIME_MODULE, 1), CLR_OK);
    assert_int_equal(runtime_new_bodies, 0);
    assert_said("its metadata takes no signature");
    unload(RUNTIME_MODULE);
}

static void a_method_without_il_is_left_alone(void **state)
{
    (void)state;
    runtime_script.base = image_with_nothing_free_for(PAGE);
    runtime_script.body = CLR_FUNCTION_NOT_IL;
    load(RUNTIME_MODULE);
    assert_int_equal(compile(RUNTIME_MODULE, 1), CLR_OK);
    assert_int_equal(runtime_new_bodies, 0);
    assert_nothing_said();
    unload(RUNTIME_MODULE);
}

static void bodies_without_room_in_reach_lie_further_up(void **state)
{
    (void)state;
    runtime_script.base = image_with_nothing_free_for(5 * GIB);
    load(RUNTIME_MODULE);
    assert_int_equal(compile(RUNTIME_MODULE, 1), CLR_OK);
    assert_int_equal(runtime_new_bodies, 1);
    assert_true(runtime_bodies[1] > runtime_script.base);
    assert_true((uint64_t)(runtime_bodies[1] - runtime_script.base) > LINTEL_REACH_RVA32);
    assert_nothing_said();
    unload(RUNTIME_MODULE);
}

int main(void)
{
    setenv("CALLCOUNT_TOP", "0", 1);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(another_class_is_not_available, catch_stderr, release_stderr),
        cmocka_unit_test_setup_teardown(the_factory_gives_the_profiler, catch_stderr, release_stderr),
        cmocka_unit_test_setup_teardown(an_old_runtime_is_refused, catch_stderr, release_stderr),
        cmocka_unit_test_setup_teardown(a_running_program_is_not_attached_to, catch_stderr, release_stderr),
        cmocka_unit_test_setup_teardown(events_that_are_refused_are_told, catch_stderr, release_stderr),
        cmocka_unit_test_setup_teardown(it_starts, catch_stderr, release_stderr),
        cmocka_unit_test_setup_teardown(a_method_is_rewritten_once, catch_stderr, release_stderr),
        cmocka_unit_test_setup_teardown(threads_that_meet_at_a_method_wait_for_its_body, catch_stderr, release_stderr),
        cmocka_unit_test_setup_teardown(a_module_that_was_not_announced_is_left_alone, catch_stderr, release_stderr),
        cmocka_unit_test_setup_teardown(a_module_that_failed_to_load_is_left_alone, catch_stderr, release_stderr),
        cmocka_unit_test_setup_teardown(a_module_that_nothing_is_told_about_is_left_alone, catch_stderr,
                                        release_stderr),
        cmocka_unit_test_setup_teardown(a_module_whose_metadata_takes_no_signature_is_left_alone, catch_stderr,
                                        release_stderr),
        cmocka_unit_test_setup_teardown(a_method_without_il_is_left_alone, catch_stderr, release_stderr),
        cmocka_unit_test_setup_teardown(bodies_without_room_in_reach_lie_further_up, catch_stderr, release_stderr),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
