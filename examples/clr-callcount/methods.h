/* SPDX-License-Identifier: MIT
 *
 * methods: a module's method definitions and how often each was called. A definition is rewritten once, however many
 * instances of a generic method are compiled of it, and however often each is.
 */
#ifndef CALLCOUNT_METHODS_H
#define CALLCOUNT_METHODS_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>

typedef enum { METHOD_NEW, METHOD_IN_WORK, METHOD_COUNTED, METHOD_LEFT } method_state_t;

typedef struct {
    uint32_t         token;
    method_state_t   state;
    const char      *reason; /* why it was left; else NULL */
    _Atomic uint64_t calls;
} method_t;

typedef struct {
    pthread_mutex_t lock;
    pthread_cond_t  settled; /* some method is in work no more */
    void           *tree;    /* of method_t, by token */
} methods_t;

void methods_start(methods_t *methods);

/* Forget them all: no code that counts may run any more. */
void methods_end(methods_t *methods);

/* Have the method rewritten, unless it was. `rewrite` gives NULL, or why it left the method as it is. Other threads
 * that come with the same method wait: they must not compile the former body. Different methods are rewritten at once.
 * Returns what `rewrite` gave, or NULL if this was not the call that did it. */
const char *methods_rewrite_once(methods_t *methods, uint32_t                                   token,
                                 const char *(*rewrite)(method_t *method, void *context), void *context);

/* Visit each method, in no order. */
void methods_visit(methods_t *methods, void (*visit)(const method_t *method, void *context), void *context);

#endif
