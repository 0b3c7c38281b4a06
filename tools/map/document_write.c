/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "document.h"
#include "figures.h"
#include "text.h"

static const char replacement[] = "\xef\xbf\xbd";

/* Names are bytes: those that are no UTF-8 become the replacement character. */
static json_t *string_from(const char *text)
{
    char   *valid = malloc(strlen(text) * (sizeof(replacement) - 1) + 1);
    char   *at = valid;
    json_t *string;

    if (valid == NULL)
        return NULL;
    for (size_t length; *text != '\0'; text += length > 0 ? length : 1) {
        length = text_character(text);
        memcpy(at, length > 0 ? text : replacement, length > 0 ? length : sizeof(replacement) - 1);
        at += length > 0 ? length : sizeof(replacement) - 1;
    }
    *at = '\0';
    string = json_string(valid);
    free(valid);
    return string;
}

static json_t *address_from(uint64_t address)
{
    return json_sprintf("%#" PRIx64, address);
}

static void set_number(json_t *object, const char *name, uint64_t number)
{
    json_object_set_new(object, name, json_integer(number <= INT64_MAX ? (json_int_t)number : INT64_MAX));
}

static void set_figures(json_t *object, lintel_stats_t stats)
{
    for (size_t i = 0; i < map_figure_count; i++)
        set_number(object, map_figures[i].name, *figure_of(&stats, &map_figures[i]));
}

static json_t *regions_from(const landscape_module_t *module)
{
    json_t *list = json_array();

    for (size_t i = 0; i < module->region_count; i++) {
        json_t *region = json_object();

        json_object_set_new(region, "start", address_from(module->regions[i].start));
        set_number(region, "reserved", module->regions[i].reserved);
        set_number(region, "committed", module->regions[i].committed);
        set_number(region, "used", module->regions[i].used);
        json_array_append_new(list, region);
    }
    return list;
}

static json_t *module_from(const landscape_module_t *module)
{
    json_t *object = json_object();

    json_object_set_new(object, "name", string_from(module->name));
    json_object_set_new(object, "key", address_from(module->key));
    json_object_set_new(object, "base", address_from(module->base));
    set_number(object, "serial", module->serial);
    json_object_set_new(object, "open", json_boolean(!module->closed));
    json_object_set_new(object, "kind", json_string(module->code ? "code" : "data"));
    set_number(object, "heap", module->heap);
    set_number(object, "image_size", module->image_size);
    set_number(object, "reach", module->reach);
    set_figures(object, module->stats);
    json_object_set_new(object, "region_list", regions_from(module));
    return object;
}

int document_write(const snapshot_t *snapshot, FILE *out)
{
    const landscape_t *landscape = &snapshot->landscape;
    json_t            *root = json_object();
    json_t            *list = json_array();
    int                error;

    json_object_set_new(root, "version", string_from(snapshot->version));
    set_number(root, "process", (uint64_t)snapshot->process);
    json_object_set_new(root, "command", string_from(snapshot->title));
    set_number(root, "heaps", snapshot->heaps);
    set_number(root, "modules", landscape->module_count);
    set_figures(root, snapshot->totals);
    for (size_t i = 0; i < landscape->module_count; i++)
        json_array_append_new(list, module_from(&landscape->modules[i]));
    error = json_array_size(list) == landscape->module_count ? 0 : -ENOMEM;
    json_object_set_new(root, "module_list", list);
    if (json_dumpf(root, out, JSON_INDENT(1)) != 0 && !ferror(out))
        error = -ENOMEM;
    fputc('\n', out);
    json_decref(root);
    return error;
}
