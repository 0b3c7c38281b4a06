/* SPDX-License-Identifier: MIT */
#include "memory.h"

#include <stdlib.h>
#include <string.h>

#include "explorer.h"

enum { MOST_WORDS = 1024, MOST_VALUES = 48, MOST_MESSAGES = 4096, BUCKETS = 4096, MOST_PRIVATE = 64 };

/* How far a thread has seen each word, and each thread's life. */
typedef struct {
    uint8_t  seen[MOST_WORDS];
    uint16_t time[MOST_THREADS];
} view_t;

/* A value that was stored, and what an acquire that reads it comes to see. */
typedef struct {
    uint64_t value;
    unsigned owner; /* whose relaxed store behind it goes on with its release sequence */
    view_t   view;
} message_t;

typedef struct {
    volatile void *object;
    size_t         size;
    uint64_t       original;
    unsigned       count;
    uint16_t       messages[MOST_VALUES];
} word_t;

static word_t    words[MOST_WORDS];
static unsigned  word_count;
static uint16_t  buckets[BUCKETS]; /* a word's index + 1 */
static message_t messages[MOST_MESSAGES];
static unsigned  message_count;
static view_t    views[MOST_THREADS + 1];
static view_t    channels[CHANNELS];

static const char *weak_function, *weak_operation, *torn_function;
static bool        seed_met;

static volatile void *private_words;
static size_t         private_size;
static char           private_copies[MOST_THREADS + 1][MOST_PRIVATE], private_original[MOST_PRIVATE];

static uint64_t raw_load(const volatile void *object, size_t size)
{
    uint64_t value = 0;

    memcpy(&value, (const void *)(uintptr_t)object, size);
    return value;
}

static void raw_store(volatile void *object, size_t size, uint64_t value)
{
    memcpy((void *)(uintptr_t)object, &value, size);
}

static void join(view_t *view, const view_t *other)
{
    for (unsigned i = 0; i < word_count; i++)
        view->seen[i] = view->seen[i] > other->seen[i] ? view->seen[i] : other->seen[i];
    for (unsigned i = 0; i < MOST_THREADS; i++)
        view->time[i] = view->time[i] > other->time[i] ? view->time[i] : other->time[i];
}

static message_t *push(word_t *word, uint64_t value)
{
    if (word->count == MOST_VALUES || message_count == MOST_MESSAGES)
        explorer_fail("more values than there is room for");
    message_t *message = &messages[message_count];
    message->value = value;
    message->owner = NOBODY;
    memset(&message->view, 0, sizeof(message->view));
    word->messages[word->count++] = (uint16_t)message_count++;
    return message;
}

static word_t *word_of(const access_t *access)
{
    uintptr_t bucket = ((uintptr_t)access->object >> 2) * 2654435761U % BUCKETS;

    for (; buckets[bucket]; bucket = (bucket + 1) % BUCKETS)
        if (words[buckets[bucket] - 1].object == access->object)
            return &words[buckets[bucket] - 1];
    if (word_count == MOST_WORDS)
        explorer_fail("more words than there is room for");
    word_t *word = &words[word_count++];
    buckets[bucket] = (uint16_t)word_count;
    word->object = (volatile void *)(uintptr_t)access->object;
    word->size = access->size;
    word->original = raw_load(access->object, access->size);
    word->count = 0;
    push(word, word->original);
    return word;
}

static bool is_private(const volatile void *object)
{
    return (uintptr_t)object - (uintptr_t)private_words < private_size;
}

/* Whether the word has to do with no thread but this. */
static bool is_alone(const access_t *access)
{
    bool alone = explorer_self() == NOBODY || is_private(access->object);

    if (alone)
        explorer_count();
    return alone;
}

static message_t *message_at(const word_t *word, unsigned index)
{
    return &messages[word->messages[index]];
}

static message_t *newest(const word_t *word)
{
    return message_at(word, word->count - 1);
}

static bool names(const char *seed, const char *name)
{
    return seed && !strcmp(seed, name);
}

/* Whether the order that the access asks for is granted. */
static bool is_ordered(const access_t *access)
{
    bool weak = names(weak_function, access->function) && names(weak_operation, access->operation);

    seed_met = seed_met || weak;
    return !weak;
}

static bool is_torn(const access_t *access)
{
    bool torn = names(torn_function, access->function);

    seed_met = seed_met || torn;
    return torn;
}

static view_t *step(const access_t *access, const word_t *word, bool writes)
{
    explorer_step(word->object, writes, access);
    plain_touch(word->object);
    return &views[explorer_self()];
}

static uint64_t read_at(const access_t *access, const word_t *word, unsigned index)
{
    view_t          *view = &views[explorer_self()];
    const message_t *message = message_at(word, index);

    view->seen[word - words] = (uint8_t)index;
    if (access->acquires && is_ordered(access))
        join(view, &message->view);
    explorer_note(message->value);
    return message->value;
}

/* Stores behind the newest value; `continues`: as a read-modify-write of that value. */
static void write_behind(const access_t *access, word_t *word, uint64_t value, bool continues)
{
    unsigned         self = explorer_self();
    const message_t *before = newest(word);
    message_t       *message = push(word, value);

    views[self].seen[word - words] = (uint8_t)(word->count - 1);
    if (continues || before->owner == self) {
        message->view = before->view;
        message->owner = before->owner;
    }
    if (access->releases && is_ordered(access)) {
        if (continues)
            join(&message->view, &views[self]);
        else
            message->view = views[self];
        message->owner = self;
    }
    message->view.seen[word - words] = (uint8_t)(word->count - 1);
    views[self].time[self]++;
    raw_store(word->object, word->size, value);
    explorer_note(value);
}

