/* SPDX-License-Identifier: MIT
 *
 * bump: claims that overshoot, the tail, a claim taken back, the seal.
 *
 * Mirrors: bump_claim bump_return bump_seal (bump.h)
 * Checks: B1 B2 B3
 * Bug: the addition of a claim comes apart into a load and a store
 */
#ifndef THREADS
#define THREADS 2
#endif
#define END 5

byte cursor, tails, done;
byte owner[END]; /* how many have each byte */

inline own(from, to)
{
    d_step {
        at = from;
        do
        :: at < to -> owner[at]++; assert(owner[at] == 1); at++ /* B2 */
        :: else -> break
        od
    }
}

inline disown(from, to)
{
    d_step {
        at = from;
        do
        :: at < to -> owner[at]--; at++
        :: else -> break
        od
    }
}

/* As bump_claim: `got` says whether [old, old + size) is the caller's; a tail is entered in the books. */
inline claim(size)
{
    got = false;
    old = cursor;
    if
    :: old > END || size > END - old
    :: else ->
#ifdef BUG
        old = cursor;
        cursor = old + size;
#else
        atomic { old = cursor; cursor = cursor + size };
#endif
        if
        :: old >= END
        :: old < END && old + size > END -> own(old, END); tails++
        :: else -> own(old, old + size); got = true
        fi
    fi
}

/* As bump_return of [old, old + size): if it is not the last claim, it stays the caller's. */
inline take_back(size)
{
    disown(old, old + size);
    atomic {
        if
        :: cursor == old + size -> cursor = old
        :: else -> own(old, old + size)
        fi
    }
}

inline seal()
{
    old = cursor;
    do
    :: old > END -> break
    :: else ->
        atomic {
            if
            :: cursor == old -> cursor = END + 1; got = true
            :: else -> old = cursor; got = false
            fi
        };
        if
        :: got -> own(old, END); break
        :: else
        fi
    od
}

proctype thread(byte size)
{
    byte old, at;
    bool got;

    claim(size);
    if
    :: got -> take_back(size)
    :: got
    :: else
    fi;
    claim(2);
    if
    :: seal()
    :: true
    fi;
    atomic { done++ }
}

init
{
    byte at, bytes;

    atomic {
        for (at : 1 .. THREADS) { run thread(1 + at) }
    };
    done == THREADS;
    assert(cursor <= END + 4 * THREADS); /* B1 */
    assert(tails <= 1);                  /* B3 */
    d_step {
        for (at : 0 .. END - 1) { bytes = bytes + owner[at] };
        assert(bytes == (cursor < END -> cursor : END)) /* B2 */
    }
}
