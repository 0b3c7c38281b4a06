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

static pool_choice_t pool_choice(const char *text)
{
    static const char *const names[] = {[POOL_ZONE] = "zone", [POOL_ALONE] = "pool", [POOL_OFF] = "off"};

    if (!text || !*text)
        return POOL_ZONE;
    for (unsigned i = 0; i < sizeof(names) / sizeof(*names); i++)
        if (!strcmp(text, names[i]))
            return (pool_choice_t)i;
    say("CALLCOUNT_POOL=%s is none of zone, pool and off; zone is used", text);
    return POOL_ZONE;
}

settings_t settings_read(void)
{
    const char *report = getenv("CALLCOUNT_REPORT");

    return (settings_t){
        .report = report && *report ? report : NULL,
        .top = number("CALLCOUNT_TOP", DEFAULT_TOP),
        .refuse = number("CALLCOUNT_REFUSE", 0),
        .pool = pool_choice(getenv("CALLCOUNT_POOL")),
    };
}
