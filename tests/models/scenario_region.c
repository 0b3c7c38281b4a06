/* SPDX-License-Identifier: MIT
 *
 * region: threads claim and commit at the frontier; what one may use, somebody has made accessible before.
 */
#include "kernel.h"
#include "ledger.h"
#include "region.h"
#include "scenarios.h"

static region_t region;
static range_t  whole;

static void start(void)
{
    region_origin_t origin = {.key = 1};

    kernel_start(4);
    origin.base = kernel_image();
    ledger_start();
    whole = kernel_reserve_all();
    origin.range = whole;
    origin.limit = whole.end;
    region_start(&region, &origin);
}

static void start_refusing(void)
{
    start();
    kernel_refuse_commits(0);
}

static void thread(unsigned self)
{
    commit_policy_t policy = {(self + 1) * (size_t)KERNEL_PAGE, false};
    range_t         range;

    if (bump_claim(&region.bump, KERNEL_PAGE, &range) != BUMP_CLAIMED)
        return;
    if (region_commit(&region, range.end, policy)) {
        explorer_check(self == 0, "commits fail where they are refused");
        return;
    }
    explorer_check(kernel_is_committed(range), "R3, R4: what is handed out is accessible");
    ledger_take(range);
}

static void end(void)
{
    region_check(&region);
    explorer_check(region_committed(&region) >= bump_level(&region.bump), "R3: committed only grows");
    explorer_check(kernel_is_committed((range_t){whole.start, region_committed(&region)}), "R3");
}

const scenario_t scenario_commit = {"commit", 2, start, thread, end};
const scenario_t scenario_commit_refused = {"commit-refused", 2, start_refusing, thread, end};
