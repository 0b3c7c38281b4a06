/* SPDX-License-Identifier: MIT
 *
 * fuzz_options: an input is LINTEL_OPTIONS. Whatever it says, the options that come of it make sense, and say the same
 * if they are read again.
 */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "options.h"
#include "os.h"

enum { LONGEST_TEXT = 512 };

static bool is_size(size_t size)
{
    return size && size % os_page_size() == 0;
}

static bool say_the_same(const lintel_heap_options_t *a, const lintel_heap_options_t *b)
{
    return a->gap == b->gap && a->populate == b->populate && a->huge == b->huge && a->first_region == b->first_region &&
           a->region_limit == b->region_limit && a->commit_step == b->commit_step && a->guard == b->guard &&
           a->quarantine == b->quarantine;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char                  text[LONGEST_TEXT + 1] = "";
    lintel_heap_options_t options = {0};

    memcpy(text, data, size < LONGEST_TEXT ? size : LONGEST_TEXT);
    expect(!setenv("LINTEL_OPTIONS", text, true), "the environment takes any text");
    expect(options_complete(&options) == 0, "what the environment says wrongly is ignored");
    lintel_heap_options_t once = options;
    expect(options.gap <= LINTEL_GAP_PROBE && options.populate <= LINTEL_ON && options.huge <= LINTEL_ON,
           "options have values that there are");
    expect(is_size(options.first_region) && is_size(options.region_limit) && is_size(options.commit_step),
           "sizes are whole pages");
    expect(options.region_limit >= options.first_region && is_power_of_two(options.commit_step), "sizes go together");
    expect(options_complete(&options) == 0 && say_the_same(&once, &options), "options are complete");
    return 0;
}
