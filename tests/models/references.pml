/* SPDX-License-Identifier: MIT
 *
 * references: a generation is closed by one thread while others find it, take a reference and give it back.
 *
 * Mirrors: registry_acquire registry_reference registry_close registry_release retire reclaim (registry.c)
 * Checks: G1 G2 G3
 * Bug: the last reference is given back first, and the generation marked as gone after that
 */
#ifndef THREADS
#define THREADS 2
#endif
#define CLOSED 32
#define GONE   64

byte references = 2; /* the opener's and the registry's */
bool listed = true;
bool freed;
byte closings, done;
byte section[THREADS]; /* odd inside a read-side section */

inline enter()
{
    atomic { section[self]++ }
}

inline leave()
{
    atomic { section[self]++ }
}

/* A grace period: whoever is inside now comes out. */
inline wait_for_readers()
{
    i = 0;
    do
    :: i == THREADS -> break
    :: else ->
        before = section[i];
        if
        :: before % 2 -> section[i] != before
        :: else
        fi;
        i++
    od
}

inline release()
{
    do
    :: assert(!freed);
        found = references;
        left = (found == CLOSED + 1 -> CLOSED + GONE : found - 1);
#ifdef BUG
        left = found - 1;
#endif
        atomic {
            assert(!freed);
            done_now = references == found;
            if
            :: done_now -> references = left
            :: else
            fi
        };
        if
        :: done_now -> break
        :: else
        fi
    od;
#ifdef BUG
    if
    :: left == CLOSED -> references = CLOSED + GONE; left = CLOSED + GONE
    :: else
    fi;
#endif
    if
    :: left & GONE ->
        enter();
        assert(listed);
        listed = false;
        leave();
        wait_for_readers();
        assert(!freed); /* G3 */
        freed = true
    :: else
    fi
}

proctype opener(byte self)
{
    byte i, before, found, left;
    bool done_now, closed;

    enter();
    closed = false;
    if
    :: listed && !(references & CLOSED) ->
        atomic { closed = !(references & CLOSED); references = references | CLOSED }
    :: else
    fi;
    leave();
    if
    :: closed -> closings++; release()
    :: else
    fi;
    assert(!freed); /* the opener's own reference keeps it */
    release();
    atomic { done++ }
}

proctype user(byte self)
{
    byte i, before, found, left;
    bool done_now, got, seen;

    got = false;
    enter();
    seen = listed;
    if
    :: seen ->
        assert(!freed); /* G3 */
        if
        :: references & CLOSED
        :: else ->
            assert(!freed);
            atomic { got = !(references & GONE); references++ }
        fi
    :: else
    fi;
    leave();
    if
    :: got -> assert(!freed && !(references & GONE)); release() /* G2 */
    :: else
    fi;
    atomic { done++ }
}

init
{
    byte i;

    atomic {
        run opener(0);
        for (i : 1 .. THREADS - 1) { run user(i) }
    };
    done == THREADS;
    assert(closings == 1 && freed && !listed) /* G1, G3 */
}
