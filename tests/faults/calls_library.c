/* SPDX-License-Identifier: MIT
 *
 * What the C library, jemalloc and liburcu are asked for.
 */
#include <pthread.h>
#include <stdlib.h>
#include <urcu/rculfhash.h>
#include <urcu/urcu-bp.h>

#include "calls_answer.h"

static bool thread_refused; /* the last one */

void *__real_mallocx(size_t size, int flags);
void *__wrap_mallocx(size_t size, int flags);

void *__wrap_mallocx(size_t size, int flags)
{
    return answer_by_result(METADATA) ? NULL : __real_mallocx(size, flags);
}

int __real_mallctl(const char *name, void *old, size_t *old_size, void *new, size_t new_size);
int __wrap_mallctl(const char *name, void *old, size_t *old_size, void *new, size_t new_size);

int __wrap_mallctl(const char *name, void *old, size_t *old_size, void *new, size_t new_size)
{
    int result = answer_by_result(ARENA);

    return result ? result : __real_mallctl(name, old, old_size, new, new_size);
}

int __real_pthread_key_create(pthread_key_t *key, void (*destructor)(void *));
int __wrap_pthread_key_create(pthread_key_t *key, void (*destructor)(void *));

int __wrap_pthread_key_create(pthread_key_t *key, void (*destructor)(void *))
{
    int result = answer_by_result(KEY);

    return result ? result : __real_pthread_key_create(key, destructor);
}

int __real_pthread_setspecific(pthread_key_t key, const void *value);
int __wrap_pthread_setspecific(pthread_key_t key, const void *value);

int __wrap_pthread_setspecific(pthread_key_t key, const void *value)
{
    int result = answer_by_result(SPECIFIC);

    return result ? result : __real_pthread_setspecific(key, value);
}

int __real_pthread_atfork(void (*before)(void), void (*in_parent)(void), void (*in_child)(void));
int __wrap_pthread_atfork(void (*before)(void), void (*in_parent)(void), void (*in_child)(void));

int __wrap_pthread_atfork(void (*before)(void), void (*in_parent)(void), void (*in_child)(void))
{
    int result = answer_by_result(HANDLERS);

    return result ? result : __real_pthread_atfork(before, in_parent, in_child);
}

int __real_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*work)(void *), void *argument);
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*work)(void *), void *argument);

int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*work)(void *), void *argument)
{
    int result = answer_by_result(THREAD);

    thread_refused = result != 0;
    return result ? result : __real_pthread_create(thread, attributes, work, argument);
}

void __real_urcu_bp_call_rcu(struct rcu_head *head, void (*work)(struct rcu_head *head));
void __wrap_urcu_bp_call_rcu(struct rcu_head *head, void (*work)(struct rcu_head *head));

/* At its first call liburcu makes a thread, and ends the process where it cannot have one. */
void __wrap_urcu_bp_call_rcu(struct rcu_head *head, void (*work)(struct rcu_head *head))
{
    if (thread_refused)
        abort();
    __real_urcu_bp_call_rcu(head, work);
}

struct cds_lfht *__real__cds_lfht_new(unsigned long size, unsigned long least, unsigned long most, int flags,
                                      const struct cds_lfht_mm_type *memory, const struct rcu_flavor_struct *flavor,
                                      pthread_attr_t *attributes);
struct cds_lfht *__wrap__cds_lfht_new(unsigned long size, unsigned long least, unsigned long most, int flags,
                                      const struct cds_lfht_mm_type *memory, const struct rcu_flavor_struct *flavor,
                                      pthread_attr_t *attributes);

struct cds_lfht *__wrap__cds_lfht_new(unsigned long size, unsigned long least, unsigned long most, int flags,
                                      const struct cds_lfht_mm_type *memory, const struct rcu_flavor_struct *flavor,
                                      pthread_attr_t *attributes)
{
    if (answer_by_result(TABLE))
        return NULL;
    return __real__cds_lfht_new(size, least, most, flags, memory, flavor, attributes);
}
