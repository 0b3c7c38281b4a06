/* SPDX-License-Identifier: MIT
 *
 * order: which module comes first in the table.
 */
#ifndef MAP_ORDER_H
#define MAP_ORDER_H

#include "options.h"
#include "snapshot.h"

void order_modules(snapshot_t *snapshot, sort_t sort);

#endif
