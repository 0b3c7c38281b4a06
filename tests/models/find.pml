/* SPDX-License-Identifier: MIT
 *
 * find: a region's cell is given up and used for another module's region while look-ups read it.
 *
 * Mirrors: find_body is_body (find.c), slab_free (slab.c), space_remove_region space_add_region (space.c)
 * Checks: S3 C2
 * Bug: the version changes after the cell's words do
 */
#ifndef THREADS
#define THREADS 2
#endif
#define USES 3

byte entry = 1; /* of the map: 0, or the cell */
byte version;
byte key = 1, base = 1, cursor = 1;
byte done;

proctype changer()
{
    byte use;

    for (use : 2 .. USES) {
        entry = 0;
#ifndef BUG
        version++;
#endif
        key = use;
        base = use;
        cursor = use;
#ifdef BUG
        version++;
#endif
        entry = 1
    };
    atomic { done++ }
}

proctype finder()
{
    byte seen, seen_key, seen_base, seen_cursor;

    if
    :: entry == 0
    :: else ->
        seen = version;
        if
        :: entry == 0 /* not the same region any more */
        :: else ->
            seen_cursor = cursor;
            if
            :: version != seen
            :: else ->
                seen_base = base;
                seen_key = key;
                if
                :: version != seen
                :: else -> assert(seen_key == seen_base && seen_key == seen_cursor) /* S3 */
                fi
            fi
        fi
    fi;
    atomic { done++ }
}

init
{
    byte i;

    atomic {
        run changer();
        for (i : 2 .. THREADS) { run finder() }
    };
    done == THREADS
}
