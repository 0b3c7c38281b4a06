/* SPDX-License-Identifier: MIT
 *
 * The shim between a runtime and a profiler that are both of this test: attaching, which a live runtime does not let a
 * test do easily, and modules that a live runtime seldom has.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/mman.h>

#include <cmocka.h>

#include "../../../examples/clr-shim/callback.h"
#include "../../../examples/clr-shim/interfaces.h"

#define LOADS  CLR_MONITOR_MODULE_LOADS
#define JIT    CLR_MONITOR_JIT_COMPILATION
#define MODULE ((clr_module_id_t)0x1234)

typedef struct {
    const clr_slot_t *table;
} object_t;

static clr_slot_t runtime_table[CLR_INFO_SLOTS], profiler_table[CLR_CALLBACK_SLOTS];
static object_t   runtime = {runtime_table}, profiler = {profiler_table};

/* What the runtime says and was told. */
static uint32_t            runtime_events;
static clr_result_t        allocator_result;
static const uint8_t      *image;
static uint32_t            module_flags;
static clr_slot_t          own_allocator_table[4];
static clr_method_malloc_t own_allocator = {(void *)own_allocator_table};
static int                 own_releases;

/* What the profiler was given and heard. */
static clr_info_t *given;
static void       *given_data;
static int         loads_heard;

static clr_result_t query_interface(void *self, const clr_guid_t *id, void **object)
{
    (void)id;
    *object = self;
    return CLR_OK;
}

static uint32_t count(void *self)
{
    own_releases += self == &own_allocator;
    return 1;
}

static clr_result_t set_event_mask(void *self, uint32_t events)
{
    assert_ptr_equal(self, &runtime);
    runtime_events = events;
    return events & CLR_ENABLE_REJIT ? CLR_FAILED : CLR_OK;
}

static clr_result_t get_event_mask(void *self, uint32_t *events)
{
    (void)self;
    *events = runtime_events;
    return CLR_OK;
}

static clr_result_t get_allocator(void *self, clr_module_id_t module, clr_method_malloc_t **allocator)
{
    (void)self, (void)module;
    if (allocator_result == CLR_OK)
        *allocator = &own_allocator;
    return allocator_result;
}

static clr_result_t get_module_info2(void *self, clr_module_id_t module, const uint8_t **base, uint32_t capacity,
                                     uint32_t *length, char16_t *name, clr_assembly_id_t *assembly, uint32_t *flags)
{
    (void)self, (void)module, (void)capacity;
    *base = image;
    *length = 0;
    *name = 0;
    *assembly = 0;
    *flags = module_flags;
    return CLR_OK;
}

static clr_result_t attach(void *self, clr_unknown_t *info, void *data, uint32_t size)
{
    assert_ptr_equal(self, &profiler);
    assert_int_equal(size, 7);
    given = (clr_info_t *)info;
    given_data = data;
    return CLR_OK;
}

static clr_result_t loaded(void)
{
    loads_heard++;
    return CLR_OK;
}

static int setup(void **state)
{
    clr_info_table_t     *info = (void *)runtime_table;
    clr_callback_table_t *callback = (void *)profiler_table;
    void                 *shown = NULL;

    info->unknown = callback->unknown = (clr_unknown_table_t){query_interface, count, count};
    own_allocator_table[2] = (clr_slot_t)count;
    info->set_event_mask = set_event_mask;
    runtime_table[SLOT_GET_EVENT_MASK] = (clr_slot_t)get_event_mask;
    info->get_il_function_body_allocator = get_allocator;
    info->get_module_info2 = get_module_info2;
    callback->initialize_for_attach = attach;
    profiler_table[SLOT_MODULE_LOAD_STARTED] = (clr_slot_t)loaded;
    image = NULL;
    module_flags = 0;
    allocator_result = CLR_OK;
    own_releases = loads_heard = 0;

    assert_int_equal(callback_wrap((clr_unknown_t *)&profiler, &clr_callback_id[2], &shown), CLR_OK);
    *state = shown;
    assert_int_equal(
        ((clr_callback_t *)shown)->table->initialize_for_attach(shown, (clr_unknown_t *)&runtime, state, 7), CLR_OK);
    assert_ptr_equal(given_data, state);
    return 0;
}

static int teardown(void **state)
{
    clr_callback_t *shown = *state;
    shown->table->unknown.release(shown);
    return 0;
}

