/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <jansson.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "document.h"
#include "figures.h"

/* Where a reading stands: `error` is the first that was met, and `words` say what it was. */
typedef struct {
    int   error;
    char *words;
} reading_t;

static void __attribute__((format(printf, 3, 4))) fail(reading_t *reading, int error, const char *format, ...)
{
    va_list arguments;

    if (reading->error != 0)
        return;
    reading->error = error;
    va_start(arguments, format);
    vsnprintf(reading->words, DOCUMENT_WORDS, format, arguments);
    va_end(arguments);
}

static uint64_t number_of(reading_t *reading, const json_t *object, const char *name)
{
    const json_t *value = json_object_get(object, name);

    if (!json_is_integer(value) || json_integer_value(value) < 0)
        fail(reading, -EINVAL, "no number '%s' where there should be one: not written by lintel_heap_print", name);
    return (uint64_t)json_integer_value(value);
}

/* Addresses and keys are texts, in hexadecimal. */
static uint64_t address_of(reading_t *reading, const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));
    char       *rest = NULL;
    uint64_t    address = text != NULL ? strtoull(text, &rest, 16) : 0;

    if (text == NULL || rest == text || *rest != '\0')
        fail(reading, -EINVAL, "no address '%s' where there should be one: not written by lintel_heap_print", name);
    return address;
}

static uint64_t optional(const json_t *object, const char *name)
{
    json_int_t value = json_integer_value(json_object_get(object, name));

    return value > 0 ? (uint64_t)value : 0;
}

static void read_figures(reading_t *reading, const json_t *object, lintel_stats_t *stats)
{
    for (size_t i = 0; i < map_figure_count; i++)
        *figure_of(stats, &map_figures[i]) = number_of(reading, object, map_figures[i].name);
}

static void read_regions(reading_t *reading, const json_t *list, landscape_module_t *module)
{
    size_t count = json_array_size(list);

    if (!json_is_array(list))
        fail(reading, -EINVAL, "a module has no 'region_list'");
    module->regions = calloc(count + 1, sizeof(*module->regions));
    if (module->regions == NULL) {
        fail(reading, -ENOMEM, "%s", strerror(ENOMEM));
        return;
    }
    for (size_t i = 0; i < count && reading->error == 0; i++) {
        const json_t *region = json_array_get(list, i);

        module->regions[module->region_count++] = (lintel_region_t){
            .start = address_of(reading, region, "start"),
            .reserved = number_of(reading, region, "reserved"),
            .committed = number_of(reading, region, "committed"),
            .used = number_of(reading, region, "used"),
        };
    }
}

static void read_module(reading_t *reading, const json_t *object, snapshot_t *snapshot)
{
    const char        *name = json_string_value(json_object_get(object, "name"));
    const char        *kind = json_string_value(json_object_get(object, "kind"));
    landscape_module_t module = {
        .name = strdup(name != NULL ? name : ""),
        .key = address_of(reading, object, "key"),
        .base = address_of(reading, object, "base"),
        .serial = optional(object, "serial"),
        .image_size = optional(object, "image_size"),
        .reach = optional(object, "reach"),
        .heap = optional(object, "heap"),
        .code = kind != NULL && strcmp(kind, "code") == 0,
        .closed = json_is_false(json_object_get(object, "open")),
        .stats = {.modules = 1},
    };

    read_figures(reading, object, &module.stats);
    read_regions(reading, json_object_get(object, "region_list"), &module);
    if (module.name == NULL)
        fail(reading, -ENOMEM, "%s", strerror(ENOMEM));
    if (snapshot_add(snapshot, &module) != 0)
        fail(reading, -ENOMEM, "%s", strerror(ENOMEM));
}

static void read_document(reading_t *reading, const json_t *root, snapshot_t *snapshot)
{
    const json_t  *list = json_object_get(root, "module_list");
    const char    *version = json_string_value(json_object_get(root, "version"));
    const char    *title = json_string_value(json_object_get(root, "command"));
    lintel_stats_t totals = {0};

    if (!json_is_array(list))
        fail(reading, -EINVAL, "no 'module_list': not written by lintel_heap_print");
    read_figures(reading, root, &totals);
    for (size_t i = 0; i < json_array_size(list) && reading->error == 0; i++)
        read_module(reading, json_array_get(list, i), snapshot);
    snprintf(snapshot->version, sizeof(snapshot->version), "%.31s", version != NULL ? version : "?");
    snprintf(snapshot->title, sizeof(snapshot->title), "%.255s", title != NULL ? title : "");
    snapshot->process = (pid_t)optional(root, "process");
    snapshot->heaps = optional(root, "heaps");
    snapshot_finish(snapshot, 0);
    snapshot->totals = totals;
    snapshot->totals.modules = snapshot->landscape.module_count;
}

int document_read(const char *path, snapshot_t *snapshot, char words[DOCUMENT_WORDS])
{
    reading_t    reading = {.words = words};
    FILE        *file = strcmp(path, "-") == 0 ? stdin : fopen(path, "re");
    json_error_t error;
    json_t      *root;

    *snapshot = (snapshot_t){0};
    if (file == NULL) {
        snprintf(words, DOCUMENT_WORDS, "%s", strerror(errno));
        return -errno;
    }
    root = json_loadf(file, 0, &error);
    if (root == NULL)
        fail(&reading, -EINVAL, "not JSON: line %d: %s", error.line, error.text);
    else
        read_document(&reading, root, snapshot);
    json_decref(root);
    if (file != stdin)
        fclose(file);
    if (reading.error != 0)
        snapshot_free(snapshot);
    return reading.error;
}