uint64_t explored_load(const access_t *access)
{
    if (is_alone(access))
        return raw_load(access->object, access->size);
    word_t  *word = word_of(access);
    view_t  *view = step(access, word, false);
    unsigned stale = explorer_choose_value(word->count - view->seen[word - words]);

    return read_at(access, word, word->count - 1 - stale);
}

void explored_store(const access_t *access, uint64_t value)
{
    bool alone = is_alone(access);

    if (is_private(access->object)) {
        raw_store((volatile void *)(uintptr_t)access->object, access->size, value);
        return;
    }
    word_t *word = word_of(access);
    if (alone) {
        raw_store(word->object, word->size, value);
        newest(word)->value = value;
        return;
    }
    step(access, word, true);
    write_behind(access, word, value, false);
}

static uint64_t updated(uint64_t value, update_t update, uint64_t operand)
{
    switch (update) {
    case UPDATE_ADD:
        return value + operand;
    case UPDATE_SUBTRACT:
        return value - operand;
    case UPDATE_AND:
        return value & operand;
    case UPDATE_OR:
        return value | operand;
    default:
        return operand;
    }
}

static uint64_t cut(uint64_t value, size_t size)
{
    return size < sizeof(value) ? value & ((UINT64_C(1) << 8 * size) - 1) : value;
}

uint64_t explored_update(const access_t *access, update_t update, uint64_t operand)
{
    if (is_alone(access)) {
        uint64_t value = raw_load(access->object, access->size);
        explored_store(access, cut(updated(value, update, operand), access->size));
        return value;
    }
    word_t *word = word_of(access);
    step(access, word, true);
    uint64_t value = read_at(access, word, word->count - 1);
    bool     torn = is_torn(access);
    if (torn)
        step(access, word, true);
    write_behind(access, word, cut(updated(value, update, operand), access->size), !torn);
    return value;
}

bool explored_cas(const access_t *access, uint64_t *expected, uint64_t desired)
{
    if (is_alone(access)) {
        uint64_t value = raw_load(access->object, access->size);
        bool     same = value == cut(*expected, access->size);
        if (same)
            explored_store(access, cut(desired, access->size));
        *expected = value;
        return same;
    }
    /* One that fails by release acquires nothing; else it is a load with the same acquire. */
    word_t *word = word_of(access);
    step(access, word, true);
    uint64_t value = read_at(access, word, word->count - 1);
    bool     same = value == cut(*expected, access->size);
    bool     torn = is_torn(access);
    *expected = value;
    if (same && torn)
        step(access, word, true);
    if (same)
        write_behind(access, word, cut(desired, access->size), !torn);
    return same;
}

void memory_weaken(const char *function, const char *operation)
{
    weak_function = function;
    weak_operation = operation;
}

void memory_tear(const char *function)
{
    torn_function = function;
}

bool memory_seed_was_met(void)
{
    return seed_met;
}

void memory_private(volatile void *given, size_t size)
{
    if (size > MOST_PRIVATE)
        explorer_fail("more private words than there is room for");
    private_words = given;
    private_size = size;
    memcpy(private_original, (const void *)(uintptr_t)given, size);
    for (unsigned i = 0; i <= MOST_THREADS; i++)
        memcpy(private_copies[i], private_original, size);
}

void memory_switch_private(unsigned from, unsigned to)
{
    memcpy(private_copies[from], (const void *)(uintptr_t)private_words, private_size);
    memcpy((void *)(uintptr_t)private_words, private_copies[to], private_size);
}

void memory_reset(void)
{
    for (const word_t *word = words; word < words + word_count; word++)
        raw_store(word->object, word->size, word->original);
    word_count = message_count = 0;
    memset(buckets, 0, sizeof(buckets));
    memset(channels, 0, sizeof(channels));
    memcpy((void *)(uintptr_t)private_words, private_original, private_size);
    plain_reset();
}

void memory_threads_start(void)
{
    memset(views, 0, sizeof(views));
    for (unsigned i = 0; i < MOST_THREADS; i++)
        views[i].time[i] = 1;
}

void memory_catch_up(void)
{
    for (unsigned i = 0; i < word_count; i++)
        views[explorer_self()].seen[i] = (uint8_t)(words[i].count - 1);
}

void memory_release_to(channel_t channel)
{
    unsigned self = explorer_self();

    if (self == NOBODY)
        return;
    join(&channels[channel], &views[self]);
    views[self].time[self]++;
}

void memory_acquire_from(channel_t channel)
{
    if (explorer_self() != NOBODY)
        join(&views[explorer_self()], &channels[channel]);
}

moment_t memory_now(void)
{
    return (moment_t){explorer_self(), explorer_self() == NOBODY ? 0 : views[explorer_self()].time[explorer_self()]};
}

bool memory_has_happened(moment_t moment)
{
    return explorer_self() == NOBODY || !moment.time || views[explorer_self()].time[moment.thread] >= moment.time;
}
