/* SPDX-License-Identifier: MIT
 *
 * stepping: stops the calling thread between two instructions, by the processor's single step, and does something else
 * there, in a signal handler. Under AddressSanitizer, where a round takes several times as long, tests stop at a
 * quarter of the places: which instruction it is, is the plain builds' question, and a bad access shows at any of them.
 */
#ifndef STEPPING_H
#define STEPPING_H

#include <stdbool.h>

/* From here to stepping_end, one thread's instructions are counted; after the one with this number, from 1, `visit` is
 * called, and counting ends. 0 is none of them. */
void stepping_begin(unsigned long at, void (*visit)(void));
void stepping_end(void);

/* Instructions since stepping_begin. */
unsigned long stepping_count(void);

/* Whether it can be done here. */
bool stepping_works(void);

#endif
