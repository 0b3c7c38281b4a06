/* SPDX-License-Identifier: MIT
 *
 * service: modules announce themselves while the thread makes a pass, and prepares a region while they grow; and one is
 * freed that it may just be looking at.
 */
#include "service.h"

#include <string.h>

#include "kernel.h"
#include "module_growth.h"
#include "scenarios.h"
#include "subject.h"

enum { HALF = KERNEL_PAGE / 2 };

static service_t service;
static module_t *modules[2];

/* As if it had handed out what it takes to be looked after. */
static void earn(module_t *module)
{
    /* relaxed: alone. */
    atomic_store_relaxed(&module->reserved, (size_t)1 << 20);
}

static void start(void)
{
    modules[0] = subject_start(3);
    subject_options.service = LINTEL_ON;
    modules[1] = subject_another();
    memset((void *)&service, 0, sizeof(service));
    service.space = modules[0]->space;
    earn(modules[0]);
    earn(modules[1]);
}

static void start_forgotten(void)
{
    start();
    plain_watch(modules[0], module_size(NULL));
}

static void allocate(module_t *module, size_t size)
{
    void *body;

    explorer_check(!module_allocate(module, size, 1, &body), "who fits succeeds");
    plain_write(body, size);
}

static void pass(void)
{
    (void)service_pass(&service);
}

static unsigned times_in_list(const module_t *wanted)
{
    unsigned times = 0;

    for (const module_t *module = service.modules; module; module = module->ahead.next)
        times += module == wanted;
    return times;
}

/* One grows, beyond what is prepared by then, or is not yet. */
static void grow_or_serve(unsigned self)
{
    if (self == 1) {
        pass();
        return;
    }
    allocate(modules[0], HALF);
    allocate(modules[0], HALF + HALF / 2);
}

static void end_served(void)
{
    pass();
    explorer_check(times_in_list(modules[0]) == 1, "what was announced is looked after");
    (void)module_unprepare(modules[0]);
    explorer_check(kernel_reserved_pages() == 2, "M4: a prepared region is somebody's, or given up");
}

/* Two announce themselves at once. */
static void announce(unsigned self)
{
    allocate(modules[self], HALF);
}

static void end_announced(void)
{
    pass();
    for (unsigned i = 0; i < 2; i++)
        explorer_check(times_in_list(modules[i]) == 1, "what was announced is looked after");
}

/* One is announced, and at once gone for good. */
static void serve_or_free(unsigned self)
{
    if (self == 1) {
        pass();
        return;
    }
    allocate(modules[0], HALF);
    service_forget(&service, modules[0]);
    plain_end(modules[0]);
}

static void end_forgotten(void)
{
    explorer_check(times_in_list(modules[0]) == 0, "what is forgotten is not looked after");
}

const scenario_t scenario_served = {"served", 2, start, grow_or_serve, end_served};
const scenario_t scenario_announced = {"announced", 2, start, announce, end_announced};
const scenario_t scenario_forgotten = {"forgotten", 2, start_forgotten, serve_or_free, end_forgotten};
