/* SPDX-License-Identifier: MIT
 *
 * peek: looks at memory that may be gone.
 */
#ifndef STRESS_PEEK_H
#define STRESS_PEEK_H

#include <stdbool.h>
#include <stddef.h>

enum { PEEK_MOST = 4096 };

/* The two ends of a pipe: the kernel refuses to write what cannot be read, where we would crash. */
typedef struct {
    int ends[2];
} peek_t;

/* Returns 0 or a negative errno. */
int  peek_begin(peek_t *peek);
void peek_end(peek_t *peek);

/* Whether the `size` bytes, at most PEEK_MOST, at `address` are there and are the same as those at `expected`. */
bool peek_is_same(const peek_t *peek, const void *address, const void *expected, size_t size);

#endif
