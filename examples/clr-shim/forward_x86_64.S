/* SPDX-License-Identifier: MIT
 *
 * forward for x86-64: the object comes in rdi, and nothing else is touched but r11, which belongs to nobody at a call.
 */
#include <cet.h>

#include "forward.h"

    .text
    .balign 32
forward:
    .cfi_startproc
    .set slot, 0
    .rept FORWARD_SLOTS
    .balign 32
    _CET_ENDBR
    movq 8(%rdi), %rdi
    movq (%rdi), %r11
    jmpq *(8 * slot)(%r11)
    .set slot, slot + 1
    .endr
    .cfi_endproc

    .section .data.rel.ro.forward_table, "aw", @progbits
    .balign 8
    .globl forward_table
    .hidden forward_table
    .type forward_table, @object
    .size forward_table, 8 * FORWARD_SLOTS
forward_table:
    .set slot, 0
    .rept FORWARD_SLOTS
    .quad forward + 32 * slot
    .set slot, slot + 1
    .endr

    .section .note.GNU-stack, "", @progbits
