/* SPDX-License-Identifier: MIT */
#include "cache_page.h"

#include <pthread.h>

#include "os.h"

/* A chunk with more than this part of it left is not given up at once. */
#define LEFTOVER_SHARE 64

/* The C library keeps so many thread-specific values in the thread itself; for further ones it calls malloc. */
#define KEYS_WITHOUT_MALLOC 32

cache_page_t cache_page_none, cache_page_shut;

/* Used: the instructions that look for it are not the compiler's. */
_Thread_local _Atomic(cache_page_t *) cache_page_own __attribute__((used)) = &cache_page_none;

_Atomic intptr_t cache_page_distance;

_Atomic(cache_page_t *) cache_page_newest;

static _Atomic unsigned key_plus_one; /* 0 before cache_page_start, then constant */

cache_page_t *cache_page_first(void)
{
    /* acquire: pairs with new_page's release; the page's `next` is set. */
    return atomic_load_acquire(&cache_page_newest);
}

/* Empties the page for its next owner. */
static void disown(cache_page_t *page)
{
    cache_page_flush(page);
    /* release: pairs with adopt_page's acquire; the slots are empty. */
    atomic_store_release(&page->place, NULL);
}

static void end_thread(void *page)
{
    /* relaxed: the thread's own. It gets no page again, in destructors that run later: nobody might give that back. */
    atomic_store_relaxed(&cache_page_own, &cache_page_shut);
    disown(page);
}

void cache_page_start(void)
{
    pthread_key_t key;
    unsigned      none = 0;

    /* relaxed, both: a number that says all there is to know. */
    if (atomic_load_relaxed(&key_plus_one) || pthread_key_create(&key, end_thread))
        return;
    if (!atomic_cas_relaxed(&key_plus_one, &none, key + 1))
        pthread_key_delete(key);
}

static cache_page_t *adopt_page(void)
{
    for (cache_page_t *page = cache_page_first(); page; page = page->next) {
        cache_place_t *nobodys = NULL;
        /* acq_rel: pairs with disown's release; the former owner is done with it. And with is_outside's acquire; the
         * thread-local memory is there. */
        if (atomic_cas_acq_rel(&page->place, &nobodys, &cache_page_own))
            return page;
    }
    return NULL;
}

static cache_page_t *new_page(void)
{
    void *memory;

    if (os_map(align_up(sizeof(cache_page_t), os_page_size()), &memory))
        return NULL;
    cache_page_t *page = memory;
    /* relaxed: the CAS below publishes it. */
    atomic_store_relaxed(&page->place, &cache_page_own);
    page->next = cache_page_first();
    /* release: pairs with cache_page_first's acquire; publishes the page. */
    while (!atomic_cas_release(&cache_page_newest, &page->next, page))
        continue;
    return page;
}

/* The page that the thread has, be it inside or not; NULL before it has one. */
static cache_page_t *page_of_thread(void)
{
    /* relaxed: as in cache_page_start. */
    unsigned key = atomic_load_relaxed(&key_plus_one);

    return key ? pthread_getspecific(key - 1) : NULL;
}

static cache_page_t *obtain_page(pthread_key_t key)
{
    cache_page_t *page = page_of_thread();

    /* A handler interrupted cache_page_enter before the thread had a page, and got one, which cache_page_leave then
     * forgot. */
    if (page)
        return page;
    page = adopt_page();
    if (!page)
        page = new_page();
    if (!page || !pthread_setspecific(key, page))
        return page;
    /* release: as in disown. */
    atomic_store_release(&page->place, NULL);
    return NULL;
}

/* The thread has used its own. */
static void measure_distance(void)
{
    intptr_t found;

    STATIC_TLS_FOUND(cache_page_own, found);
    /* relaxed: a number that says all there is to know. */
    atomic_store_relaxed(&cache_page_distance, static_tls_distance(found, static_tls_measure(&cache_page_own)));
}

void cache_page_get(bool may_block)
{
    /* relaxed: as in cache_page_start. */
    unsigned      key = atomic_load_relaxed(&key_plus_one);
    cache_page_t *page = &cache_page_none;

    if (!key || (!may_block && key > KEYS_WITHOUT_MALLOC))
        return;
    /* relaxed: against this thread's signal handlers, which get no page of their own in the middle of this. */
    if (atomic_load_relaxed(&cache_page_own) != page || !atomic_cas_relaxed(&cache_page_own, &page, &cache_page_shut))
        return;
    measure_distance();
    page = obtain_page(key - 1);
    /* relaxed: as above. */
    atomic_store_relaxed(&cache_page_own, page ? page : &cache_page_none);
}

static range_t chunk_left(const cache_slot_t *slot)
{
    /* relaxed, both: the thread's own. */
    uintptr_t cursor = atomic_load_relaxed(&slot->cursor);
    uintptr_t end = atomic_load_relaxed(&slot->end);

    return (range_t){cursor, max_address(cursor, end)};
}

