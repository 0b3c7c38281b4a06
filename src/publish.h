/* SPDX-License-Identifier: MIT
 *
 * publish: bodies of code become executable, and visible to all threads.
 */
#ifndef LINTEL_PUBLISH_H
#define LINTEL_PUBLISH_H

#include "module.h"

/* Publish bytes of a body. Returns 0; -EPERM; -ENOMEM (the kernel refused). Lock-free. */
int publish_bytes(module_t *module, range_t bytes);

#endif
