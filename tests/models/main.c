/* SPDX-License-Identifier: MIT
 *
 * explore [--soak] [--accesses] [--weaken FUNCTION:OPERATION | --tear FUNCTION] [SCENARIO...]: runs lintel's source in
 * every order; the scenarios named, or all of them. Status 1 if something is not as it should be, 3 if a seeded bug was
 * never met. With --accesses, prints which function made which access.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scenarios.h"
#include "trace.h"

enum { NEVER_MET = 3 };

/* A scenario, and the bounds on its deviations in a short run and in a long one. */
typedef struct {
    const scenario_t *scenario;
    unsigned          bound;
    unsigned          long_bound;
} plan_t;

static const plan_t plans[] = {
    {&scenario_bump, UNBOUNDED, UNBOUNDED},
    {&scenario_bump_three, UNBOUNDED, UNBOUNDED},
    {&scenario_slab, UNBOUNDED, UNBOUNDED},
    {&scenario_slab_fresh, UNBOUNDED, UNBOUNDED},
    {&scenario_spare, UNBOUNDED, UNBOUNDED},
    {&scenario_spare_three, 2, 3},
    {&scenario_spare_begin, 2, 3},
    {&scenario_spare_blocks, 2, 3},
    {&scenario_commit, UNBOUNDED, UNBOUNDED},
    {&scenario_commit_refused, UNBOUNDED, UNBOUNDED},
    {&scenario_guard, UNBOUNDED, UNBOUNDED},
    {&scenario_quarantine, 3, 4},
    {&scenario_growth, 2, 3},
    {&scenario_growth_three, 1, 2},
    {&scenario_last_room, 2, 3},
    {&scenario_lost_race, 2, 3},
    {&scenario_tail, 2, 3},
    {&scenario_prepared, 2, 3},
    {&scenario_refused, 2, 3},
    {&scenario_leaving, UNBOUNDED, UNBOUNDED},
    {&scenario_chunk, UNBOUNDED, UNBOUNDED},
    {&scenario_handed_on, UNBOUNDED, UNBOUNDED},
    {&scenario_pages, UNBOUNDED, UNBOUNDED},
    {&scenario_pages_left, UNBOUNDED, UNBOUNDED},
    {&scenario_references, UNBOUNDED, UNBOUNDED},
    {&scenario_references_three, 3, 4},
    {&scenario_reopening, 3, 5},
    {&scenario_reuse, 3, 4},
    {&scenario_reuse_alike, 3, 4},
    {&scenario_reuse_code, 2, 3},
    {&scenario_reuse_across, 2, 3},
    {&scenario_shrink, 2, 3},
    {&scenario_marks, 3, 4},
    {&scenario_marks_told, 3, 4},
    {&scenario_marks_below, UNBOUNDED, UNBOUNDED},
    {&scenario_marks_freed, UNBOUNDED, UNBOUNDED},
    {&scenario_marks_shrunk, UNBOUNDED, UNBOUNDED},
    {&scenario_marks_cleared, 3, 4},
    {&scenario_marks_gone, 4, 6},
    {&scenario_marks_seen, 3, 4},
    {&scenario_page_states, 3, 4},
    {&scenario_blocks, 3, 4},
    {&scenario_crossing, 3, 4},
    {&scenario_shrunk_across, 3, 4},
    {&scenario_shrunk_below, 3, 4},
    {&scenario_code_open, 2, 3},
    {&scenario_code_spare, 2, 3},
    {&scenario_code_shrink, 2, 3},
    {&scenario_code_both, 2, 3},
    {&scenario_code_returned, 2, 3},
    {&scenario_code_untaken, 2, 3},
    {&scenario_code_find, 2, 3},
    {&scenario_code_chunk, 2, 3},
    {&scenario_code_longer, 2, 3},
    {&scenario_served, 2, 3},
    {&scenario_announced, 2, 3},
    {&scenario_forgotten, 2, 3},
};

enum { PLANS = sizeof(plans) / sizeof(plans[0]) };

static void run(const plan_t *plan, bool soak)
{
    unsigned      bound = soak ? plan->long_bound : plan->bound;
    exploration_t done = explore(plan->scenario, bound);

    printf("%s: %lu executions of %u threads, at most %u accesses each; ", plan->scenario->name, done.executions,
           plan->scenario->threads, done.longest);
    if (bound == UNBOUNDED)
        printf("all there are, %lu more given up as the same\n", done.redundant);
    else
        printf("all with at most %u deviations\n", bound);
    fflush(stdout);
}

static const plan_t *plan_of(const char *name)
{
    for (unsigned i = 0; i < PLANS; i++)
        if (!strcmp(plans[i].scenario->name, name))
            return &plans[i];
    printf("no scenario '%s'\n", name);
    exit(2);
}

static void weaken(char *seed)
{
    char *colon = strchr(seed, ':');

    if (!colon)
        exit(2);
    *colon = '\0';
    memory_weaken(seed, colon + 1);
}

int main(int count, char **arguments)
{
    bool soak = false, seeded = false, any = false, accesses = false;

    for (int i = 1; i < count; i++) {
        bool has_value = i + 1 < count;
        if (!strcmp(arguments[i], "--soak")) {
            soak = true;
        } else if (!strcmp(arguments[i], "--accesses")) {
            accesses = true;
        } else if (!strcmp(arguments[i], "--weaken") && has_value) {
            weaken(arguments[++i]);
            seeded = true;
        } else if (!strcmp(arguments[i], "--tear") && has_value) {
            memory_tear(arguments[++i]);
            seeded = true;
        } else {
            run(plan_of(arguments[i]), soak);
            any = true;
        }
    }
    for (unsigned i = 0; i < PLANS && !any; i++)
        run(&plans[i], soak);
    if (accesses)
        trace_print_kinds();
    return seeded && !memory_seed_was_met() ? NEVER_MET : 0;
}
