/* SPDX-License-Identifier: MIT
 *
 * ledger: who has which bytes of the kernel's address space. Bytes that two have at once are a failure; so are bytes
 * that come to somebody before what was done to them has happened.
 */
#ifndef MODELS_LEDGER_H
#define MODELS_LEDGER_H

#include "base.h"

enum { LEDGER_UNIT = 16 };

void ledger_start(void);

/* The running thread got these bytes from lintel, and writes to them. */
void ledger_take(range_t range);

/* It is about to give them back, zeroed. */
void ledger_give(range_t range);

/* Whether somebody has the bytes of a unit. */
bool ledger_has(uintptr_t unit);

/* Bytes that somebody has. */
size_t ledger_taken(void);

#endif
