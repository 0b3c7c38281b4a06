/* SPDX-License-Identifier: MIT
 *
 * commit: the frontier of a region, raised by several threads that overlap.
 *
 * Mirrors: region_commit raise_committed region_committed (region.c)
 * Checks: R3 R4
 * Bug: the frontier is stored instead of raised
 */
#ifndef THREADS
#define THREADS 2
#endif
#define PAGES (THREADS + 2)

byte committed, highest, cursor, done;
bool accessible[PAGES];

inline raise(target)
{
#ifdef BUG
    committed = target;
#else
    found = committed;
    do
    :: found >= target -> break
    :: else ->
        atomic {
            if
            :: committed == found -> committed = target; break
            :: else -> found = committed
            fi
        }
    od;
    skip
#endif
    ;
    d_step {
        assert(committed >= highest); /* R3: it only grows */
        highest = committed
    }
}

/* Steps of `step` pages. */
proctype thread(byte step)
{
    byte address, seen, found, target, page;

    atomic { cursor++; address = cursor };
    seen = committed;
    if
    :: address <= seen
    :: else ->
        target = (seen + step > PAGES -> PAGES : seen + step);
        target = (target < address -> address : target);
        for (page : seen .. target - 1) { accessible[page] = true };
        raise(target)
    fi;
    d_step {
        for (page : 0 .. address - 1) { assert(accessible[page]) } /* R4 */
    };
    atomic { done++ }
}

init
{
    byte page;

    atomic {
        for (page : 1 .. THREADS) { run thread(page) }
    };
    done == THREADS;
    d_step {
        assert(committed >= cursor);
        for (page : 0 .. committed - 1) { assert(accessible[page]) } /* R3 */
    }
}
