/* SPDX-License-Identifier: MIT
 *
 * outline: where what lies in this process, for programs that read its memory from outside (tools/map), whatever
 * version they are of. It is found by a note, in the program or library that lintel is linked into:
 *
 *   owner "lintel", type OUTLINE_NOTE, and 32 bits: how far the outline is from these bits
 *
 * A reader takes the places it knows by their names, and gives up if one is missing. docs/observability.md says how to
 * walk.
 */
#ifndef LINTEL_OUTLINE_H
#define LINTEL_OUTLINE_H

#include <stdint.h>

#define OUTLINE_NOTE      0x100
#define OUTLINE_MAGIC     "lintel outline"
#define OUTLINE_NAME_SIZE 28

/* Changes when a name means something else. */
#define OUTLINE_VERSION 1

/* The offset of a member, or a constant. */
typedef struct {
    char     name[OUTLINE_NAME_SIZE];
    uint32_t value;
} outline_place_t;

typedef struct {
    char        magic[16];
    uint32_t    version;
    uint32_t    place_count; /* places follow right after this */
    uint32_t    library[4];  /* its version: major, minor, patch */
    const void *heaps;       /* the addresses of three words: of the first heap, */
    const void *pages;       /* of the first thread's page, */
    const void *departures;  /* and of the count of what was given back */
} outline_head_t;

#endif
