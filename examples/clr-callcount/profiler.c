/* SPDX-License-Identifier: MIT
 *
 * profiler: what is done at each of the runtime's events.
 *
 *   Initialize            a heap, with its pool, before the garbage collector takes the address space
 *   ModuleLoadFinished    a lintel module for the runtime's
 *   JITCompilationStarted a new body for the method, above its module
 *   ModuleUnload...       what was counted is entered into the summary; the lintel module goes
 *   Shutdown              the report
 *
 * Whatever fails, the runtime gets S_OK, and the program goes on.
 */
#include "profiler.h"

#include <dlfcn.h>
#include <string.h>

#include "alloc_clock.h"
#include "landing.h"
#include "report.h"
#include "rewrite.h"
#include "say.h"

/* Inlined calls would be seen by nobody: a body that was not rewritten before its caller is compiled goes in as it was.
 * Precompiled code has no event, and inlined calls in it. */
#define EVENTS                                                                                                         \
    (CLR_MONITOR_MODULE_LOADS | CLR_MONITOR_JIT_COMPILATION | CLR_DISABLE_INLINING | CLR_DISABLE_PRECOMPILED_IMAGES)

static struct {
    clr_callback_t callback; /* the object: a pointer to its table */

    settings_t     settings;
    clr_info_t    *info;
    uintptr_t      runtime; /* where the runtime's own library lies */
    lintel_heap_t *heap;
    landing_t      landing;
    modules_t      modules;
    summary_t      summary;
} profiler;

static clr_result_t query_interface(void *self, const clr_guid_t *id, void **object)
{
    bool is_known = clr_same_guid(id, &clr_unknown_id);

    for (unsigned i = 0; i < sizeof(clr_callback_id) / sizeof(*clr_callback_id); i++)
        is_known |= clr_same_guid(id, &clr_callback_id[i]);
    *object = is_known ? self : NULL;
    return is_known ? CLR_OK : CLR_NO_INTERFACE;
}

/* The one object is not freed: methods go on counting after Shutdown. */
static uint32_t count_reference(void *self)
{
    (void)self;
    return 1;
}

/* Returns 0 if it cannot be told. */
static uintptr_t base_of_library(clr_info_t *info)
{
    Dl_info library;

    return dladdr((const void *)info->table, &library) ? (uintptr_t)library.dli_fbase : 0;
}

/* Nothing to do for who compares with the runtime's allocator. */
static clr_result_t make_heap(void)
{
    if (profiler.settings.allocator == ALLOCATOR_RUNTIME)
        return CLR_OK;
    int result = landing_create_heap(profiler.settings.pool, &profiler.landing, &profiler.heap);
    if (result) {
        say("lintel cannot make a heap (%s): nothing is counted", strerror(-result));
        return CLR_OUT_OF_MEMORY;
    }
    if (!profiler.landing.pool && profiler.settings.pool != POOL_OFF)
        say("no address space for a pool: bodies go wherever there is room above their modules");
    return CLR_OK;
}

static clr_result_t start(clr_info_t *info)
{
    clr_result_t refusal = info->table->set_event_mask(info, EVENTS);

    if (refusal < 0) {
        say("the runtime does not give the events that are needed (0x%08x): nothing is counted", (unsigned)refusal);
        return refusal;
    }
    profiler.settings = settings_read();
    profiler.info = info;
    profiler.runtime = base_of_library(info);
    rewrite_refuse(profiler.settings.refuse);
    modules_start(&profiler.modules);
    if (profiler.settings.clock)
        alloc_clock_start();
    summary_start(&profiler.summary);
    return make_heap();
}

static clr_result_t initialize(void *self, clr_unknown_t *unknown)
{
    void *info = NULL;

    (void)self;
    if (unknown->table->query_interface(unknown, &clr_info_id[2], &info) < 0) {
        say("this runtime is too old, it has no ICorProfilerInfo3: nothing is counted");
        return CLR_NO_INTERFACE;
    }
    return start(info);
}

/* Methods that were compiled already would not be counted: counts would not be exact. */
static clr_result_t initialize_for_attach(void *self, clr_unknown_t *unknown, void *data, uint32_t size)
{
    (void)self;
    (void)unknown;
    (void)data;
    (void)size;
    say("a running program cannot be counted: start it under the profiler");
    return CLR_NOT_IMPLEMENTED;
}

static clr_result_t module_load_finished(void *self, clr_module_id_t id, clr_result_t result)
{
    (void)self;
    landing_open(&profiler.landing);
    if (result < 0)
        return CLR_OK;
    const loaded_module_t *module = modules_enter(&profiler.modules, profiler.info, profiler.heap, id,
                                                  profiler.runtime);
    if (!module)
        say("no memory for another module: its methods are not counted");
    else if (module->obstacle)
        say("%s: %s; its methods are not counted", module->name, module->obstacle);
    return CLR_OK;
}

static clr_result_t jit_compilation_started(void *self, clr_function_id_t function, int32_t safe_to_block)
{
    static atomic_flag is_told = ATOMIC_FLAG_INIT;
    clr_class_id_t     type;
    clr_module_id_t    id;
    clr_token_t        token;

    (void)self;
    (void)safe_to_block;
    if (profiler.info->table->get_function_info(profiler.info, function, &type, &id, &token) < 0)
        return CLR_OK;
    loaded_module_t *module = modules_find(&profiler.modules, id);
    if (module)
        rewrite_method(profiler.info, module, token);
    else if (!atomic_flag_test_and_set(&is_told))
        say("a method of a module that was not announced runs on, uncounted, and so will others like it");
    return CLR_OK;
}

static clr_result_t module_unload_started(void *self, clr_module_id_t id)
{
    loaded_module_t *module = modules_find(&profiler.modules, id);

    (void)self;
    if (module) {
        summary_add(&profiler.summary, module, true);
        module_forget_metadata(module);
    }
    return CLR_OK;
}

static clr_result_t module_unload_finished(void *self, clr_module_id_t id, clr_result_t result)
{
    loaded_module_t *module = modules_remove(&profiler.modules, id);

    (void)self;
    (void)result;
    if (module)
        module_free(module);
    return CLR_OK;
}

static void add_to_summary(loaded_module_t *module, void *unused)
{
    (void)unused;
    summary_add(&profiler.summary, module, false);
}

static clr_result_t shut_down(void *self)
{
    (void)self;
    modules_visit(&profiler.modules, add_to_summary, NULL);
    report(&profiler.summary, &profiler.landing, profiler.heap, &profiler.settings);
    return CLR_OK;
}

static clr_result_t ignore(void)
{
    return CLR_OK;
}

/* Every function of the table that is not ours does nothing. */
static const clr_callback_table_t *make_table(void)
{
    static union {
        clr_slot_t           slots[CLR_CALLBACK_SLOTS];
        clr_callback_table_t table;
    } made;

    for (unsigned i = 0; i < CLR_CALLBACK_SLOTS; i++)
        made.slots[i] = (clr_slot_t)ignore;
    made.table.unknown = (clr_unknown_table_t){query_interface, count_reference, count_reference};
    made.table.initialize = initialize;
    made.table.initialize_for_attach = initialize_for_attach;
    made.table.shutdown = shut_down;
    made.table.module_load_finished = module_load_finished;
    made.table.module_unload_started = module_unload_started;
    made.table.module_unload_finished = module_unload_finished;
    made.table.jit_compilation_started = jit_compilation_started;
    return &made.table;
}

clr_callback_t *profiler_get(void)
{
    if (!profiler.callback.table)
        profiler.callback.table = make_table();
    return &profiler.callback;
}
