/* SPDX-License-Identifier: MIT
 *
 * publish: threads write functions, publish them and call one another's, at once; no byte of a body may be anybody
 * else's, each address in it leads to it, and nothing is ever writable and executable. The way of writing code changes
 * from round to round.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "code_body.h"
#include "ground.h"
#include "judge.h"
#include "maps.h"
#include "random.h"
#include "team.h"

enum { MODULES = 3, BODIES_A_ROUND = 24576, BODIES_IN_PLACE = 3072, LEAST_BODIES = 32, SHELVES = 1024 };
enum { LOOKS_AT_MAPS = 512, LARGE = 6000 };

static const size_t ground_size = 512 << 20;

typedef struct {
    run_t                  *run;
    uint64_t                round;
    subject_t               subjects[MODULES];
    lintel_heap_t          *heap;
    body_t                 *bodies; /* each thread's in a row */
    size_t                  a_thread;
    _Atomic(const body_t *) shelves[SHELVES]; /* functions that any thread may call */
} jit_t;

static bool in_place(const jit_t *jit)
{
    return jit->round % 2 != 0;
}

static size_t bodies_of_thread(const jit_t *jit)
{
    size_t most = (in_place(jit) ? BODIES_IN_PLACE : BODIES_A_ROUND) / jit->run->options->threads;

    return most > LEAST_BODIES ? most : LEAST_BODIES;
}

static size_t draw_size(random_t *random)
{
    return random_below(random, 32) == 0 ? random_between(random, CODE_LEAST, LARGE)
                                         : random_between(random, CODE_LEAST, 300);
}

/* Calls a function that somebody has published, and looks up an address in it. */
static void call_any(jit_t *jit, random_t *random)
{
    /* acquire: pairs with make's release; the body is published. */
    const body_t *body = atomic_load_explicit(&jit->shelves[random_below(random, SHELVES)], memory_order_acquire);

    if (body == NULL)
        return;
    code_body_call(&jit->run->verdict, body);
    code_body_find(&jit->run->verdict, jit->heap, body, random_below(random, body->size));
}

static bool make(jit_t *jit, body_t *made, random_t *random)
{
    const subject_t *subject = &jit->subjects[random_below(random, MODULES)];

    *made = (body_t){.size = draw_size(random), .owner = subject};
    if (!code_body_make(&jit->run->verdict, made, random_below(random, 8) == 0 ? CODE_LEAST : 0))
        return false;
    /* release: pairs with call_any's acquire; the body is published. */
    atomic_store_explicit(&jit->shelves[random_below(random, SHELVES)], made, memory_order_release);
    return true;
}

static void look_at_maps(jit_t *jit)
{
    maps_t maps;

    if (maps_read(&maps) != 0)
        return;
    if (maps.writable_and_executable != 0)
        verdict_broken(&jit->run->verdict, "W^X", "%zu mappings are writable and executable",
                       maps.writable_and_executable);
    maps_free(&maps);
}

static void publish_worker(void *shared, size_t index)
{
    jit_t   *jit = shared;
    body_t  *bodies = jit->bodies + index * jit->a_thread;
    random_t random = random_stream(jit->run->options->seed + jit->round, index + 1);

    for (size_t i = 0; i < jit->a_thread && verdict_is_good(&jit->run->verdict); i++) {
        if (!make(jit, &bodies[i], &random))
            break;
        call_any(jit, &random);
        code_body_call(&jit->run->verdict, &bodies[random_below(&random, i + 1)]);
        if (i % LOOKS_AT_MAPS == 0)
            look_at_maps(jit);
    }
    progress_add(&jit->run->progress, jit->a_thread);
    lintel_thread_flush();
}

/* The subject's bodies, listed from `bodies` on. */
static group_t make_group(const jit_t *jit, const subject_t *subject, body_t *bodies, size_t made)
{
    group_t group = {.subject = subject, .bodies = bodies};

    for (size_t i = 0; i < made; i++) {
        const body_t *body = &jit->bodies[i];

        if (body->owner != subject || body->start == 0)
            continue;
        bodies[group.count++] = *body;
        ledger_add(&group.ledger, body->size, subject->align);
    }
    return group;
}

