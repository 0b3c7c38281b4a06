/* SPDX-License-Identifier: MIT */
#include "publish.h"

#include <errno.h>

#include "cache.h"
#include "code.h"
#include "module_growth.h"
#include "os.h"

/* What nobody uses there traps before anything is executable (O2). */
static int open_pages(module_t *module, range_t pages)
{
    range_t wide = cache_widen(module, pages);

    module_trap_unused(module, wide);
    cache_trap_unused(module, wide);
    int result = code_open(&module->space->starts, wide);
    while (result == -ENOMEM && module_give_up_mapping(module))
        result = code_open(&module->space->starts, wide);
    return result;
}

int publish_bytes(module_t *module, range_t bytes)
{
    size_t  page = os_page_size();
    range_t pages = {align_down(bytes.start, page), align_up(bytes.end, page)};
    int     result = 0;

    module_trap_rounding(module, bytes);
    if (!code_is_executable(&module->space->starts, pages))
        result = open_pages(module, pages);
    if (!result)
        os_code_publish(bytes);
    return result;
}
