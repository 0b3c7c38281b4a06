/* SPDX-License-Identifier: MIT
 *
 * stranger: a process with a lintel of tomorrow in it, as far as can be seen from outside. Ends with its standard
 * input.
 */
#include <stdio.h>

#include "outline.h"

extern const outline_head_t outline_of_tomorrow;

const outline_head_t outline_of_tomorrow
    __attribute__((used)) = {.magic = OUTLINE_MAGIC, .version = OUTLINE_VERSION + 1, .library = {9, 8, 7}};

__asm__(".pushsection .note.lintel,\"a\",\"note\"\n"
        ".balign 4\n"
        ".long 7, 4, 0x100\n"
        ".asciz \"lintel\"\n"
        ".balign 4\n"
        ".long outline_of_tomorrow - .\n"
        ".popsection\n");

int main(void)
{
    puts("ready");
    fflush(stdout);
    while (getchar() != EOF)
        continue;
    return 0;
}
