/* SPDX-License-Identifier: MIT */
#include "churn_hand.h"

#include <errno.h>
#include <string.h>

#include "latency.h"
#include "payload.h"

enum { SMALL_BODY = 1500, BIG_BODY = 200 * 1024 };

void hand_begin(hand_t *hand, const lintel_heap_t *heap, verdict_t *verdict, random_t *random)
{
    *hand = (hand_t){.heap = heap, .verdict = verdict, .random = random};
}

/* Seldom more than a first region holds. */
static size_t draw_size(random_t *random)
{
    return random_between(random, 1, random_below(random, 64) == 0 ? BIG_BODY : SMALL_BODY);
}

static void add_body(hand_t *hand, held_t *held)
{
    size_t       size = draw_size(hand->random);
    void        *start = latency_alloc(held->subject.module, size);
    held_body_t *added = &held->bodies[held->count];

    if (start == NULL) {
        verdict_broken(hand->verdict, "place", "%s: no place for %zu bytes: %s", held->subject.name, size,
                       strerror(errno));
        return;
    }
    if (!verify_fresh(hand->verdict, &held->subject, start, size, held->subject.align))
        return;
    *added = (held_body_t){.start = (uintptr_t)start, .size = size, .tag = random_next(hand->random)};
    payload_write(start, size, added->tag);
    held->count++;
    hand->bodies++;
    hand->bytes += size;
}

static void check_bodies(hand_t *hand, const held_t *held)
{
    for (size_t i = 0; i < held->count; i++) {
        body_t body = {.start = held->bodies[i].start, .size = held->bodies[i].size, .owner = &held->subject};

        verify_answers(hand->verdict, hand->heap, &body);
        if (!payload_holds((const void *)body.start, body.size, held->bodies[i].tag))
            verdict_broken(hand->verdict, "for life", "%s: %zu bytes at %#zx changed under a reference",
                           held->subject.name, body.size, (size_t)body.start);
    }
}

/* One more body first: a reference is good for that as long as it is held, whether the module is open or not. */
static void let_go(hand_t *hand, size_t number)
{
    held_t *held = &hand->held[number];

    if (held->count < HAND_BODIES)
        add_body(hand, held);
    check_bodies(hand, held);
    lintel_module_release(held->subject.module);
    *held = hand->held[--hand->count];
}

void hand_take(hand_t *hand, const subject_t *subject)
{
    size_t  bodies = random_between(hand->random, 0, HAND_BODIES - 1);
    held_t *held;

    if (hand->count == HAND_MODULES)
        let_go(hand, random_below(hand->random, hand->count));
    held = &hand->held[hand->count++];
    held->subject = *subject;
    held->count = 0;
    for (size_t i = 0; i < bodies; i++)
        add_body(hand, held);
}

void hand_end(hand_t *hand)
{
    while (hand->count > 0)
        let_go(hand, hand->count - 1);
}
