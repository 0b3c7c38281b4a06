/* SPDX-License-Identifier: MIT
 *
 * il_sections: the exception clauses behind a method's code, with their offsets moved.
 *
 * A section is small, with clauses of 12 bytes, or fat, with clauses of 24. A small one whose moved offsets need more
 * than 16 bits becomes fat.
 */
#ifndef CALLCOUNT_IL_SECTIONS_H
#define CALLCOUNT_IL_SECTIONS_H

#include <stdint.h>

/* Check that the sections from `sections` on end before `end` and hold exception clauses inside `code_size` bytes of
 * code. Returns NULL, or why not. */
const char *il_sections_check(const uint8_t *sections, const uint8_t *end, uint32_t code_size);

/* Write checked sections to `out`, with every offset `shift` further on; NULL writes nothing. Returns their bytes. */
uint64_t il_sections_move(const uint8_t *sections, uint32_t shift, uint8_t *out);

#endif
