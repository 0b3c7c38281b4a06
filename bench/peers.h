/* SPDX-License-Identifier: MIT
 *
 * peers: the allocators by the names that benchmarks call them by, and what each needs of its process. lintel is here
 * several times, with other options.
 */
#ifndef BENCH_PEERS_H
#define BENCH_PEERS_H

#include "allocator.h"

typedef struct {
    const char        *name;
    const allocator_t *allocator;
    const char        *library; /* that replaces malloc, to be preloaded; NULL: none, libc's is meant */
    const char        *options; /* LINTEL_OPTIONS; added to what the environment has */
} peer_t;

/* The peer of that name, or NULL. */
const peer_t *peer_find(const char *name);

/* Make this process what the peer needs: where it is not, the program starts anew, once, in another environment. Fails
 * where that is no help. */
void peer_enter(const peer_t *peer, char **arguments);

#endif
