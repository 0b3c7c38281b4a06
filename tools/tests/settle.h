/* SPDX-License-Identifier: MIT
 *
 * settle: waits until what a heap has given up is given back.
 */
#ifndef MAP_TESTS_SETTLE_H
#define MAP_TESTS_SETTLE_H

#include <lintel/lintel.h>

void settle(const lintel_heap_t *heap);

#endif
