/* SPDX-License-Identifier: MIT
 *
 * starts: threads mark bodies that touch, and bodies whose bits share a word; what one frees, clears or forgets takes
 * nothing from the others. Addresses are numbers here.
 */
#include "starts.h"

#include <string.h>

#include "kernel.h"
#include "scenarios.h"

#define FIRST   ((uintptr_t)0x400000000000)
#define GROUP   ((uintptr_t)STARTS_GROUP * STARTS_UNIT)
#define OF_WORD (64 * GROUP)
#define BODY    ((size_t)2 * STARTS_UNIT)

static starts_t starts;

/* Says what there is to be seen. */
static _Atomic unsigned told;

static range_t at(uintptr_t offset, size_t size)
{
    return (range_t){FIRST + offset, FIRST + offset + size};
}

static bool find(uintptr_t address, starts_body_t *found)
{
    return starts_find(&starts, address, at(0, 8 * STARTS_BLOCK), found);
}

static bool is_found(range_t body)
{
    starts_body_t found;

    return find(body.start, &found) && found.bytes.start == body.start && find(body.end - 1, &found) &&
           found.bytes.start == body.start;
}

static bool is_free(uintptr_t address)
{
    starts_body_t found;

    return !find(address, &found);
}

/* As the owner of a body in the middle of a region does. */
static void mark_body(range_t body)
{
    starts_mark_front(&starts, body.start);
    starts_mark_body(&starts, body, 0);
}

static void start(void)
{
    kernel_start(1);
    memset((void *)&starts, 0, sizeof(starts));
    /* relaxed: alone. */
    atomic_store_relaxed(&told, 0);
    explorer_check(!starts_cover(&starts, at(0, STARTS_BLOCK)), "there is a block");
}

/* Two that touch, and one each whose group, or whose word of groups, is the other's neighbour. */
static range_t marked[2][3];

static void start_marks(void)
{
    start();
    for (unsigned i = 0; i < 2; i++) {
        marked[i][0] = at(i * BODY, BODY);
        marked[i][1] = at((2 + i) * GROUP, BODY);
        marked[i][2] = at((1 + i) * OF_WORD, BODY);
    }
}

static void mark(unsigned self)
{
    for (unsigned i = 0; i < 3; i++)
        mark_body(marked[self][i]);
}

static void end_marks(void)
{
    for (unsigned self = 0; self < 2; self++)
        for (unsigned i = 0; i < 3; i++) {
            explorer_check(is_found(marked[self][i]), "K1, K3: each body is found");
            explorer_check((self == 0 && i == 0) || is_free(marked[self][i].end), "K1: behind them is no body");
            explorer_check(i == 0 || is_free(marked[self][i].start - 1), "K2: nor in front of them");
        }
}

/* An address below a body that is just being marked is in none. */
static void mark_or_look_below(unsigned self)
{
    if (self == 0)
        mark_body(at(4 * BODY, BODY));
    else
        explorer_check(is_free(FIRST + BODY + STARTS_UNIT), "K1: what nobody was given is not found");
}

static void end_below(void)
{
    explorer_check(is_found(at(4 * BODY, BODY)), "K1: a body is found");
}

/* One frees the end of its body, with free space behind; there the other one marks its body. */
static void start_freed(void)
{
    start();
    mark_body(at(0, 2 * BODY));
}

static void free_or_mark(unsigned self)
{
    if (self == 0)
        starts_mark_shrunk(&starts, at(0, 2 * BODY), FIRST + BODY, 0, STARTS_FREE);
    else
        mark_body(at(2 * BODY, BODY));
}

static void end_freed(void)
{
    explorer_check(is_found(at(0, BODY)) && is_found(at(2 * BODY, BODY)), "K1: each body is found");
    explorer_check(is_free(FIRST + BODY) && is_free(FIRST + 3 * BODY), "K2: what was freed is no body's");
}

/* What stays of a body is in it all the time, and what goes is in no other. */
static void shrink_or_look(range_t body, size_t left, uintptr_t address)
{
    starts_body_t found;

    if (left) {
        starts_mark_shrunk(&starts, body, body.start + left, 0, STARTS_FREE);
        return;
    }
    explorer_check(is_found((range_t){body.start, body.start + STARTS_UNIT}), "K5: what stays is found all the time");
    explorer_check(!find(address, &found) || found.bytes.start == body.start, "K5: what goes is in no other body");
}

static void shrink_or_look_in(unsigned self)
{
    shrink_or_look(at(0, 2 * BODY), self == 0 ? BODY : 0, FIRST + BODY + STARTS_UNIT);
}

