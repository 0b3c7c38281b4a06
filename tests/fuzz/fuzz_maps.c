/* SPDX-License-Identifier: MIT
 *
 * fuzz_maps: an input is what /proc/self/maps says, and in which pieces. The reader must find what a plain reading by
 * lines finds, or say that it makes no sense; what it gives must make sense.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "../unit/scripted_kernel.h"
#include "fuzz.h"
#include "os.h"

enum { LONGEST_TEXT = 8192, LONGEST_NUMBER = 16 };

/* Reads digits up to `end`. Returns what follows them, or NULL: none, or too many. */
static const char *read_number(const char *text, char end, uintptr_t *number)
{
    size_t length = strspn(text, "0123456789abcdef");

    *number = 0;
    for (size_t i = 0; i < length && i < LONGEST_NUMBER; i++)
        *number = *number << 4 | (uintptr_t)(strchr("0123456789abcdef", text[i]) - "0123456789abcdef");
    return length && length <= LONGEST_NUMBER && text[length] == end ? text + length + 1 : NULL;
}

/* Reads one line. Returns what follows it, or NULL: it makes no sense. */
static const char *read_line(const char *text, range_t *mapping)
{
    text = read_number(text, '-', &mapping->start);
    text = text ? read_number(text, ' ', &mapping->end) : NULL;
    text = text ? strchr(text, '\n') : NULL;
    return text && mapping->start < mapping->end ? text + 1 : NULL;
}

/* The first mapping of the rest of the text that ends above `address`: what os_maps_next has to say. */
static int read_next(const char **text, uintptr_t address, range_t *mapping)
{
    while (mapping->end <= address) {
        if (!**text)
            return -ENOENT;
        const char *rest = read_line(*text, mapping);
        if (!rest)
            return -EIO;
        *text = rest;
    }
    return 0;
}

static void walk(os_maps_t *maps, const char *text)
{
    range_t   plain = {0, 0};
    range_t   given = {0, 0};
    uintptr_t address = 0;

    for (;;) {
        int expected = read_next(&text, address, &plain);
        int result = os_maps_next(maps, address, &given);
        expect(result == expected, "the reader sees what there is to see");
        if (result)
            return;
        expect(given.start == plain.start && given.end == plain.end, "a mapping is given as it is");
        expect(given.start < given.end && given.end > address, "what is given makes sense");
        address = given.end;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char text[LONGEST_TEXT + 1];
    input_t     input = input_of(data, size);
    size_t      piece = input_byte(&input) + 1U;
    size_t      length = (size_t)(input.end - input.next);
    os_maps_t   maps;
    range_t     first = {0, 0};

    length = length < LONGEST_TEXT ? length : LONGEST_TEXT;
    memcpy(text, input.next, length);
    text[length] = 0;
    const char *rest = text;
    bool        sense = read_next(&rest, 0, &first) == 0;
    kernel_shows_maps(text, piece);
    int result = os_maps_open(&maps, OS_MAPS_TEXT);
    expect(result == (sense ? 0 : -ENOSYS), "a text that begins with a mapping is read, and no other");
    if (!result) {
        walk(&maps, text);
        os_maps_close(&maps);
    }
    kernel_clear(NULL);
    return 0;
}
