/* SPDX-License-Identifier: MIT
 *
 * memory: the memory of the explored threads, weak as C11's: a load may give any value that happens-before does not
 * rule out, and what a thread knows of other words travels only from a release to the acquire that reads it.
 *
 * Each word has all its values in the order in which they were stored. A thread has a view, which says how far in that
 * order it has seen each word. What is left out of C11: a store always comes last in that order, a compare-and-swap
 * always meets the newest value, and no value comes from the future.
 */
#ifndef MODELS_MEMORY_H
#define MODELS_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
    const volatile void *object;
    size_t               size;
    const char          *text; /* as it stands in the source */
    const char          *function;
    const char          *operation;
    bool                 acquires;
    bool                 releases;
} access_t;

typedef enum { UPDATE_ADD, UPDATE_SUBTRACT, UPDATE_AND, UPDATE_OR, UPDATE_SET } update_t;

uint64_t explored_load(const access_t *access);
void     explored_store(const access_t *access, uint64_t value);
uint64_t explored_update(const access_t *access, update_t update, uint64_t operand);

/* As atomic_compare_exchange_strong. */
bool explored_cas(const access_t *access, uint64_t *expected, uint64_t desired);

/* Seeded bugs: the accesses of `function` by `operation` ("store_release", ...) get no order; every read-modify-write
 * of `function` comes apart into a load and a store. */
void memory_weaken(const char *function, const char *operation);
void memory_tear(const char *function);

/* Whether the seeded bug was ever met. */
bool memory_seed_was_met(void);

/* Words that each thread has for itself. */
void memory_private(volatile void *given, size_t size);

/* Between two executions: everything is again as it was before the first. */
void memory_reset(void);

/* The threads begin: each sees all that was stored so far. */
void memory_threads_start(void);

/* The thread sees the newest value of each word from now on, though not what was released with it. */
void memory_catch_up(void);

/* Order that something else than a word of the source makes. */
typedef enum { CHANNEL_KERNEL, CHANNEL_TABLE, CHANNEL_GRACE_PERIOD, CHANNEL_HOLD, CHANNELS } channel_t;
void memory_release_to(channel_t channel);
void memory_acquire_from(channel_t channel);

/* A moment in a thread's life, and whether it happened before now for the running thread. */
typedef struct {
    unsigned thread;
    unsigned time; /* 0: never */
} moment_t;

moment_t memory_now(void);
bool     memory_has_happened(moment_t moment);

/* Keep and change the words of memory_private when threads take turns. */
void memory_switch_private(unsigned from, unsigned to);

/* plain.c: accesses that are not atomic. A race between two of them, and use after the end, is a failure. */
void  plain_read(const void *memory, size_t size);
void  plain_write(const void *memory, size_t size);
void *plain_set(void *memory, int byte, size_t size);

/* An object that somebody will give back: accesses to it, atomic ones too, must happen before that. */
void plain_watch(const void *memory, size_t size);
void plain_end(const void *memory);
void plain_touch(const volatile void *word);
void plain_reset(void);

#endif
