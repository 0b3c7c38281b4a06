/* SPDX-License-Identifier: MIT */
#include "gap_ground.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "os.h"
#include "scripted_os.h"
#include "unit.h"

lintel_gap_t finder;
size_t       page;
range_t      arena;

const char *choose_finder(int count, char **arguments)
{
    const char *name = count > 1 ? arguments[1] : "text";
    os_maps_t   maps;

    finder = !strcmp(name, "query") ? LINTEL_GAP_QUERY : !strcmp(name, "text") ? LINTEL_GAP_TEXT : LINTEL_GAP_PROBE;
    if (finder == LINTEL_GAP_QUERY && os_maps_open(&maps, OS_MAPS_QUERY)) {
        puts("this kernel has no PROCMAP_QUERY");
        exit(EXIT_SKIP);
    }
    return name;
}

int ground_start(void **state)
{
    (void)state;
    page = os_page_size();
    arena = arena_take(4 * GIB);
    script_break(0);
    script_stack((range_t){0, 0});
    return 0;
}

int ground_end(void **state)
{
    arena_end(arena);
    return script_clear(state);
}

void hole(size_t offset, size_t size)
{
    arena_free(arena_part(arena, offset, size));
}
