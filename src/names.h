/* SPDX-License-Identifier: MIT
 *
 * names: the named bodies of the process, and who is told of them.
 *
 *   N1  a name is in the list of all, in its module's, and, if gdb is told, in gdb's; or in none of them
 *   N2  all that is between fork_hold and fork_release: no child finds it half done
 *   N3  a module's names are taken out before its memory goes
 */
#ifndef LINTEL_NAMES_H
#define LINTEL_NAMES_H

#include "module.h"
#include "name.h"

/* Whether somebody is to be told of the names in a space. Wait-free. */
static inline bool names_are_told(const space_t *space)
{
    return space->options->perf != LINTEL_PERF_OFF || space->options->gdb == LINTEL_ON;
}

/* Name bytes that are the module's. `unwind` may be NULL. Returns 0; -EINVAL (`unwind` is not as it must be); -EFBIG;
 * -ENOMEM; or as perf_map_add and jitdump_add, with nothing named. May block. */
int names_add(module_t *module, range_t body, const char *text, const lintel_unwind_t *unwind);

/* Take out all names of a module that nobody uses any more. May block. */
void names_forget(module_t *module);

/* In the child of a fork, once it has its code: tell of what it inherited, in files of its own, as far as both are to
 * be had. */
void names_after_fork(void);

#endif
