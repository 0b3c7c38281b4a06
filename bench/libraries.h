/* SPDX-License-Identifier: MIT
 *
 * libraries: shared libraries, as many as are wanted, loaded into this process.
 */
#ifndef BENCH_LIBRARIES_H
#define BENCH_LIBRARIES_H

#include <stddef.h>

enum { LIBRARY_FUNCTIONS = 4 };

/* Load `count` copies of the small library beside this program, for good, and note their functions. */
void libraries_load(size_t count, const void **functions);

#endif
