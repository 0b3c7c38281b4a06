/* SPDX-License-Identifier: MIT
 *
 * cache: threads give their chunks back to a module while the reclaimer forgets it.
 *
 * Mirrors: begin_to_leave cache_slot_leave settle (cache_page.c), cache_forget (cache.c), wait_until_let_go (registry.c)
 * Checks: T2 T3
 * Bug: a thread does not say that it is leaving
 */
#ifndef THREADS
#define THREADS 2
#endif
#define OWNERS (THREADS - 1)

mtype = { EMPTY, HELD, LEAVING };

mtype slots[OWNERS] = HELD;
bool  freed;
byte  settled, done;

proctype owner(byte i)
{
    bool mine;

#ifdef BUG
    mine = slots[i] == HELD;
#else
    atomic {
        mine = slots[i] == HELD;
        if
        :: mine -> slots[i] = LEAVING
        :: else
        fi
    };
#endif
    if
    :: mine ->
        assert(!freed); /* T3: the module's books, then its spare spans */
        assert(!freed);
        settled++;
        slots[i] = EMPTY
    :: else
    fi;
    atomic { done++ }
}

proctype reclaimer()
{
    byte i;
    bool forgotten;

    do
    :: forgotten = true;
        for (i : 0 .. OWNERS - 1) {
            atomic {
                if
                :: slots[i] == HELD -> slots[i] = EMPTY
                :: slots[i] == LEAVING -> forgotten = false
                :: else
                fi
            }
        };
        if
        :: forgotten -> break
        :: else
        fi
    od;
    freed = true;
    atomic { done++ }
}

init
{
    byte i;

    atomic {
        for (i : 0 .. OWNERS - 1) { run owner(i) };
        run reclaimer()
    };
    done == THREADS;
    for (i : 0 .. OWNERS - 1) { assert(slots[i] == EMPTY) }
}
