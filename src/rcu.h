/* SPDX-License-Identifier: MIT
 *
 * rcu: the happens-before edges that liburcu makes, said aloud where ThreadSanitizer listens.
 *
 * Distributions' liburcu is built without its annotations, so that everything it orders looks like a race. Each
 * function here names one edge that liburcu really makes; without ThreadSanitizer they are nothing.
 *
 *   publish  what was written to an object before it was linked   ->  lookup: any reader that finds it
 *   leave    what a reader did in its read-side critical section  ->  reclaim: the callback after a grace period
 *   retire   what was done to an object before call_rcu           ->  reclaim: its callback
 */
#ifndef LINTEL_RCU_H
#define LINTEL_RCU_H

#if defined(__SANITIZE_THREAD__)
#define LINTEL_TSAN 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define LINTEL_TSAN 1
#endif
#endif

#ifdef LINTEL_TSAN
void __tsan_acquire(void *address);
void __tsan_release(void *address);
#else
#define __tsan_acquire(address) ((void)(address))
#define __tsan_release(address) ((void)(address))
#endif

/* What every reader leaves and every reclaimer waits for. */
extern char rcu_grace_period;

static inline void rcu_edge_publish(void *object)
{
    __tsan_release(object);
}

static inline void rcu_edge_lookup(void *object)
{
    __tsan_acquire(object);
}

static inline void rcu_edge_leave(void)
{
    __tsan_release(&rcu_grace_period);
}

static inline void rcu_edge_retire(void *object)
{
    __tsan_release(object);
}

static inline void rcu_edge_reclaim(void *object)
{
    __tsan_acquire(object);
    __tsan_acquire(&rcu_grace_period);
}

#endif
