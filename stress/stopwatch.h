/* SPDX-License-Identifier: MIT
 *
 * stopwatch: the monotonic clock.
 */
#ifndef STRESS_STOPWATCH_H
#define STRESS_STOPWATCH_H

/* Seconds since some fixed point in the past. */
double stopwatch_now(void);

#endif
