/* SPDX-License-Identifier: MIT */
#include "fuzz.h"

#include <stdio.h>
#include <stdlib.h>

void expect(bool kept, const char *promise)
{
    if (kept)
        return;
    fprintf(stderr, "broken: %s\n", promise);
    abort();
}

input_t input_of(const uint8_t *data, size_t size)
{
    return (input_t){data, data + size};
}

bool input_is_empty(const input_t *input)
{
    return input->next == input->end;
}

uint8_t input_byte(input_t *input)
{
    return input_is_empty(input) ? 0 : *input->next++;
}

unsigned input_below(input_t *input, unsigned limit)
{
    return input_byte(input) % limit;
}
