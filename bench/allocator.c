/* SPDX-License-Identifier: MIT */
#include "allocator.h"

#include <errno.h>

#include "failure.h"

void allocator_exhausted(size_t size)
{
    failure("no body of %zu bytes could be had: %s", size, strerror(errno));
}
