/* SPDX-License-Identifier: MIT
 *
 * mark: by which lintel-bench-tracer knows that a thread enters or leaves what is measured: a system call that there is
 * not. Without a tracer it does nothing.
 */
#ifndef BENCH_MARK_H
#define BENCH_MARK_H

#include <unistd.h>

enum { MARK_SYSCALL = 0x6c696e };

static inline void mark(void)
{
    syscall(MARK_SYSCALL);
}

#endif
