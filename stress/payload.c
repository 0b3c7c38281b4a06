/* SPDX-License-Identifier: MIT */
#include "payload.h"

#include <string.h>

/* The eight bytes at `offset`, a multiple of eight. Never zero: a byte wiped shows. */
static uint64_t payload_word(uint64_t tag, size_t offset)
{
    return (tag + offset) * UINT64_C(0x9e3779b97f4a7c15) | UINT64_C(0x0101010101010101);
}

void payload_write(void *body, size_t size, uint64_t tag)
{
    unsigned char *bytes = body;

    for (size_t offset = 0; offset < size; offset += sizeof(uint64_t)) {
        uint64_t word = payload_word(tag, offset);

        memcpy(bytes + offset, &word, size - offset < sizeof(word) ? size - offset : sizeof(word));
    }
}

bool payload_holds(const void *body, size_t size, uint64_t tag)
{
    const unsigned char *bytes = body;

    for (size_t offset = 0; offset < size; offset += sizeof(uint64_t)) {
        uint64_t word = payload_word(tag, offset);

        if (memcmp(bytes + offset, &word, size - offset < sizeof(word) ? size - offset : sizeof(word)) != 0)
            return false;
    }
    return true;
}

bool payload_is_zero(const void *body, size_t size)
{
    const unsigned char *bytes = body;

    return size == 0 || (bytes[0] == 0 && memcmp(bytes, bytes + 1, size - 1) == 0);
}
