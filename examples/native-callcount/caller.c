/* SPDX-License-Identifier: MIT */
#include "caller.h"

#include "image.h"

/* Calls `open`, which finds `way_back` as its return address, and that, a return instruction, finds ours. */
void *open_by_way_of(uintptr_t way_back, open_t *open, const char *file, int mode)
    __attribute__((visibility("hidden")));

__asm__("    .pushsection .text\n"
        "    .type open_by_way_of, @function\n"
        "open_by_way_of:\n"
        "    .cfi_startproc\n"
        "    endbr64\n"
        "    mov %rdi, %rax\n"
        "    mov %rsi, %r11\n"
        "    mov %rdx, %rdi\n"
        "    mov %ecx, %esi\n"
        "    lea 1f(%rip), %rcx\n"
        "    push %rcx\n"
        "    .cfi_adjust_cfa_offset 8\n"
        "    push %rax\n"
        "    .cfi_adjust_cfa_offset 8\n"
        "    jmp *%r11\n"
        "    .cfi_adjust_cfa_offset -16\n"
        "1:  ret\n"
        "    .cfi_endproc\n"
        "    .size open_by_way_of, . - open_by_way_of\n"
        "    .popsection\n");

typedef struct {
    uintptr_t caller;
    uintptr_t way_back; /* 0: none was found */
} search_t;

/* The end of a function: a pop or a leave, and a return. Such a one is not among the bytes that a jump may replace. */
static bool is_end(const uint8_t *code)
{
    return ((code[0] >= 0x58 && code[0] <= 0x5f) || code[0] == 0xc9) && code[1] == 0xc3;
}

static int search_image(const image_t *image, void *context)
{
    search_t *search = context;
    range_t   text;

    for (size_t i = 0; image_next_segment(image, PF_R | PF_X, 0, &i, &text);) {
        if (search->caller < text.start || search->caller >= text.end)
            continue;
        for (uintptr_t at = search->caller; at + 2 <= text.end && search->way_back == 0; at++)
            if (is_end((const uint8_t *)at))
                search->way_back = at + 1;
        return 1;
    }
    return 0;
}

void *caller_open(uintptr_t caller, open_t *open, const char *file, int mode)
{
    search_t search = {.caller = caller};

    images_visit(search_image, &search);
    return search.way_back != 0 ? open_by_way_of(search.way_back, open, file, mode) : open(file, mode);
}
