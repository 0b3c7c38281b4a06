/* SPDX-License-Identifier: MIT
 *
 * ledger: what lintel has of the kernel and of jemalloc, counted as it is given and given back.
 */
#ifndef FAULTS_LEDGER_H
#define FAULTS_LEDGER_H

#include <stddef.h>

/* Bytes reserved and mapped and not yet given back. */
size_t ledger_mapped(void);

/* Walks over the mappings that were begun and not ended. */
size_t ledger_walks(void);

/* Objects of lintel's own. */
size_t ledger_objects(void);

#endif
