/* SPDX-License-Identifier: MIT
 *
 * fork_under_tsan: what ThreadSanitizer has to be told before a program of many threads forks. Its deadlock detector
 * has no room for the locks that jemalloc holds meanwhile, and it ends a child that starts a thread of its own.
 */
const char *__tsan_default_options(void);

const char *__tsan_default_options(void)
{
    return "detect_deadlocks=0:die_after_fork=0";
}
