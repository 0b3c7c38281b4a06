/* SPDX-License-Identifier: MIT
 *
 * growth: threads for which there is no room reserve a region each; one publishes, the others take theirs back; the old
 * region is sealed. There is room for all, so that nobody may be told that there is none.
 *
 * Mirrors: claim (module.c), module_grow grow_from publish seal module_worth_looking_again (module_growth.c)
 * Checks: M1 M3
 * Bug: nobody says that it is growing
 */
#ifndef THREADS
#define THREADS 2
#endif
#define UNITS   2 /* in a region */
#define REGIONS ((THREADS + 1) / UNITS)
#define SLOTS   (THREADS * REGIONS + 2)

byte newest, growing, pages = REGIONS, spare, regions, done, given;
byte cursor[SLOTS];

inline take_fresh()
{
    got = false;
    if
    :: mine && cursor[mine] < UNITS ->
        atomic { old = cursor[mine]; cursor[mine] = old + 1 };
        got = old < UNITS
    :: else
    fi
}

inline take_spare()
{
    atomic {
        if
        :: spare > 0 -> spare--; got = true
        :: else
        fi
    }
}

/* `reserved`: whether there was a page; `won`: whether the region is published. */
inline grow()
{
#ifndef BUG
    atomic { growing++ };
#endif
    atomic {
        reserved = pages > 0;
        if
        :: reserved -> pages--; regions++; region = regions
        :: else
        fi
    };
    if
    :: reserved ->
        atomic {
            won = newest == mine;
            if
            :: won -> newest = region
            :: else
            fi
        };
        if
        :: won && mine ->
            d_step { /* seal */
                spare = spare + (cursor[mine] < UNITS -> UNITS - cursor[mine] : 0);
                cursor[mine] = UNITS + 1
            }
        :: !won -> atomic { pages++ }
        :: else
        fi
    :: else
    fi
#ifndef BUG
    ;
    atomic { growing-- }
#endif
}

proctype thread()
{
    byte mine, old, region, others;
    bool got, reserved, won;

    do
    :: mine = newest;
        take_fresh();
        if
        :: !got -> take_spare()
        :: else
        fi;
        if
        :: got -> break
        :: else
        fi;
        grow();
        if
        :: !reserved -> /* module_worth_looking_again */
            others = growing;
            if
            :: newest != mine
            :: else ->
                assert(others > 0); /* nobody fails while there is room */
                newest != mine || growing == 0
            fi
        :: else
        fi
    od;
    atomic { given++; done++ }
}

init
{
    byte i, room;

    atomic {
        for (i : 1 .. THREADS) { run thread() }
    };
    done == THREADS;
    d_step {
        for (i : 1 .. SLOTS - 1) {
            if
            :: i == newest -> room = room + (cursor[i] < UNITS -> UNITS - cursor[i] : 0)
            :: i != newest -> assert(cursor[i] == 0 || cursor[i] > UNITS) /* M3 */
            fi
        };
        assert(given + spare + room + pages * UNITS == REGIONS * UNITS) /* M1 */
    }
}