/* Empties the slot of its chunk. Others who may be reading it take a changing `end` to mean that nothing is left here:
 * what was left may be anybody's from now on. Returns that. */
static range_t take_chunk(cache_slot_t *slot)
{
    range_t left = chunk_left(slot);

    /* release: pairs with look_at's acquire; who sees a body that somebody else made of it sees this too. */
    atomic_store_release(&slot->end, 0);
    return left;
}

/* Points a slot without a chunk at one; the bodies that it counts go along. */
static void set_chunk(cache_slot_t *slot, range_t chunk)
{
    /* relaxed, both: the thread's own. */
    uintptr_t taken = atomic_load_relaxed(&slot->cursor) - atomic_load_relaxed(&slot->counted);

    /* release, all: pair with look_at's acquires; who sees one of these sees those before it, the end of 0 first. */
    atomic_store_release(&slot->cursor, chunk.start);
    atomic_store_release(&slot->counted, chunk.start - taken);
    atomic_store_release(&slot->end, chunk.end);
    slot->size = (uint32_t)range_size(chunk);
    slot->tolerance = slot->size >= LEFTOVER_SHARE ? slot->size / LEFTOVER_SHARE : 1;
}

/* Has the slot count nothing. */
static void clear_books(cache_slot_t *slot)
{
    /* release, both: as in set_chunk. */
    atomic_store_release(&slot->tally, 0);
    atomic_store_release(&slot->counted, atomic_load_relaxed(&slot->cursor)); /* relaxed: the thread's own */
}

/* Moves what the slot counts to the module's books. */
static void settle_books(cache_slot_t *slot, module_t *module)
{
    /* relaxed, all: the thread's own. */
    books_delta_t books = cache_slot_books(atomic_load_relaxed(&slot->tally), atomic_load_relaxed(&slot->counted),
                                           atomic_load_relaxed(&slot->cursor));

    clear_books(slot);
    if (books.allocations)
        module_count(module, &books);
}

static void settle_much(cache_slot_t *slot, module_t *module)
{
    /* relaxed: the thread's own. */
    if (atomic_load_relaxed(&slot->tally) % SLOT_TALLY_ONE < SLOT_TALLY_MUCH)
        return;
    settle_books(slot, module);
    slot->size = (uint32_t)range_size(chunk_left(slot));
}

/* Of a slot whose thread was caught between two chunks, by a fork, what it lost to rounding is not to be told. */
static void mend_books(cache_slot_t *slot)
{
    /* relaxed, all: the thread is gone. */
    uintptr_t cursor = atomic_load_relaxed(&slot->cursor);
    uint64_t  tally = atomic_load_relaxed(&slot->tally);

    /* relaxed, both: as above. */
    if (!atomic_load_relaxed(&slot->end))
        atomic_store_relaxed(&slot->counted, cursor - tally % SLOT_TALLY_ONE);
}

/* Gives the rest of the chunk, and what is counted, to the module. */
static void settle(cache_slot_t *slot, module_t *module, bool trapped)
{
    mend_books(slot);
    range_t left = take_chunk(slot);

    settle_books(slot, module);
    if (trapped && range_size(left))
        module_clear(module, left);
    module_set_aside(module, left);
}

size_t cache_slot_place(uint64_t serial)
{
    return offsetof(cache_page_t, slots) + serial % CACHE_SLOTS * sizeof(cache_slot_t);
}

static void set_marks(cache_slot_t *slot, const module_t *module, range_t chunk)
{
    if (module->kind == LINTEL_CODE)
        slot->marks = starts_marks(&module->space->starts, chunk);
}

static size_t *drawn_by(cache_slot_t *slot, const module_t *module)
{
    cache_page_t *page = (cache_page_t *)(void *)((char *)slot - module->cache_place);

    return &page->drawn[slot - page->slots];
}

size_t cache_slot_drawn(cache_slot_t *slot, const module_t *module)
{
    return cache_slot_module(cache_slot_own(slot)) == (uintptr_t)module ? *drawn_by(slot, module) : 0;
}

void cache_slot_enter(cache_slot_t *slot, const module_t *module, range_t chunk)
{
    *drawn_by(slot, module) = range_size(chunk);
    (void)take_chunk(slot);
    clear_books(slot);
    set_chunk(slot, chunk);
    set_marks(slot, module, chunk);
    slot->low_bits = module->align - 1;
    /* release: pairs with the readers' acquire; the slot is filled in. */
    atomic_store_release(&slot->module, cache_slot_word(module));
}

void cache_slot_exchange(cache_slot_t *slot, module_t *module, range_t chunk)
{
    range_t left = take_chunk(slot);

    settle_much(slot, module);
    set_chunk(slot, chunk);
    set_marks(slot, module, chunk);
    *drawn_by(slot, module) += range_size(chunk);
    module_set_aside(module, left);
}

