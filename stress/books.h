/* SPDX-License-Identifier: MIT
 *
 * books: the library's statistics and regions against what the runner counted itself, to the byte. No call on the
 * modules may be in flight.
 */
#ifndef STRESS_BOOKS_H
#define STRESS_BOOKS_H

#include <stddef.h>
#include <stdint.h>

#include "subject.h"
#include "verdict.h"
#include "verify.h"

/* What the runner counted for one module. */
typedef struct {
    uint64_t bodies;
    uint64_t bytes;
    uint64_t lost;     /* rounding up to the alignment */
    uint64_t failures; /* NULLs for want of space or memory */
} ledger_t;

/* What the library says about one module. */
typedef struct {
    lintel_stats_t   stats;
    lintel_region_t *regions; /* ascending */
    size_t           region_count;
} account_t;

/* Add a body of `size` bytes in a module of that alignment. */
void ledger_add(ledger_t *ledger, size_t size, size_t align);

/* Ask the library. Returns 0, a negative errno, or -ENOMEM. */
int  account_read(const subject_t *subject, account_t *account);
void account_free(account_t *account);

/* The account agrees with the ledger and with itself. */
void books_check_module(verdict_t *verdict, const subject_t *subject, const ledger_t *ledger, const account_t *account);

/* The heap's figures are the sum of its modules'. No early pool. */
void books_check_heap(verdict_t *verdict, const lintel_heap_t *heap, const account_t *accounts, size_t count);

/* Every body lies in the used and committed part of one of its module's regions. The bodies are one subject's. */
void books_check_bodies(verdict_t *verdict, const account_t *account, const body_t *bodies, size_t count);

/* No region has more committed than its bodies need and one commit step, which grows with the module. Not where bodies
 * were shortened. The bodies are the subject's. */
void books_check_frugal(verdict_t *verdict, const subject_t *subject, const account_t *account, const body_t *bodies,
                        size_t count, size_t commit_step);

#endif
