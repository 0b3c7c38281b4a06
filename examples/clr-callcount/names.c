/* SPDX-License-Identifier: MIT */
#include "names.h"

#include <stdio.h>

enum { MOST_UNITS = 512, MOST_NESTING = 8, GLOBAL_TYPE = 0x02000001 };

#define REPLACEMENT 0xfffd

/* Text that is put together from the front; what does not fit any more is left out, whole characters. */
typedef struct {
    char  *start;
    size_t length;
} text_t;

static void put_bytes(text_t *text, const char *bytes, size_t count)
{
    if (text->length + count >= MOST_NAME)
        return;
    memcpy(text->start + text->length, bytes, count);
    text->length += count;
    text->start[text->length] = '\0';
}

static void put_character(text_t *text, uint32_t c)
{
    if (c < 0x80)
        put_bytes(text, (char[]){(char)c}, 1);
    else if (c < 0x800)
        put_bytes(text, (char[]){(char)(0xc0 | c >> 6), (char)(0x80 | (c & 0x3f))}, 2);
    else if (c < 0x10000)
        put_bytes(text, (char[]){(char)(0xe0 | c >> 12), (char)(0x80 | (c >> 6 & 0x3f)), (char)(0x80 | (c & 0x3f))}, 3);
    else
        put_bytes(text,
                  (char[]){(char)(0xf0 | c >> 18), (char)(0x80 | (c >> 12 & 0x3f)), (char)(0x80 | (c >> 6 & 0x3f)),
                           (char)(0x80 | (c & 0x3f))},
                  4);
}

static bool is_surrogate(char16_t unit, char16_t kind)
{
    return (unit & 0xfc00) == kind;
}

/* Up to the terminating 0. */
static void put_utf16(text_t *text, const char16_t *units)
{
    for (; *units; units++) {
        if (is_surrogate(units[0], 0xd800) && is_surrogate(units[1], 0xdc00)) {
            put_character(text, 0x10000 + (((uint32_t)units[0] & 0x3ff) << 10) + (units[1] & 0x3ff));
            units++;
        } else {
            put_character(text, is_surrogate(*units & 0xfbff, 0xd800) ? REPLACEMENT : *units);
        }
    }
}

/* The outermost type first. */
static void put_type(text_t *text, clr_metadata_import_t *metadata, clr_token_t type, unsigned depth)
{
    char16_t    name[MOST_UNITS] = {0};
    uint32_t    length;
    uint32_t    flags;
    uint32_t    base;
    clr_token_t outer = 0;

    if (depth < MOST_NESTING && metadata->table->get_nested_class_props(metadata, type, &outer) == CLR_OK) {
        put_type(text, metadata, outer, depth + 1);
        put_bytes(text, "+", 1);
    }
    if (metadata->table->get_type_def_props(metadata, type, name, MOST_UNITS - 1, &length, &flags, &base) >= 0)
        put_utf16(text, name);
}

void name_method(clr_metadata_import_t *metadata, clr_token_t method, char name[MOST_NAME])
{
    char16_t       units[MOST_UNITS] = {0};
    uint32_t       length;
    uint32_t       flags;
    uint32_t       signature_size;
    uint32_t       address;
    uint32_t       implementation;
    clr_token_t    type = 0;
    const uint8_t *signature;
    text_t         text = {name, 0};

    if (!metadata || metadata->table->get_method_props(metadata, method, &type, units, MOST_UNITS - 1, &length, &flags,
                                                       &signature, &signature_size, &address, &implementation) < 0) {
        snprintf(name, MOST_NAME, "0x%08x", method);
        return;
    }
    if (type != GLOBAL_TYPE) {
        put_type(&text, metadata, type, 0);
        put_bytes(&text, ".", 1);
    }
    put_utf16(&text, units);
}

static void without_folders(char *name)
{
    const char *slash = strrchr(name, '/');

    if (slash)
        memmove(name, slash + 1, strlen(slash + 1) + 1);
}

void name_module(clr_info_t *info, clr_module_id_t module, clr_metadata_import_t *metadata, char name[MOST_NAME])
{
    char16_t          units[MOST_UNITS] = {0};
    uint32_t          length;
    const uint8_t    *base;
    clr_assembly_id_t assembly;
    clr_guid_t        version;
    text_t            text = {name, 0};

    name[0] = '\0';
    if (info->table->get_module_info(info, module, &base, MOST_UNITS - 1, &length, units, &assembly) >= 0)
        put_utf16(&text, units);
    if (!name[0] && metadata &&
        metadata->table->get_scope_props(metadata, units, MOST_UNITS - 1, &length, &version) >= 0)
        put_utf16(&text, units);
    without_folders(name);
    if (!name[0])
        snprintf(name, MOST_NAME, "a module without a name");
}
