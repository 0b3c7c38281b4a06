/* SPDX-License-Identifier: MIT */
#include "methods.h"

#include <search.h>
#include <stdbool.h>
#include <stdlib.h>

static int by_token(const void *one, const void *other)
{
    uint32_t first = ((const method_t *)one)->token;
    uint32_t second = ((const method_t *)other)->token;

    return (first > second) - (first < second);
}

void methods_start(methods_t *methods)
{
    pthread_mutex_init(&methods->lock, NULL);
    pthread_cond_init(&methods->settled, NULL);
    methods->tree = NULL;
}

void methods_end(methods_t *methods)
{
    tdestroy(methods->tree, free);
    pthread_cond_destroy(&methods->settled);
    pthread_mutex_destroy(&methods->lock);
}

/* The method, entered if it is new; NULL without memory. */
static method_t *enter(methods_t *methods, uint32_t token)
{
    const method_t wanted = {.token = token};
    method_t     **found = tfind(&wanted, &methods->tree, by_token);

    if (found)
        return *found;
    method_t *method = calloc(1, sizeof(*method));
    if (!method)
        return NULL;
    method->token = token;
    if (tsearch(method, &methods->tree, by_token))
        return method;
    free(method);
    return NULL;
}

/* Whether it is the caller's to rewrite; else it is settled. */
static bool take(methods_t *methods, method_t *method)
{
    while (method->state == METHOD_IN_WORK)
        pthread_cond_wait(&methods->settled, &methods->lock);
    if (method->state != METHOD_NEW)
        return false;
    method->state = METHOD_IN_WORK;
    return true;
}

static void settle(methods_t *methods, method_t *method, const char *reason)
{
    pthread_mutex_lock(&methods->lock);
    method->state = reason ? METHOD_LEFT : METHOD_COUNTED;
    method->reason = reason;
    pthread_cond_broadcast(&methods->settled);
    pthread_mutex_unlock(&methods->lock);
}

const char *methods_rewrite_once(methods_t *methods, uint32_t                                   token,
                                 const char *(*rewrite)(method_t *method, void *context), void *context)
{
    pthread_mutex_lock(&methods->lock);
    method_t *method = enter(methods, token);
    bool      is_ours = method && take(methods, method);
    pthread_mutex_unlock(&methods->lock);
    if (!method)
        return "no memory for the method's counter";
    if (!is_ours)
        return NULL;
    const char *reason = rewrite(method, context);
    settle(methods, method, reason);
    return reason;
}

/* What methods_visit passes on. */
typedef struct {
    void (*visit)(const method_t *method, void *context);
    void *context;
} visitor_t;

static void visit_node(const void *node, VISIT order, void *context)
{
    const visitor_t *visitor = context;

    if (order == postorder || order == leaf)
        visitor->visit(*(const method_t *const *)node, visitor->context);
}

void methods_visit(methods_t *methods, void (*visit)(const method_t *method, void *context), void *context)
{
    visitor_t visitor = {visit, context};

    pthread_mutex_lock(&methods->lock);
    twalk_r(methods->tree, visit_node, &visitor);
    pthread_mutex_unlock(&methods->lock);
}
