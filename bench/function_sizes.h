/* SPDX-License-Identifier: MIT
 *
 * function_sizes: how big real functions are, in bytes, in no order.
 */
#ifndef BENCH_FUNCTION_SIZES_H
#define BENCH_FUNCTION_SIZES_H

enum { FUNCTION_SIZES = 1024 };

extern const unsigned short function_sizes[FUNCTION_SIZES];

#endif
