/* SPDX-License-Identifier: MIT
 *
 * payload: what the runner writes into bodies. It follows from a tag, so whoever knows the tag can tell whether every
 * byte is still as it was written.
 */
#ifndef STRESS_PAYLOAD_H
#define STRESS_PAYLOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

void payload_write(void *body, size_t size, uint64_t tag);
bool payload_holds(const void *body, size_t size, uint64_t tag);

/* Whether all bytes are zero. */
bool payload_is_zero(const void *body, size_t size);

#endif