/* A mapped image of two pages, of which the first says so. */
static uint8_t *map_image(void)
{
    uint8_t *mapped = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    uint32_t header = 0x80;
    uint32_t size = 8192;
    assert_ptr_not_equal(mapped, MAP_FAILED);
    memcpy(mapped + 0x3c, &header, sizeof(header));
    memcpy(mapped + header + 0x50, &size, sizeof(size));
    return mapped;
}

static clr_method_malloc_t *ask_allocator(void)
{
    clr_method_malloc_t *allocator = NULL;
    assert_int_equal(given->table->get_il_function_body_allocator(given, MODULE, &allocator), CLR_OK);
    return allocator;
}

static void attaching_gives_a_wrapped_runtime(void **state)
{
    (void)state;
    assert_ptr_not_equal(given, &runtime);
    assert_int_equal(runtime_events, LOADS);
}

static void the_profiler_sees_the_events_it_asked_for(void **state)
{
    clr_callback_t   *shown = *state;
    const clr_slot_t *slots = (const void *)shown->table;
    const clr_slot_t *asked = (const void *)given->table;
    clr_result_t (*load_started)(void *, clr_module_id_t) = (clr_result_t(*)(void *, clr_module_id_t))slots[13];
    clr_result_t (*get_events)(void *, uint32_t *) = (clr_result_t(*)(void *, uint32_t *))asked[6];
    uint32_t events;

    assert_int_equal(given->table->set_event_mask(given, JIT), CLR_OK);
    assert_int_equal(runtime_events, JIT | LOADS);
    assert_int_equal(get_events(given, &events), CLR_OK);
    assert_int_equal(events, JIT);
    load_started(shown, MODULE);
    assert_int_equal(loads_heard, 0);

    assert_int_equal(given->table->set_event_mask(given, JIT | LOADS), CLR_OK);
    assert_int_equal(given->table->set_event_mask(given, CLR_ENABLE_REJIT), CLR_FAILED); /* changes nothing */
    load_started(shown, MODULE);
    assert_int_equal(loads_heard, 1);
}

static void bodies_lie_above_until_the_module_goes(void **state)
{
    clr_callback_t *shown = *state;
    image = map_image();
    clr_method_malloc_t *allocator = ask_allocator();
    uint8_t             *body = allocator->table->alloc(allocator, 100);

    assert_ptr_not_equal(allocator, &own_allocator);
    assert_int_equal(own_releases, 1);
    assert_true(body >= image + 8192);
    shown->table->module_unload_finished(shown, MODULE, CLR_OK);
    assert_null(allocator->table->alloc(allocator, 100));
    allocator->table->unknown.release(allocator);
    munmap((void *)image, 8192);
}

static void an_image_within_a_page_has_bodies_above_too(void **state)
{
    clr_callback_t *shown = *state;
    uint8_t        *mapped = map_image();
    image = mapped + 1000;
    module_flags = CLR_MODULE_FLAT;
    clr_method_malloc_t *allocator = ask_allocator();
    uint8_t             *body = allocator->table->alloc(allocator, 100);

    assert_true(body > image && body - image < INT64_C(1) << 32);
    allocator->table->unknown.release(allocator);
    shown->table->module_unload_finished(shown, MODULE, CLR_OK);
    munmap(mapped, 8192);
}

static void the_runtimes_own_stays_where_there_is_no_image(void **state)
{
    (void)state;
    assert_ptr_equal(ask_allocator(), &own_allocator);
    image = (const uint8_t *)0x10000;
    module_flags = CLR_MODULE_DYNAMIC;
    assert_ptr_equal(ask_allocator(), &own_allocator);
    assert_int_equal(own_releases, 0);
}

static void what_the_runtime_refuses_stays_refused(void **state)
{
    clr_method_malloc_t *allocator = NULL;
    (void)state;
    allocator_result = CLR_DATA_INCOMPLETE;
    assert_int_equal(given->table->get_il_function_body_allocator(given, MODULE, &allocator), CLR_DATA_INCOMPLETE);
    assert_null(allocator);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(attaching_gives_a_wrapped_runtime, setup, teardown),
        cmocka_unit_test_setup_teardown(the_profiler_sees_the_events_it_asked_for, setup, teardown),
        cmocka_unit_test_setup_teardown(bodies_lie_above_until_the_module_goes, setup, teardown),
        cmocka_unit_test_setup_teardown(an_image_within_a_page_has_bodies_above_too, setup, teardown),
        cmocka_unit_test_setup_teardown(the_runtimes_own_stays_where_there_is_no_image, setup, teardown),
        cmocka_unit_test_setup_teardown(what_the_runtime_refuses_stays_refused, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
