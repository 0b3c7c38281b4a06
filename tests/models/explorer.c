/* SPDX-License-Identifier: MIT */
#include "explorer.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <ucontext.h>

#include "sharing.h"
#include "trace.h"

enum { STACK = 1 << 16, MOST_CHOICES = 4096, MOST_STEPS = 20000, PROGRESS = 1000000 };

typedef struct {
    ucontext_t           context;
    const volatile void *word; /* of the access it is about to make; NULL: none */
    bool                 writes;
    bool                 yields;  /* about to let others go first */
    bool                 waiting; /* until another one has done something */
    bool                 finished;
} fiber_t;

/* A decision, and which of its alternatives is being tried. */
typedef struct {
    unsigned options[MOST_THREADS]; /* the threads, if it is about whose turn it is */
    unsigned count;
    unsigned chosen;
} choice_t;

static char       stacks[MOST_THREADS][STACK];
static fiber_t    fibers[MOST_THREADS];
static ucontext_t outside;
static choice_t   choices[MOST_CHOICES];
static unsigned   choices_made, choices_met;

static const scenario_t *scenario;
static exploration_t     exploration;
static unsigned          running = NOBODY;
static unsigned          asleep; /* a bit for each thread whose next access was tried before here, and nothing met it */
static unsigned          steps, deviations, most_deviations;
static bool              redundant;

unsigned explorer_self(void)
{
    return running;
}

void explorer_fail(const char *format, ...)
{
    va_list arguments;

    printf("%s: execution %lu: ", scenario->name, exploration.executions);
    va_start(arguments, format);
    vprintf(format, arguments);
    va_end(arguments);
    putchar('\n');
    trace_print();
    exit(1);
}

void explorer_check(bool well, const char *promise)
{
    if (!well)
        explorer_fail("broken: %s", promise);
}

static choice_t *next_choice(unsigned count)
{
    if (choices_met == MOST_CHOICES)
        explorer_fail("more than %d decisions", MOST_CHOICES);
    choice_t *choice = &choices[choices_met++];
    if (choices_met > choices_made) {
        choice->count = count;
        choice->chosen = 0;
        choices_made++;
    }
    if (choice->count != count)
        explorer_fail("the same decisions lead elsewhere: %u alternatives, and there were %u", count, choice->count);
    return choice;
}

static bool bounded(void)
{
    return most_deviations != UNBOUNDED;
}

unsigned explorer_choose_value(unsigned count)
{
    if (count == 1 || (bounded() && deviations == most_deviations))
        return 0;
    unsigned chosen = next_choice(count)->chosen;
    deviations += chosen > 0;
    return chosen;
}

/* Whether the next accesses of two threads can be exchanged without anybody noticing. */
static bool are_independent(const fiber_t *a, const fiber_t *b)
{
    return !a->yields && !b->yields && (a->word != b->word || !a->word || (!a->writes && !b->writes));
}

/* The threads whose turn it can be, the running one first. */
static unsigned candidates(unsigned *options)
{
    unsigned first = running == NOBODY ? 0 : running;
    bool     goes_on = running != NOBODY && !fibers[running].finished && !fibers[running].yields;
    unsigned count = 0;

    for (unsigned i = 0; i < scenario->threads; i++) {
        unsigned thread = (first + i) % scenario->threads;
        if (fibers[thread].finished || fibers[thread].waiting || asleep >> thread & 1)
            continue;
        options[count++] = thread;
        if (thread == running && goes_on && bounded() && deviations == most_deviations)
            break;
    }
    return count;
}

static bool is_anybody_waiting(void)
{
    bool found = false;

    for (unsigned i = 0; i < scenario->threads && !asleep; i++) {
        found = found || fibers[i].waiting;
        fibers[i].waiting = false;
    }
    return found;
}

static void fall_asleep(const unsigned *options, unsigned chosen)
{
    const fiber_t *next = &fibers[options[chosen]];

    for (unsigned i = 0; i < chosen; i++)
        asleep |= 1U << options[i];
    for (unsigned i = 0; i < scenario->threads; i++)
        if (!are_independent(&fibers[i], next))
            asleep &= ~(1U << i);
    if (bounded())
        asleep = 0;
}

