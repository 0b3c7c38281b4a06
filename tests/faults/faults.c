/* SPDX-License-Identifier: MIT
 *
 * faults [PART of PARTS | SCENARIO [AT WAY LASTING [AT WAY LASTING]]]: every failure, one at a time. Each scenario runs
 * once for each call that it makes of the kernel and the C library, in a process of its own, with that call refused,
 * once for each way in which it can be, alone or with all that follow; short scenarios with each pair of calls too.
 * After each run every promise is checked. With numbers, as it prints them: that one run, in this process. With
 * CMOCKA_TEST_ABORT set, ends at the first promise that is broken.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../unit/team.h"
#include "../unit/unit.h"
#include "aftermath.h"
#include "scenarios.h"

enum { PAIRED_CALLS = 32, SECONDS = 60 };

typedef struct {
    const scenario_t *scenario;
    unsigned          singles;
    unsigned          pairs;
    unsigned          broken;
} tally_t;

static calls_report_t *report; /* shared with children */
static unsigned        most_complaints = 10;

static lintel_heap_options_t options_of(const scenario_t *scenario, const world_t *world)
{
    lintel_heap_options_t options = scenario->options;

    if (scenario->pooled) {
        options.pool_near = world->arena.start;
        options.pool_size = range_size(world->hole);
    }
    return options;
}

static void run_here(const scenario_t *scenario, const fault_t faults[MOST_FAULTS])
{
    static world_t world;
    const fault_t  none[MOST_FAULTS] = {{0}};

    calls_plan(none, report);
    world_start(&world, report, scenario->hole);
    world.kind = scenario->kind;
    lintel_heap_options_t options = options_of(scenario, &world);
    if (scenario->query_hidden)
        calls_hide_query();
    if (scenario->prepare)
        scenario->prepare(&world, &options);
    calls_plan(faults, report);
    scenario->act(&world, &options);
    calls_end();
    aftermath(&world, &options);
}

static void complain(tally_t *tally, const fault_t faults[MOST_FAULTS], int status)
{
    tally->broken++;
    fprintf(stderr, "\nbroken: faults '%s'", tally->scenario->name);
    for (unsigned i = 0; i < MOST_FAULTS && faults[i].at; i++)
        fprintf(stderr, " %u %u %u", faults[i].at, faults[i].variant, faults[i].lasting);
    for (unsigned i = 0; i < report->refused; i++)
        fprintf(stderr, "%s %s: %s%s", i ? "," : "  ", report->calls_name[i], report->ways_name[i],
                faults[i].lasting ? ", from then on" : "");
    fprintf(stderr, "  (wait status %#x)\n", (unsigned)status);
}

/* Returns whether all of the faults came to be. */
static bool run(tally_t *tally, fault_t first, fault_t second)
{
    const fault_t faults[MOST_FAULTS] = {first, second};
    int           status = -1;

    fflush(NULL);
    pid_t child = fork();
    if (!child) {
        alarm(SECONDS);
        run_here(tally->scenario, faults);
        keep_counts();
        _exit(0);
    }
    if (child < 0 || waitpid(child, &status, 0) != child || status)
        complain(tally, faults, status);
    return report->refused == (second.at ? 2U : first.at ? 1U : 0U);
}

/* All ways in which the call can be refused. Returns whether there is such a call. */
static bool run_call(tally_t *tally, unsigned at)
{
    unsigned way = 0;

    do {
        for (int lasting = 0; lasting <= 1; lasting++) {
            if (!run(tally, (fault_t){at, way, lasting}, (fault_t){0}))
                return false;
            tally->singles++;
        }
        way++;
    } while (way < report->ways[0] && tally->broken < most_complaints);
    return true;
}

static void run_pairs(tally_t *tally, unsigned calls)
{
    for (unsigned at = 1; at <= calls; at++)
        for (unsigned later = at + 1; tally->broken < most_complaints; later++, tally->pairs++)
            if (!run(tally, (fault_t){at, 0, false}, (fault_t){later, 0, false}))
                break;
}

/* Returns how many runs broke a promise. */
static unsigned run_all(const scenario_t *scenario)
{
    tally_t tally = {.scenario = scenario};

    run(&tally, (fault_t){0}, (fault_t){0});
    unsigned calls = report->calls;
    for (unsigned at = 1; tally.broken < most_complaints && run_call(&tally, at); at++)
        continue;
    if (calls <= PAIRED_CALLS)
        run_pairs(&tally, calls);
    printf("%-22s %4u calls, %5u refusals, %5u pairs, %u broken\n", scenario->name, calls, tally.singles, tally.pairs,
           tally.broken);
    return tally.broken;
}

static unsigned number(char **arguments, int index)
{
    return (unsigned)strtoul(arguments[index], NULL, 10);
}

static fault_t read_fault(char **arguments, int count, int index)
{
    if (count < index + 3)
        return (fault_t){0};
    return (fault_t){number(arguments, index), number(arguments, index + 1), number(arguments, index + 2) != 0};
}

/* What of the scenarios to run, by the arguments. */
typedef struct {
    const char *name; /* NULL: any */
    unsigned    part;
    unsigned    parts;
    unsigned    fault_count;
    fault_t     faults[MOST_FAULTS];
} choice_t;

static choice_t read_choice(int count, char **arguments)
{
    if (count == 4 && !strcmp(arguments[2], "of"))
        return (choice_t){NULL, number(arguments, 1) - 1, number(arguments, 3), 0, {{0}}};
    return (choice_t){count > 1 ? arguments[1] : NULL,
                      0,
                      1,
                      count > 4,
                      {read_fault(arguments, count, 2), read_fault(arguments, count, 5)}};
}

static bool is_chosen(const choice_t *choice, unsigned scenario)
{
    return choice->name ? !strcmp(choice->name, scenarios[scenario].name) : scenario % choice->parts == choice->part;
}

/* Returns whether there was something to run and no run broke a promise. */
static bool run_chosen(const choice_t *choice)
{
    unsigned broken = 0;
    unsigned chosen = 0;

    for (unsigned i = 0; i < scenario_count && broken < most_complaints; i++) {
        if (!is_chosen(choice, i))
            continue;
        chosen++;
        if (choice->fault_count)
            run_here(&scenarios[i], choice->faults);
        else
            broken += run_all(&scenarios[i]);
    }
    return chosen && !broken;
}

int main(int argc, char **argv)
{
    if (UNDER_TSAN) {
        puts("ThreadSanitizer cannot start threads in a forked child");
        return EXIT_SKIP;
    }
    /* Who wants no more than to see it fail. */
    if (getenv("CMOCKA_TEST_ABORT"))
        most_complaints = 1;
    /* Assertions end the process that they are in. */
    setenv("CMOCKA_TEST_ABORT", "1", true);
    report = mmap(NULL, sizeof(*report), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (report == MAP_FAILED)
        return EXIT_FAILURE;
    choice_t choice = read_choice(argc, argv);
    return run_chosen(&choice) ? EXIT_SUCCESS : EXIT_FAILURE;
}
