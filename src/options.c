/* SPDX-License-Identifier: MIT */
#include "options.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "atomic.h"
#include "base.h"
#include "os.h"

#define DEFAULT_FIRST_REGION ((size_t)64 << 10)
#define DEFAULT_REGION_LIMIT ((size_t)256 << 20)
#define DEFAULT_COMMIT_STEP  ((size_t)16 << 10)
#define DEFAULT_QUARANTINE   ((size_t)64 << 20)

/* One `name=value`, not terminated. */
typedef struct {
    const char *name;
    size_t      name_length;
    const char *value;
    size_t      value_length;
} setting_t;

/* How a value is read into the options. Returns whether it could be. */
typedef bool read_value_t(const setting_t *setting, void *option);

static bool is_text(const char *text, size_t length, const char *expected)
{
    return length == strlen(expected) && !memcmp(text, expected, length);
}

static bool read_switch(const setting_t *setting, void *option)
{
    bool on = is_text(setting->value, setting->value_length, "1");

    if (!on && !is_text(setting->value, setting->value_length, "0"))
        return false;
    *(lintel_switch_t *)option = on ? LINTEL_ON : LINTEL_OFF;
    return true;
}

/* Which of the names, whose list ends with NULL, the value is; -1 if none. */
static int name_index(const setting_t *setting, const char *const *names)
{
    for (int i = 0; names[i]; i++)
        if (is_text(setting->value, setting->value_length, names[i]))
            return i;
    return -1;
}

static bool read_gap(const setting_t *setting, void *option)
{
    int index = name_index(setting, (const char *const[]){"auto", "query", "text", "probe", NULL});

    if (index >= 0)
        *(lintel_gap_t *)option = (lintel_gap_t)index;
    return index >= 0;
}

static bool read_code(const setting_t *setting, void *option)
{
    int index = name_index(setting, (const char *const[]){"double", "flip", NULL});

    if (index >= 0)
        *(lintel_code_way_t *)option = (lintel_code_way_t)index;
    return index >= 0;
}

static bool read_perf(const setting_t *setting, void *option)
{
    int index = name_index(setting, (const char *const[]){"off", "map", "jitdump", NULL});

    if (index >= 0)
        *(lintel_perf_t *)option = (lintel_perf_t)index;
    return index >= 0;
}

/* Bytes in decimal; k, m and g multiply by powers of 1024. */
static bool read_size(const setting_t *setting, void *option)
{
    size_t      size = 0;
    const char *at = setting->value;
    const char *end = at + setting->value_length;

    for (; at < end && *at >= '0' && *at <= '9' && size <= SIZE_MAX / 32; at++)
        size = 10 * size + (size_t)(*at - '0');
    if (at == setting->value)
        return false;
    for (const char *unit = "kmg"; at < end && *unit && size <= SIZE_MAX / 4096; unit++) {
        size *= 1024;
        if (*at == *unit) {
            at++;
            break;
        }
    }
    if (at != end || size > SIZE_MAX / 2)
        return false;
    *(size_t *)option = size;
    return true;
}

/* Here nothing is nothing, and not the default. */
static bool read_bound(const setting_t *setting, void *option)
{
    size_t bound;

    if (!read_size(setting, &bound))
        return false;
    *(size_t *)option = max_address(bound, 1);
    return true;
}

static const struct {
    const char   *name;
    read_value_t *read;
    size_t        offset;
} known[] = {
    {"populate", read_switch, offsetof(lintel_heap_options_t, populate)},
    {"huge", read_switch, offsetof(lintel_heap_options_t, huge)},
    {"names", read_switch, offsetof(lintel_heap_options_t, names)},
    {"service", read_switch, offsetof(lintel_heap_options_t, service)},
    {"guard", read_switch, offsetof(lintel_heap_options_t, guard)},
    {"gap", read_gap, offsetof(lintel_heap_options_t, gap)},
    {"code", read_code, offsetof(lintel_heap_options_t, code)},
    {"perf", read_perf, offsetof(lintel_heap_options_t, perf)},
    {"gdb", read_switch, offsetof(lintel_heap_options_t, gdb)},
    {"first_region", read_size, offsetof(lintel_heap_options_t, first_region)},
    {"region_limit", read_size, offsetof(lintel_heap_options_t, region_limit)},
    {"commit_step", read_size, offsetof(lintel_heap_options_t, commit_step)},
    {"quarantine", read_bound, offsetof(lintel_heap_options_t, quarantine)},
};

