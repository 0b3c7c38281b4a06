/* SPDX-License-Identifier: MIT */
#include "verdict.h"

#include <stdarg.h>
#include <stdio.h>

void verdict_init(verdict_t *verdict)
{
    pthread_mutex_init(&verdict->lock, NULL);
    atomic_init(&verdict->broken, 0);
}

void verdict_end(verdict_t *verdict)
{
    pthread_mutex_destroy(&verdict->lock);
}

static void __attribute__((format(printf, 3, 0)))
write_words(char *words, const char *promise, const char *format, va_list arguments)
{
    int length = snprintf(words, VERDICT_WORDS_SIZE, "%s: ", promise);

    vsnprintf(words + length, VERDICT_WORDS_SIZE - (size_t)length, format, arguments);
}

void verdict_broken(verdict_t *verdict, const char *promise, const char *format, ...)
{
    va_list arguments;
    size_t  number;

    va_start(arguments, format);
    pthread_mutex_lock(&verdict->lock);
    /* relaxed: the lock orders the words; the count alone is only a hint to stop. */
    number = atomic_fetch_add_explicit(&verdict->broken, 1, memory_order_relaxed);
    if (number < VERDICT_KEPT_WORDS)
        write_words(verdict->words[number], promise, format, arguments);
    pthread_mutex_unlock(&verdict->lock);
    va_end(arguments);
}

bool verdict_is_good(const verdict_t *verdict)
{
    /* relaxed: a hint; whoever reads the words has joined the threads that wrote them. */
    return atomic_load_explicit(&verdict->broken, memory_order_relaxed) == 0;
}
