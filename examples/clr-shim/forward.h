/* SPDX-License-Identifier: MIT
 *
 * forward: for each slot of a table, a function that passes its call on to another object's same slot: whatever the
 * method's arguments are, since only the first, the object, is exchanged and the rest stays where the caller put it.
 * C cannot say that, so it is assembly, three instructions a slot (forward_x86_64.S, forward_aarch64.S). Signatures
 * written out 210 times could each be wrong, and would end at the interfaces of today.
 */
#ifndef CLR_SHIM_FORWARD_H
#define CLR_SHIM_FORWARD_H

/* More than any profiling interface has (115 and 98): later versions, which append, find theirs. */
#define FORWARD_SLOTS 256

#ifndef __ASSEMBLER__
#include "../clr-common/com.h"

/* Each entry expects an object whose second word is the object to pass the call on to. */
extern const clr_slot_t forward_table[FORWARD_SLOTS];
#endif

#endif
