/* SPDX-License-Identifier: MIT */
#include "refusals.h"

#include <errno.h>
#include <pthread.h>

bool     refuse_key;
unsigned refuse_handlers_at;
void (*while_installing)(void);
void (*before_setting)(void);

int __real_pthread_key_create(pthread_key_t *key, void (*destructor)(void *));
int __wrap_pthread_key_create(pthread_key_t *key, void (*destructor)(void *));

int __wrap_pthread_key_create(pthread_key_t *key, void (*destructor)(void *))
{
    if (!refuse_key)
        return __real_pthread_key_create(key, destructor);
    refuse_key = false;
    return EAGAIN;
}

int __real_pthread_atfork(void (*before)(void), void (*in_parent)(void), void (*in_child)(void));
int __wrap_pthread_atfork(void (*before)(void), void (*in_parent)(void), void (*in_child)(void));

int __wrap_pthread_atfork(void (*before)(void), void (*in_parent)(void), void (*in_child)(void))
{
    if (refuse_handlers_at && --refuse_handlers_at == 0)
        return ENOMEM;
    if (while_installing)
        while_installing();
    return __real_pthread_atfork(before, in_parent, in_child);
}

int __real_pthread_setspecific(pthread_key_t key, const void *value);
int __wrap_pthread_setspecific(pthread_key_t key, const void *value);

int __wrap_pthread_setspecific(pthread_key_t key, const void *value)
{
    void (*now)(void) = before_setting;

    before_setting = NULL;
    if (now)
        now();
    return __real_pthread_setspecific(key, value);
}