/* Returns what is wrong with the setting, or NULL. */
static const char *apply(const setting_t *setting, lintel_heap_options_t *options)
{
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
        if (is_text(setting->name, setting->name_length, known[i].name))
            return known[i].read(setting, (char *)options + known[i].offset) ? NULL : "bad value";
    return "unknown name";
}

static void complain(const setting_t *setting, const char *wrong)
{
    int length = (int)(setting->value + setting->value_length - setting->name);

    fprintf(stderr, "lintel: LINTEL_OPTIONS: %s in '%.*s', ignored\n", wrong, length, setting->name);
}

static setting_t next_setting(const char **text)
{
    const char *start = *text;
    size_t      length = strcspn(start, ",");
    size_t      name_length = strcspn(start, "=,");
    bool        has_value = name_length < length;

    *text = start + length + (start[length] == ',');
    return (setting_t){start, name_length, start + name_length + has_value, length - name_length - has_value};
}

static void apply_environment(lintel_heap_options_t *options)
{
    static _Atomic bool read_before;
    bool                no = false;
    const char         *text = secure_getenv("LINTEL_OPTIONS");
    /* relaxed: only one heap's creation is to speak. */
    bool first = text && atomic_cas_relaxed(&read_before, &no, true);

    while (text && *text) {
        setting_t   setting = next_setting(&text);
        const char *wrong = apply(&setting, options);
        if (wrong && first)
            complain(&setting, wrong);
    }
}

static bool is_switch(lintel_switch_t value)
{
    return value <= LINTEL_ON;
}

static bool is_valid(const lintel_heap_options_t *options)
{
    return options->gap <= LINTEL_GAP_PROBE && options->code <= LINTEL_CODE_FLIP && is_switch(options->populate) &&
           is_switch(options->huge) && is_switch(options->service) && is_switch(options->guard) &&
           options->perf <= LINTEL_PERF_JITDUMP && is_switch(options->gdb) && is_switch(options->names) &&
           (!options->pool_size || options->pool_near) && options->pool_size <= SIZE_MAX / 2 &&
           options->first_region <= SIZE_MAX / 2 && options->region_limit <= SIZE_MAX / 2 &&
           options->commit_step <= SIZE_MAX / 2 && options->quarantine <= SIZE_MAX / 2;
}

static size_t size_or(size_t size, size_t standard)
{
    return align_up(size ? size : standard, os_page_size());
}

int options_complete(lintel_heap_options_t *options)
{
    if (!is_valid(options))
        return -EINVAL;
    apply_environment(options);
    options->first_region = size_or(options->first_region, DEFAULT_FIRST_REGION);
    options->region_limit = max_address(size_or(options->region_limit, DEFAULT_REGION_LIMIT), options->first_region);
    options->commit_step = power_of_two_from(size_or(options->commit_step, DEFAULT_COMMIT_STEP));
    options->pool_size = align_up(options->pool_size, os_page_size());
    if (!options->quarantine)
        options->quarantine = DEFAULT_QUARANTINE;
    if (!options->pool_reach)
        options->pool_reach = LINTEL_REACH_RVA32;
    return 0;
}

int options_keep(const lintel_heap_options_t *given, const lintel_heap_options_t **kept)
{
    void *memory;
    int   result = os_map(sizeof(**kept), &memory);

    if (result)
        return result;
    lintel_heap_options_t *options = memory;
    if (given)
        *options = *given;
    result = options_complete(options);
    if (!result)
        result = os_make_constant(options, sizeof(*options));
    if (result)
        options_end(options);
    else
        *kept = options;
    return result;
}

void options_end(const lintel_heap_options_t *kept)
{
    if (kept)
        os_unmap((void *)(uintptr_t)kept, sizeof(*kept));
}
