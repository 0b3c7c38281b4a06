/* SPDX-License-Identifier: MIT
 *
 * slab: a free list with a tag, from which threads take cells and to which they return them.
 *
 * Mirrors: slab_allocate slab_free (slab.c)
 * Checks: S1
 * Bug: the tag stays the same when a cell is taken
 */
#ifndef THREADS
#define THREADS 2
#endif
#define CELLS (THREADS + 1) /* cell 0 is none */
#ifdef BUG
#define NEXT_TAG(tag) (tag)
#else
#define NEXT_TAG(tag) ((tag) + 1)
#endif

byte tag, head, fresh, done;
byte next_free[2 * THREADS + CELLS];
byte owner[2 * THREADS + CELLS];

inline take(cell)
{
    do
    :: atomic { seen_tag = tag; seen_head = head };
        if
        :: seen_head == 0 ->
            atomic { cell = CELLS + fresh; fresh++ };
            break
        :: else ->
            next = next_free[seen_head];
            atomic {
                won = tag == seen_tag && head == seen_head;
                if
                :: won -> head = next; tag = NEXT_TAG(tag)
                :: else
                fi
            };
            if
            :: won -> cell = seen_head; break
            :: else
            fi
        fi
    od;
    skip;
    d_step { owner[cell]++; assert(owner[cell] == 1) } /* S1 */
}

inline give(cell)
{
    owner[cell] = 0;
    do
    :: atomic { seen_tag = tag; seen_head = head };
        next_free[cell] = seen_head;
        atomic {
            won = tag == seen_tag && head == seen_head;
            if
            :: won -> head = cell
            :: else
            fi
        };
        if
        :: won -> break
        :: else
        fi
    od
}

proctype thread()
{
    byte first, second, seen_tag, seen_head, next;
    bool won;

    take(first);
    take(second);
    give(first);
    atomic { done++ }
}

init
{
    byte i, left;

    atomic {
        for (i : 1 .. CELLS - 1) { next_free[i] = head; head = i };
        for (i : 1 .. THREADS) { run thread() }
    };
    done == THREADS;
    d_step {
        do
        :: head == 0 -> break
        :: else -> assert(owner[head] == 0); left++; assert(left < 2 * THREADS + CELLS); head = next_free[head]
        od;
        assert(left + THREADS == CELLS - 1 + fresh) /* S1 */
    }
}
