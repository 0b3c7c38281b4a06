/* SPDX-License-Identifier: MIT
 *
 * ahead: commits and populates memory ahead of a module's cursor, so that those who allocate need not.
 *
 * How far is learnt from how fast the module moves, and bounded by what it has handed out: what is resident and not
 * used stays in proportion. Claims are not touched: a page is made resident as it is, whatever is in it by then.
 */
#ifndef LINTEL_AHEAD_H
#define LINTEL_AHEAD_H

#include "module.h"

/* How fast a module uses what is ready for it. */
typedef enum {
    AHEAD_STILL,   /* nothing was handed out since the last look */
    AHEAD_CALM,    /* less than a quarter of what should be ready is missing */
    AHEAD_STEADY,  /* less than a half */
    AHEAD_PRESSED, /* more: the next look should come sooner */
} ahead_pace_t;

/* Look at a module and make ready what is missing: in the newest region, and in the one to follow it. What the kernel
 * refuses is not tried again before the module has moved on. Only between fork_hold and fork_release. */
ahead_pace_t ahead_look(module_t *module);

#endif
