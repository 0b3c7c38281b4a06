/* SPDX-License-Identifier: MIT
 *
 * spare: spans as words in the slots of a block, carved by one compare-and-swap, put back, joined to their neighbours.
 *
 * Mirrors: block_take block_put block_join (spare.c)
 * Checks: P1 P2
 * Bug: a neighbour is joined without comparing what is there
 */
#ifndef THREADS
#define THREADS 2
#endif
#define SLOTS 3
#define UNITS 4
#define WORD(start, end) ((start) == (end) -> 0 : (start) * 16 + (end))
#define START(word)      ((word) / 16)
#define END(word)        ((word) % 16)

byte slots[SLOTS];
byte owner[UNITS];
byte done;

inline own(from, to)
{
    d_step {
        at = from;
        do
        :: at < to -> assert(owner[at] == 0); owner[at] = 1; at++ /* P1 */
        :: else -> break
        od
    }
}

/* `got`: whether [low, low + size) was carved off the first span with room. */
inline take(size)
{
    got = false;
    slot = 0;
    do
    :: slot == SLOTS || got -> break
    :: else ->
        word = slots[slot];
        if
        :: word && END(word) - START(word) >= size ->
            atomic {
                if
                :: slots[slot] == word ->
                    low = START(word);
                    slots[slot] = WORD(low + size, END(word));
                    own(low, low + size);
                    got = true
                :: else /* it looks again */
                fi
            }
        :: else -> slot++
        fi
    od
}

inline put(from, to)
{
    d_step {
        at = from;
        do
        :: at < to -> owner[at] = 0; at++
        :: else -> break
        od
    };
    put_there = false;
    slot = 0;
    do /* block_join */
    :: slot == SLOTS || put_there -> break
    :: else ->
        word = slots[slot];
        joined = (word == 0 -> 0 : (END(word) == from -> WORD(START(word), to) :
                                    (START(word) == to -> WORD(from, END(word)) : 0)));
        if
        :: joined ->
#ifdef BUG
            slots[slot] = joined;
            put_there = true
#else
            atomic {
                if
                :: slots[slot] == word -> slots[slot] = joined; put_there = true
                :: else
                fi
            };
            slot++
#endif
        :: else -> slot++
        fi
    od;
    slot = 0;
    do /* block_put */
    :: put_there -> break
    :: else ->
        assert(slot < SLOTS);
        atomic {
            if
            :: slots[slot] == 0 -> slots[slot] = WORD(from, to); put_there = true
            :: else -> slot++
            fi
        }
    od
}

proctype thread(byte size)
{
    byte at, slot, word, low, joined;
    bool got, put_there;

    take(size);
    if
    :: got -> put(low, low + size)
    :: got
    :: else
    fi;
    take(1);
    atomic { done++ }
}

init
{
    byte i, bytes;

    atomic {
        slots[0] = WORD(0, UNITS);
        for (i : 1 .. THREADS) { run thread((i > 2 -> 1 : i)) }
    };
    done == THREADS;
    d_step {
        for (i : 0 .. UNITS - 1) { bytes = bytes + owner[i] };
        for (i : 0 .. SLOTS - 1) { bytes = bytes + END(slots[i]) - START(slots[i]) };
        assert(bytes == UNITS) /* P1 */
    }
}
