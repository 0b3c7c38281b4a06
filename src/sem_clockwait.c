/* SPDX-License-Identifier: MIT
 *
 * By the time of day, the one clock that musl's semaphores know. If that is set back meanwhile, the wait is longer by
 * as much.
 */
#include "sem_clockwait.h"

#define NANOSECONDS 1000000000L

int sem_clockwait(sem_t *semaphore, clockid_t clock, const struct timespec *until)
{
    struct timespec now;
    struct timespec end;

    clock_gettime(clock, &now);
    clock_gettime(CLOCK_REALTIME, &end);
    end.tv_sec += until->tv_sec - now.tv_sec;
    end.tv_nsec += until->tv_nsec - now.tv_nsec;
    end.tv_sec += end.tv_nsec < 0 ? -1 : end.tv_nsec / NANOSECONDS;
    end.tv_nsec = (end.tv_nsec + NANOSECONDS) % NANOSECONDS;
    return sem_timedwait(semaphore, &end);
}