static int judge(jit_t *jit, body_t *bodies, size_t made, double seconds)
{
    group_t groups[MODULES];
    size_t  listed = 0;

    for (size_t i = 0; i < MODULES; i++) {
        groups[i] = make_group(jit, &jit->subjects[i], bodies + listed, made);
        listed += groups[i].count;
    }
    return judge_round(&(round_t){
        .run = jit->run,
        .heap = jit->heap,
        .shortened = true,
        .groups = groups,
        .group_count = MODULES,
        .bodies = bodies,
        .body_count = listed,
        .seconds = seconds,
    });
}

static int check_round(jit_t *jit, double seconds)
{
    size_t  made = jit->a_thread * jit->run->options->threads;
    body_t *bodies = calloc(made, sizeof(*bodies));

    if (bodies == NULL)
        return -ENOMEM;
    for (size_t i = 0; i < made; i++)
        code_body_check(&jit->run->verdict, jit->heap, &jit->bodies[i]);
    look_at_maps(jit);
    int error = judge(jit, bodies, made, seconds);
    free(bodies);
    return error;
}

static int open_all(jit_t *jit)
{
    lintel_heap_options_t options = {.code = in_place(jit) ? LINTEL_CODE_FLIP : LINTEL_CODE_DOUBLE};
    int                   error = lintel_heap_create(&options, &jit->heap);

    for (size_t i = 0; i < MODULES && error == 0; i++) {
        subject_t *subject = &jit->subjects[i];

        subject->align = in_place(jit) ? (size_t)sysconf(_SC_PAGESIZE) : MODULE_ALIGN;
        error = subject_open(jit->heap, subject);
        if (error != 0)
            lintel_heap_destroy(jit->heap);
    }
    return error;
}

static int publish_round(jit_t *jit, uint64_t round)
{
    double seconds = 0;

    jit->round = round;
    jit->a_thread = bodies_of_thread(jit);
    memset(jit->bodies, 0, jit->a_thread * jit->run->options->threads * sizeof(*jit->bodies));
    for (size_t i = 0; i < SHELVES; i++)
        atomic_init(&jit->shelves[i], NULL);
    int error = open_all(jit);
    if (error != 0)
        return error;
    error = team_run(jit->run->options->threads, publish_worker, jit, &jit->run->progress, &seconds);
    if (error == 0 && verdict_is_good(&jit->run->verdict))
        error = check_round(jit, seconds);
    lintel_heap_destroy(jit->heap);
    return error;
}

static int prepare(jit_t *jit, ground_t *ground)
{
    static const char *const names[MODULES] = {"first", "second", "third"};
    size_t                   page = (size_t)sysconf(_SC_PAGESIZE);
    int                      error = ground_reserve(ground, ground_size);

    for (size_t i = 0; error == 0 && i < MODULES; i++) {
        uintptr_t base;

        error = ground_keep(ground, page, &base);
        if (error == 0)
            jit->subjects[i] = subject_of_code(names[i], base, page);
    }
    jit->bodies = calloc((BODIES_A_ROUND + LEAST_BODIES * jit->run->options->threads), sizeof(*jit->bodies));
    if (error == 0 && jit->bodies == NULL)
        error = -ENOMEM;
    return error != 0 ? error : ground_open(ground);
}

int publish_run(run_t *run)
{
    jit_t   *jit = calloc(1, sizeof(*jit));
    ground_t ground = {0};
    uint64_t round = 0;

    if (jit == NULL)
        return -ENOMEM;
    jit->run = run;
    int error = prepare(jit, &ground);
    run_begin(run, "bodies", 1);
    /* A round of each way at least. */
    while (error == 0 && (round < 2 || run_goes_on(run)) && verdict_is_good(&run->verdict))
        error = publish_round(jit, round++);
    progress_end(&run->progress);
    free(jit->bodies);
    free(jit);
    ground_release(&ground);
    return error;
}
