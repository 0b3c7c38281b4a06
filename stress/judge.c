/* SPDX-License-Identifier: MIT */
#include "judge.h"

#include <errno.h>
#include <stdlib.h>

#include "maps.h"

/* Every so many bodies the library is asked where that one lies. */
enum { ASK_EVERY = 16 };

static int judge_group(const round_t *round, const group_t *group, account_t *account)
{
    verdict_t *verdict = &round->run->verdict;
    int        error = account_read(group->subject, account);

    if (error != 0)
        return error;
    books_check_module(verdict, group->subject, &group->ledger, account);
    books_check_bodies(verdict, account, group->bodies, group->count);
    if (!round->shortened)
        books_check_frugal(verdict, group->subject, account, group->bodies, group->count, round->commit_step);
    return report_add(&round->run->report, group->subject, &group->ledger, account, group->bodies, group->count);
}

static int judge_groups(const round_t *round, account_t *accounts)
{
    int error = report_expect(&round->run->report, round->group_count);

    for (size_t i = 0; error == 0 && i < round->group_count; i++)
        error = judge_group(round, &round->groups[i], &accounts[i]);
    if (error == 0)
        books_check_heap(&round->run->verdict, round->heap, accounts, round->group_count);
    for (size_t i = 0; i < round->group_count; i++)
        account_free(&accounts[i]);
    return error;
}

static int add_ranges(ranges_t *ranges, const ranges_t *more)
{
    int error = 0;

    for (size_t i = 0; error == 0 && more != NULL && i < more->count; i++)
        error = ranges_add(ranges, more->items[i].start, more->items[i].end);
    return error;
}

/* What is known not to be lintel's: images, walls, and all that stays mapped for good. */
static int list_occupied(const round_t *round, const maps_t *maps, ranges_t *occupied)
{
    int error = add_ranges(occupied, &maps->named);

    if (error == 0)
        error = add_ranges(occupied, round->walls);
    for (size_t i = 0; error == 0 && i < round->group_count; i++) {
        const subject_t *subject = round->groups[i].subject;

        error = ranges_add(occupied, subject->base, subject->base + subject->image_size);
    }
    ranges_join(occupied);
    return error;
}

static int judge_places(const round_t *round)
{
    ranges_t occupied = {0};
    maps_t   maps;
    int      error = maps_read(&maps);

    if (error != 0)
        return error;
    error = list_occupied(round, &maps, &occupied);
    if (error == 0)
        error = report_mappings(&round->run->report, &maps);
    verify_apart(&round->run->verdict, round->bodies, round->body_count);
    verify_clear(&round->run->verdict, round->bodies, round->body_count, &occupied);
    ranges_free(&occupied);
    maps_free(&maps);
    return error;
}

static void ask_library(const round_t *round)
{
    verdict_t        *verdict = &round->run->verdict;
    lintel_location_t location;

    for (size_t i = 0; i < round->body_count; i += ASK_EVERY)
        verify_answers(verdict, round->heap, &round->bodies[i]);
    for (size_t i = 0; i < round->group_count; i++) {
        const subject_t *subject = round->groups[i].subject;

        if (lintel_find(round->heap, (const void *)subject->base, &location) != -ENOENT)
            verdict_broken(verdict, "find", "%s: the image is taken for a body", subject->name);
    }
}

static void count_round(const round_t *round)
{
    report_t *report = &round->run->report;

    report->rounds++;
    report->seconds += round->seconds;
    for (size_t i = 0; i < round->group_count; i++) {
        report->bodies += round->groups[i].ledger.bodies;
        report->bytes += round->groups[i].ledger.bytes;
    }
}

int judge_round(const round_t *round)
{
    account_t *accounts = calloc(round->group_count + 1, sizeof(*accounts));
    int        error = accounts != NULL ? judge_groups(round, accounts) : -ENOMEM;

    free(accounts);
    if (error == 0)
        error = judge_places(round);
    if (error != 0)
        return error;
    ask_library(round);
    count_round(round);
    return 0;
}
