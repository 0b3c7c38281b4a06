/* SPDX-License-Identifier: MIT
 *
 * sem_clockwait: glibc's, from 2.30 on; lintel brings its own where the C library has none.
 */
#ifndef LINTEL_SEM_CLOCKWAIT_H
#define LINTEL_SEM_CLOCKWAIT_H

#include <semaphore.h>
#include <time.h>

#ifndef __GLIBC__
/* Wait for the semaphore, `until` by `clock` at the longest. Returns 0; -1 with errno ETIMEDOUT or EINTR. */
int sem_clockwait(sem_t *semaphore, clockid_t clock, const struct timespec *until);
#endif

#endif
