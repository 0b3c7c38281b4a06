/* SPDX-License-Identifier: MIT
 *
 * find: whose body is this address? Answered from anywhere, signal handlers included, while modules come and go.
 */
#ifndef LINTEL_FIND_H
#define LINTEL_FIND_H

#include <lintel/lintel.h>

#include "space.h"

/* Returns 0; -ENOENT (no body is there). Wait-free. */
int find_body(const space_t *space, uintptr_t address, lintel_location_t *location);

#endif
