/* SPDX-License-Identifier: MIT
 *
 * bump: claims, an aligned claim, a claim taken back and the seal, on a range with room for half of them.
 */
#include "bump.h"
#include "kernel.h"
#include "ledger.h"
#include "scenarios.h"

enum { UNIT = LEDGER_UNIT, SIZE = 5 * UNIT };

static bump_t   bump;
static range_t  whole;
static unsigned tails;

static void start(void)
{
    kernel_start(1);
    ledger_start();
    whole = (range_t){kernel_image() + KERNEL_PAGE, kernel_image() + KERNEL_PAGE + SIZE};
    tails = 0;
    bump_start(&bump, whole);
}

/* Returns whether the range is a claim; a tail is the caller's as well. */
static bool take(bump_outcome_t outcome, range_t range)
{
    tails += outcome == BUMP_TAIL;
    if (outcome == BUMP_FULL)
        return false;
    explorer_check(range.start < range.end && range_contains(whole, range), "B2: a claim lies in the range");
    ledger_take(range);
    return outcome == BUMP_CLAIMED;
}

static void claim_and_return(void)
{
    range_t range;

    if (!take(bump_claim(&bump, 3 * UNIT, &range), range))
        return;
    ledger_give(range);
    if (!bump_return(&bump, range))
        ledger_take(range);
}

static void thread(unsigned self)
{
    range_t range;

    switch (self) {
    case 0:
        claim_and_return();
        (void)take(bump_seal(&bump, &range), range);
        break;
    case 1:
        if (!take(bump_claim(&bump, 2 * UNIT, &range), range))
            break;
        (void)take(bump_claim_aligned(&bump, UNIT, 2 * (size_t)UNIT, &range), range);
        break;
    default:
        range = (range_t){whole.start, whole.start + UNIT};
        if (bump_claim_at(&bump, range))
            ledger_take(range);
        claim_and_return();
    }
}

static void end(void)
{
    /* relaxed: alone. */
    uintptr_t cursor = atomic_load_relaxed(&bump.cursor);

    explorer_check(whole.start <= cursor && cursor <= whole.end + (uintptr_t)MOST_THREADS * SIZE, "B1");
    explorer_check(ledger_taken() == bump_level(&bump) - whole.start, "B2: every byte went to one caller");
    explorer_check(bump_level(&bump) == whole.end, "the seal ends the bump");
    explorer_check(tails <= 1, "B3");
}

const scenario_t scenario_bump = {"bump", 2, start, thread, end};
const scenario_t scenario_bump_three = {"bump-three", 3, start, thread, end};
