/* SPDX-License-Identifier: MIT
 *
 * aftermath: what must hold when something was refused and nothing is any more.
 */
#ifndef FAULTS_AFTERMATH_H
#define FAULTS_AFTERMATH_H

#include "world.h"

/* Checks that bodies and books are intact and that every byte that is free can still be had; ends the heap; checks that
 * nothing is left behind. Leaves the process by an assertion that fails. A heap that was refused is made with
 * `options`. */
void aftermath(world_t *world, const lintel_heap_options_t *options);

#endif
