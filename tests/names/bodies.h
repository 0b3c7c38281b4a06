/* SPDX-License-Identifier: MIT
 *
 * bodies: machine code that stays a while, and that calls back, with what a compiler would say of its frame.
 */
#ifndef BODIES_H
#define BODIES_H

#include <lintel/lintel.h>
#include <stdbool.h>

#define BODY_ROOM 256

typedef void spin_t(uint64_t rounds);
typedef void call_t(void (*callback)(void));

/* Each places a body, publishes and names it. NULL, with a word on stderr, if that was refused. */

/* Goes round so often; has no frame. */
spin_t *body_spin(lintel_module_t *module, const char *name);

/* The same, with or without a word about its frame; `room`: the body goes on behind it. */
spin_t *body_spin_unwindable(lintel_module_t *module, const char *name, bool room);

/* Calls the callback from a frame of 32 bytes, which is described if `described`. */
call_t *body_call(lintel_module_t *module, const char *name, bool described);

#endif
