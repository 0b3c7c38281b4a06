/* SPDX-License-Identifier: MIT */
#include "settings.h"

#include <stdlib.h>
#include <string.h>

#include "say.h"

enum { DEFAULT_TOP = 20 };

static unsigned long number(const char *name, unsigned long fallback)
{
    const char *text = getenv(name);
    char       *end;

    if (!text || !*text)
        return fallback;
    unsigned long value = strtoul(text, &end, 10);
    if (!*end && *text >= '0' && *text <= '9')
        return value;
    say("%s=%s is not a number; %lu is used", name, text, fallback);
    return fallback;
}

/* The number of the name that the variable has; the first is the default. */
static unsigned choice(const char *variable, const char *const names[], unsigned count)
{
    const char *text = getenv(variable);

    if (!text || !*text)
        return 0;
    for (unsigned i = 0; i < count; i++)
        if (!strcmp(text, names[i]))
            return i;
    say("%s=%s is not known; %s is used", variable, text, names[0]);
    return 0;
}

settings_t settings_read(void)
{
    static const char *const pools[] = {[POOL_ZONE] = "zone", [POOL_ALONE] = "pool", [POOL_OFF] = "off"};
    static const char *const allocators[] = {[ALLOCATOR_LINTEL] = "lintel", [ALLOCATOR_RUNTIME] = "runtime"};
    const char              *report = getenv("CALLCOUNT_REPORT");

    return (settings_t){
        .report = report && *report ? report : NULL,
        .top = number("CALLCOUNT_TOP", DEFAULT_TOP),
        .refuse = number("CALLCOUNT_REFUSE", 0),
        .clock = number("CALLCOUNT_CLOCK", 0),
        .pool = (pool_choice_t)choice("CALLCOUNT_POOL", pools, 3),
        .allocator = (allocator_choice_t)choice("CALLCOUNT_ALLOCATOR", allocators, 2),
    };
}
