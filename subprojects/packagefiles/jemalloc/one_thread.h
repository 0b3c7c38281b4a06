/* SPDX-License-Identifier: MIT
 *
 * What jemalloc keeps for each thread is more than a library that is loaded late gets of a program's static
 * thread-local storage; and for what it does not get, the C library calls the host's malloc in a thread's first call.
 * lintel has one thread at a time in jemalloc, and none while the process forks (src/meta.c); so jemalloc needs to know
 * of one only, which does not end, and nothing of forks.
 */
#include <pthread.h>

#define __thread
#define pthread_key_create(key, destructor) 0
#define pthread_setspecific(key, value) 0
#define pthread_atfork(before, in_parent, in_child) 0
