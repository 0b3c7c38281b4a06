/* SPDX-License-Identifier: MIT
 *
 * forward for aarch64: the object comes in x0, and nothing else is touched but x16, which belongs to nobody at a call.
 */
#include "forward.h"

    .text
    .balign 32
forward:
    .cfi_startproc
    .set slot, 0
    .rept FORWARD_SLOTS
    .balign 32
    hint 34 /* bti c: a place that may be called through a pointer */
    ldr x0, [x0, 8]
    ldr x16, [x0]
    ldr x16, [x16, 8 * slot]
    br x16
    .set slot, slot + 1
    .endr
    .cfi_endproc

    .section .data.rel.ro.forward_table, "aw", %progbits
    .balign 8
    .globl forward_table
    .hidden forward_table
    .type forward_table, %object
    .size forward_table, 8 * FORWARD_SLOTS
forward_table:
    .set slot, 0
    .rept FORWARD_SLOTS
    .xword forward + 32 * slot
    .set slot, slot + 1
    .endr

    .section .note.GNU-stack, "", %progbits
