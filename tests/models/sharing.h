/* SPDX-License-Identifier: MIT
 *
 * sharing: which words threads meet on: those that one writes and another one reads or writes, in any execution so far.
 * What nobody meets on needs no decision about whose turn it is.
 */
#ifndef MODELS_SHARING_H
#define MODELS_SHARING_H

#include <stdbool.h>

void sharing_start(void);

/* Note an access. Returns whether threads are known to meet on the word. */
bool sharing_is_met_on(const volatile void *word, unsigned thread, bool writes);

/* Whether such a word was found since this was asked last. */
bool sharing_has_grown(void);

#endif