static void end_shrunk(void)
{
    explorer_check(is_found(at(0, BODY)) && is_free(FIRST + BODY), "K1: what is left is found");
}

/* One clears a whole group, for a body that begins before; the other marks in others of the same word. */
static range_t cleared, beside;

static void start_cleared(void)
{
    start();
    cleared = at(0, 2 * GROUP + BODY);
    beside = at(3 * GROUP, 2 * GROUP);
    mark_body(at(GROUP + BODY, BODY));
}

static void clear_or_mark(unsigned self)
{
    if (self == 1) {
        mark_body(beside);
        return;
    }
    starts_clear_inside(&starts, cleared);
    mark_body(cleared);
    /* release: pairs with clear_or_look's acquire; publishes the body. */
    atomic_store_release(&told, 1);
}

static void end_cleared(void)
{
    explorer_check(is_found(cleared) && is_found(beside), "K3: each body is found");
}

/* The third looks into the body that has come to where others were. */
static void clear_or_look(unsigned self)
{
    if (self == 0)
        clear_or_mark(self);
    /* acquire: pairs with clear_or_mark's release. */
    else if (atomic_load_acquire(&told))
        explorer_check(is_found(cleared), "K1: nothing of a former use is found in a body");
}

static void end_seen(void)
{
    explorer_check(is_found(cleared), "K3: the body is found");
}

/* A chunk comes to where bodies were: an answer of the new use comes with the new version, as cells have one (S3). */
static void start_gone(void)
{
    start();
    mark_body(at(0, STARTS_UNIT));
    mark_body(at(STARTS_UNIT, BODY));
}

static void replace_or_look(unsigned self)
{
    range_t       chunk = at(0, 4 * (size_t)STARTS_UNIT);
    starts_body_t found = {0};

    if (self == 0) {
        /* acq_rel: as in slab_free. */
        (void)atomic_fetch_add_acq_rel(&told, 1);
        starts_clear(&starts, chunk);
        starts_mark_chunk(&starts, chunk);
        starts_mark_next(starts_marks(&starts, chunk), chunk.end - STARTS_UNIT - 1, 0);
        return;
    }
    bool is_body = find(FIRST + 2 * STARTS_UNIT, &found);
    /* acquire: as in slab_version. */
    explorer_check(!is_body || found.bytes.start == FIRST + STARTS_UNIT || atomic_load_acquire(&told),
                   "S3: a body of a later use comes with its version");
}

static void end_gone(void)
{
    explorer_check(is_found(at(0, 3 * (size_t)STARTS_UNIT)) && is_free(FIRST + 3 * STARTS_UNIT), "K1: a body is found");
}

/* Two bodies of one group: the second one's bit may be the first one's doing, and its end lies in another group. */
static void mark_or_be_told(unsigned self)
{
    range_t body = at(GROUP + BODY, 2 * GROUP);

    if (self == 0)
        mark_body(at(GROUP, BODY));
    if (self == 1) {
        mark_body(body);
        /* release: pairs with the acquire below; publishes the body. */
        atomic_store_release(&told, 1);
    }
    /* acquire: pairs with the release above. */
    if (self == 2 && atomic_load_acquire(&told))
        explorer_check(is_found(body), "K3: who learns of a body finds it");
}

static void end_told(void)
{
    explorer_check(is_found(at(GROUP, BODY)) && is_found(at(GROUP + BODY, 2 * GROUP)), "K3: each body is found");
}

/* One's region goes, and with it what was said of its page; the next page is opened by another. */
static void start_pages(void)
{
    start();
    starts_say(&starts, at(0, STARTS_PAGE), STARTS_OPENED);
    starts_say(&starts, at(0, STARTS_PAGE), STARTS_EXECUTABLE);
}

static void forget_or_say(unsigned self)
{
    if (self == 0) {
        starts_forget(&starts, at(0, STARTS_PAGE));
        return;
    }
    starts_say(&starts, at(STARTS_PAGE, STARTS_PAGE), STARTS_OPENED);
    starts_say(&starts, at(STARTS_PAGE, STARTS_PAGE), STARTS_EXECUTABLE);
}

static void end_pages(void)
{
    for (starts_state_t state = STARTS_OPENED; state <= STARTS_EXECUTABLE; state++) {
        explorer_check(!starts_any(&starts, at(0, STARTS_PAGE), state), "what is forgotten is forgotten");
        explorer_check(starts_all(&starts, at(STARTS_PAGE, STARTS_PAGE), state), "what was said of a page stays");
    }
}