void cache_slot_extend(cache_slot_t *slot, module_t *module, range_t more)
{
    settle_much(slot, module);
    slot->size += (uint32_t)range_size(more);
    *drawn_by(slot, module) += range_size(more);
    /* relaxed: none of the other words changes, and set_chunk's release goes on with this one. */
    atomic_store_relaxed(&slot->end, more.end);
}

void cache_slot_count(cache_slot_t *slot, module_t *module, size_t size)
{
    /* relaxed, all: the thread's own, and figures to others. */
    uintptr_t counted = atomic_load_relaxed(&slot->counted) - align_up(size, module->align);
    uint64_t  tally = atomic_load_relaxed(&slot->tally) + size + SLOT_TALLY_ONE;

    /* relaxed, both: as above. */
    atomic_store_relaxed(&slot->counted, counted);
    atomic_store_relaxed(&slot->tally, tally);
    settle_much(slot, module);
}

bool cache_slot_regain(cache_slot_t *slot)
{
    /* acquire: pairs with empty's release; whoever had taken the slot is done with it. */
    uintptr_t word = atomic_load_acquire(&slot->module);

    /* acq_rel: pairs with cache_idle's; one of both goes first. */
    while ((word & SLOT_TAKEN) == SLOT_WANTED && !atomic_cas_acq_rel(&slot->module, &word, word & ~SLOT_WANTED))
        continue;
    return (word & SLOT_TAKEN) != SLOT_TAKEN;
}

/* Marks the slot as being left. Returns what it was before; 0 if it is empty, or another's to leave. */
static uintptr_t begin_to_leave(cache_slot_t *slot)
{
    /* relaxed: the thread's own, save that it may be forgotten, opened or wanted: then the CAS fails. */
    uintptr_t word = atomic_load_relaxed(&slot->module);

    /* acq_rel: from here on cache_forget knows that the module is still needed (T3). */
    while (word && !(word & SLOT_LEAVING) &&
           !atomic_cas_acq_rel(&slot->module, &word, (word & ~SLOT_WANTED) | SLOT_LEAVING))
        continue;
    return (word & SLOT_TAKEN) == SLOT_TAKEN ? 0 : word;
}

static void empty(cache_slot_t *slot)
{
    /* release: pairs with the acquires of cache_forget and cache_slot_regain; nothing of the module or the slot is
     * touched any more. */
    atomic_store_release(&slot->module, 0);
}

void cache_slot_leave(cache_slot_t *slot)
{
    uintptr_t word = begin_to_leave(slot);

    if (!word)
        return;
    /* A thread that was caught in the middle of this, by a fork or by its end, may have given all of it back. */
    if (!(word & SLOT_LEAVING))
        settle(slot, (module_t *)cache_slot_module(word), word & SLOT_TRAPPED);
    empty(slot);
}

void cache_slot_settle(cache_slot_t *slot)
{
    /* relaxed: the caller has taken the slot. */
    settle(slot, (module_t *)cache_slot_module(atomic_load_relaxed(&slot->module)), false);
    empty(slot);
}

void cache_page_flush(cache_page_t *page)
{
    for (unsigned i = 0; i < CACHE_SLOTS; i++)
        cache_slot_leave(&page->slots[i]);
}

/* Empties a slot whose chunk, of code, has no memory any more. */
static void drop_lost(cache_slot_t *slot)
{
    /* relaxed, here and below: in the child there is but one thread. */
    uintptr_t word = atomic_load_relaxed(&slot->module);
    module_t *module = (module_t *)cache_slot_module(word);

    if (!(word & SLOT_CODE) || (word & SLOT_LEAVING) || module_has_memory(module, chunk_left(slot)))
        return;
    mend_books(slot);
    books_delta_t lost = {.lost = range_size(take_chunk(slot))};
    settle_books(slot, module);
    module_count(module, &lost);
    /* relaxed: as above. */
    atomic_store_relaxed(&slot->module, 0);
}

/* In the child of a fork: frees the pages of other threads. Returns the thread's own, be it inside or not; NULL if it
 * has none. */
static cache_page_t *disown_others(void)
{
    cache_page_t *own = NULL;

    for (cache_page_t *page = cache_page_first(); page; page = page->next) {
        /* relaxed: in the child there is but one thread. */
        cache_place_t *place = atomic_load_relaxed(&page->place);
        if (place == &cache_page_own)
            own = page;
        else if (place)
            disown(page);
    }
    return own;
}

void cache_page_after_fork(void)
{
    cache_page_t *own = disown_others();
    cache_page_t *entered = cache_page_enter(&cache_page_own);
    bool          inside = !cache_page_is_real(entered);

    cache_page_flush(entered);
    cache_page_leave(&cache_page_own, entered);
    /* Code in the thread's own chunks may have lost its memory; they stay with a thread that is inside its page, and
     * whose signal handler forks. */
    for (unsigned i = 0; own && inside && i < CACHE_SLOTS; i++)
        drop_lost(&own->slots[i]);
}
