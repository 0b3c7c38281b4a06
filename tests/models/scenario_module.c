/* SPDX-License-Identifier: MIT
 *
 * module: threads for which there is no room make the module grow at once: one region is published, the others are
 * taken back, the old one is sealed, a region that was prepared is taken once, and nobody is told that nothing is left
 * while something is about to come.
 */
#include <errno.h>

#include "kernel.h"
#include "ledger.h"
#include "module_growth.h"
#include "scenarios.h"
#include "subject.h"

enum { HALF = KERNEL_PAGE / 2, UNIT = LEDGER_UNIT };

static module_t *subject;

static void allocate(size_t size)
{
    int result;

    explorer_check(subject_allocate(size, &result), "who fits succeeds");
}

/* Two pages: two may reserve one each, and one of them loses. */
static void start_growth(void)
{
    (void)subject_start(2);
}

static void grow(unsigned self)
{
    (void)self;
    allocate(HALF);
}

/* One page, which one thread is about to publish when the others find no other. */
static void start_last_room(void)
{
    (void)subject_start(1);
}

/* Two pages, the first one full. One thread has seen a module without a region: it reserves the other page, loses the
 * race, and gives it up. The other may find no page meanwhile, and no new region that would tell it to look again. */
static void start_lost_race(void)
{
    subject = subject_start(2);
    (void)subject_prepare(KERNEL_PAGE);
}

static void lose_or_grow(unsigned self)
{
    if (self == 0)
        (void)module_grow(subject, NULL, HALF, KERNEL_PAGE);
    else
        allocate(HALF);
}

/* Near the end of a region: one crosses it, and its tail serves another. */
static void start_tail(void)
{
    (void)subject_start(2);
    (void)subject_prepare(KERNEL_PAGE - 4 * (size_t)UNIT);
}

static void cross(unsigned self)
{
    allocate((self ? 2 : 4) * (size_t)UNIT);
}

/* What one has claimed and cannot commit the other gets: from the region, or from the spare spans. */
static void start_refused(void)
{
    (void)subject_start(1);
    kernel_refuse_commits(0);
}

static void be_refused(unsigned self)
{
    int result;

    if (!subject_allocate(HALF, &result))
        explorer_check(self == 0 && result == -ENOMEM, "who is not refused succeeds");
}

/* A full page, and one more, which one thread prepares ahead of need: whoever needs it first takes it. */
static void start_prepared(void)
{
    subject = subject_start(2);
    (void)subject_prepare(KERNEL_PAGE);
}

static void prepare_or_grow(unsigned self)
{
    if (self == 0)
        (void)module_prepare(subject, KERNEL_PAGE, 0);
    allocate(HALF);
}

static void end_prepared(void)
{
    explorer_check(!module_unprepare(subject), "M4: the prepared region was taken");
    subject_check();
}

/* Two that shorten bodies which touch: what they give back may become one span, or go back to the cursor. */
static range_t shortened[2];

static void start_shrink(void)
{
    subject = subject_start(1);
    for (unsigned i = 0; i < 2; i++) {
        shortened[i].start = (uintptr_t)subject_prepare(8 * (size_t)UNIT);
        shortened[i].end = shortened[i].start + 8 * (size_t)UNIT - 1;
    }
}

static void shrink(unsigned self)
{
    range_t freed = {shortened[self].start + 2 * (size_t)UNIT, shortened[self].end + 1};

    explorer_check(range_size(module_shrinkable(subject, shortened[self], 2 * (size_t)UNIT)), "it is a body");
    ledger_give(freed);
    module_shrink(subject, shortened[self], 2 * (size_t)UNIT, freed);
    allocate(UNIT);
}

const scenario_t scenario_shrink = {"shrink", 2, start_shrink, shrink, subject_check};
const scenario_t scenario_growth = {"growth", 2, start_growth, grow, subject_check};
const scenario_t scenario_growth_three = {"growth-three", 3, start_growth, grow, subject_check};
const scenario_t scenario_last_room = {"last-room", 2, start_last_room, grow, subject_check};
const scenario_t scenario_lost_race = {"lost-race", 2, start_lost_race, lose_or_grow, subject_check};
const scenario_t scenario_tail = {"tail", 2, start_tail, cross, subject_check};
const scenario_t scenario_prepared = {"prepared", 2, start_prepared, prepare_or_grow, end_prepared};
const scenario_t scenario_refused = {"refused", 2, start_refused, be_refused, subject_check};