/* Blocks made at once, one of them by both. */
static void cover(unsigned self)
{
    explorer_check(!starts_cover(&starts, at((1 + self) * STARTS_BLOCK, STARTS_BLOCK)), "there is a block");
    mark_body(at((1 + self) * STARTS_BLOCK, BODY));
}

static void end_blocks(void)
{
    unsigned count = 0;

    for (const starts_block_t *block = starts_first(&starts); block; block = block->next)
        count++;
    explorer_check(count == 3, "each block is in the list");
    for (unsigned self = 0; self < 2; self++)
        explorer_check(is_found(at((1 + self) * STARTS_BLOCK, BODY)), "K1: each body is found");
}

/* A body goes on over the start of a block; then its end is freed, and another's body comes there. */
static void start_crossing(void)
{
    start();
    explorer_check(!starts_cover(&starts, at(STARTS_BLOCK, STARTS_BLOCK)), "there is a block");
}

static void cross_or_look(unsigned self)
{
    starts_body_t found;

    if (self == 0) {
        mark_body(at(STARTS_BLOCK - BODY, 2 * BODY));
        /* release: pairs with the acquire below; publishes the body. */
        atomic_store_release(&told, 1);
        return;
    }
    bool seen = find(FIRST + STARTS_BLOCK, &found);
    explorer_check(!seen || found.bytes.start == FIRST + STARTS_BLOCK - BODY, "K4: a block says where a body starts");
    /* acquire: pairs with the release above. */
    explorer_check(!atomic_load_acquire(&told) || is_found(at(STARTS_BLOCK - BODY, 2 * BODY)), "K4: a body is found");
}

/* From both sides of the start of the block, to a byte on either; what is looked at lies on both. */
static void start_crossed(void)
{
    start_crossing();
    mark_body(at(STARTS_BLOCK - 2 * BODY, 4 * BODY));
}

static void shrink_or_look_across(unsigned self, size_t left)
{
    shrink_or_look(at(STARTS_BLOCK - 2 * BODY, 4 * BODY), self == 0 ? left : 0, FIRST + STARTS_BLOCK + BODY);
}

static void shrink_across_or_look(unsigned self)
{
    shrink_or_look_across(self, 2 * BODY + STARTS_UNIT);
}

static void shrink_below_or_look(unsigned self)
{
    shrink_or_look_across(self, BODY);
}

static void end_across(void)
{
    explorer_check(is_found(at(STARTS_BLOCK - 2 * BODY, 2 * BODY + STARTS_UNIT)), "K4: what is left is found");
    explorer_check(is_free(FIRST + STARTS_BLOCK + BODY), "K4: what is not is free");
}

static void end_below_block(void)
{
    explorer_check(is_found(at(STARTS_BLOCK - 2 * BODY, BODY)), "K4: what is left is found");
    explorer_check(is_free(FIRST + STARTS_BLOCK - 1) && is_free(FIRST + STARTS_BLOCK), "K4: what is not is free");
}

static void end_crossing(void)
{
    explorer_check(is_found(at(STARTS_BLOCK - BODY, 2 * BODY)), "K4: a body is found");
}

const scenario_t scenario_marks = {"marks", 2, start_marks, mark, end_marks};
const scenario_t scenario_marks_below = {"marks-below", 2, start, mark_or_look_below, end_below};
const scenario_t scenario_marks_freed = {"marks-freed", 2, start_freed, free_or_mark, end_freed};
const scenario_t scenario_marks_shrunk = {"marks-shrunk", 2, start_freed, shrink_or_look_in, end_shrunk};
const scenario_t scenario_marks_cleared = {"marks-cleared", 2, start_cleared, clear_or_mark, end_cleared};
const scenario_t scenario_marks_seen = {"marks-seen", 2, start_cleared, clear_or_look, end_seen};
const scenario_t scenario_marks_told = {"marks-told", 3, start, mark_or_be_told, end_told};
const scenario_t scenario_marks_gone = {"marks-gone", 2, start_gone, replace_or_look, end_gone};
const scenario_t scenario_page_states = {"page-states", 2, start_pages, forget_or_say, end_pages};
const scenario_t scenario_blocks = {"blocks", 2, start, cover, end_blocks};
const scenario_t scenario_crossing = {"crossing", 2, start_crossing, cross_or_look, end_crossing};
const scenario_t scenario_shrunk_across = {"shrunk-across", 2, start_crossed, shrink_across_or_look, end_across};
const scenario_t scenario_shrunk_below = {"shrunk-below", 2, start_crossed, shrink_below_or_look, end_below_block};