/* Whose turn it is; NOBODY's if all are finished, or if all that can be met from here was met before. */
static unsigned pick(void)
{
    unsigned options[MOST_THREADS] = {0};
    unsigned count = candidates(options);

    if (!count && is_anybody_waiting())
        count = candidates(options);
    redundant = !count && asleep;
    if (!count)
        return NOBODY;
    unsigned chosen = count > 1 ? next_choice(count)->chosen : 0;
    if (options[0] == running && options[chosen] != running)
        deviations++;
    fall_asleep(options, chosen);
    for (unsigned i = 0; i < scenario->threads; i++)
        fibers[i].waiting = fibers[i].waiting && i == options[chosen];
    return options[chosen];
}

static void switch_to(ucontext_t *from, unsigned next)
{
    unsigned previous = running;

    running = next;
    memory_switch_private(previous, next);
    if (next == NOBODY)
        setcontext(&outside);
    else
        swapcontext(from, &fibers[next].context);
}

void explorer_count(void)
{
    if (++steps > MOST_STEPS)
        explorer_fail("no end after %d accesses", MOST_STEPS);
}

static void take_turns(void)
{
    unsigned self = running;
    unsigned next = pick();

    if (next != self)
        switch_to(&fibers[self].context, next);
}

void explorer_step(const volatile void *word, bool writes, const access_t *access)
{
    fiber_t *fiber = &fibers[running];

    explorer_count();
    if (sharing_is_met_on(word, running, writes)) {
        fiber->word = word;
        fiber->writes = writes;
        take_turns();
    }
    trace_add(running, access);
}

void explorer_note(uint64_t value)
{
    trace_value(value);
}

void explorer_yield(void)
{
    fiber_t *fiber = &fibers[running];

    fiber->word = NULL;
    fiber->yields = fiber->waiting = true;
    explorer_count();
    take_turns();
    fiber->yields = false;
    memory_catch_up();
}

static void run_thread(void)
{
    scenario->thread(running);
    fibers[running].finished = true;
    fibers[running].word = NULL;
    switch_to(&fibers[running].context, pick());
}

static void start_fibers(void)
{
    for (unsigned i = 0; i < scenario->threads; i++) {
        fiber_t *fiber = &fibers[i];
        fiber->word = NULL;
        fiber->yields = fiber->waiting = fiber->finished = false;
        getcontext(&fiber->context);
        fiber->context.uc_stack.ss_sp = stacks[i];
        fiber->context.uc_stack.ss_size = STACK;
        makecontext(&fiber->context, run_thread, 0);
    }
    memory_threads_start();
}

static void run_fibers(void)
{
    start_fibers();
    switch_to(&outside, pick());
}

static void execute(void)
{
    steps = deviations = asleep = choices_met = 0;
    running = NOBODY;
    trace_reset();
    memory_reset();
    scenario->start();
    run_fibers();
    if (!redundant)
        scenario->end();
    exploration.redundant += redundant;
    exploration.executions += !redundant;
    exploration.longest = steps > exploration.longest ? steps : exploration.longest;
}

/* Whether there is an alternative that was not tried. */
static bool turn_back(void)
{
    while (choices_made && ++choices[choices_made - 1].chosen == choices[choices_made - 1].count)
        choices_made--;
    return choices_made;
}

exploration_t explore(const scenario_t *explored, unsigned deviations_allowed)
{
    scenario = explored;
    most_deviations = deviations_allowed;
    exploration = (exploration_t){0};
    choices_made = 0;
    sharing_start();
    do {
        execute();
        /* With more to decide, it begins again. */
        if (sharing_has_grown()) {
            exploration = (exploration_t){0};
            choices_made = 0;
            continue;
        }
        if ((exploration.executions + exploration.redundant) % PROGRESS == 0)
            printf("%s: %lu executions\n", scenario->name, exploration.executions), fflush(stdout);
    } while (turn_back() || !exploration.executions);
    return exploration;
}
