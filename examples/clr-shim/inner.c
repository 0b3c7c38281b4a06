/* SPDX-License-Identifier: MIT */
#include "inner.h"

#include <ctype.h>
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>

typedef clr_result_t (*get_class_object_t)(const clr_guid_t *class, const clr_guid_t *interface, void **object);

static get_class_object_t load(const char *path)
{
    /* Never closed: the runtime keeps a profiler until the process ends. */
    void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!library) {
        fprintf(stderr, "lintel-clr-shim: the profiler cannot be loaded: %s\n", dlerror());
        return NULL;
    }
    get_class_object_t get = NULL;
    *(void **)&get = dlsym(library, "DllGetClassObject"); /* POSIX's way from an object to a function pointer */
    if (!get)
        fprintf(stderr, "lintel-clr-shim: %s is no profiler: it has no DllGetClassObject\n", path);
    return get;
}

static uint32_t digit_of(char digit)
{
    return (uint32_t)(isdigit((unsigned char)digit) ? digit - '0' : (digit | 0x20) - 'a' + 10);
}

static bool parse_guid(const char *text, clr_guid_t *guid)
{
    static const char form[] = "{........-....-....-....-............}"; /* a point is a hexadecimal digit */
    uint32_t          words[4] = {0};
    size_t            digits = 0;

    if (strlen(text) != strlen(form))
        return false;
    for (size_t i = 0; form[i]; i++) {
        if (form[i] == '.' ? !isxdigit((unsigned char)text[i]) : text[i] != form[i])
            return false;
        if (form[i] == '.') {
            words[digits / 8] = words[digits / 8] << 4 | digit_of(text[i]);
            digits++;
        }
    }
    *guid = (clr_guid_t){.first = words[0], .second = (uint16_t)(words[1] >> 16), .third = (uint16_t)words[1]};
    for (size_t i = 0; i < 8; i++)
        guid->rest[i] = (uint8_t)(words[2 + i / 4] >> (24 - 8 * (i % 4)));
    return true;
}

clr_result_t inner_class_object(const clr_guid_t *class, const clr_guid_t *interface, void **object)
{
    const char *path = getenv("LINTEL_SHIM_PROFILER");
    const char *wanted = getenv("LINTEL_SHIM_CLSID");
    clr_guid_t  given;

    if (!path || !*path) {
        fputs("lintel-clr-shim: LINTEL_SHIM_PROFILER does not name a profiler's library\n", stderr);
        return CLR_CLASS_NOT_AVAILABLE;
    }
    if (wanted && !parse_guid(wanted, &given)) {
        fprintf(stderr, "lintel-clr-shim: LINTEL_SHIM_CLSID is no class id in braces: %s\n", wanted);
        return CLR_CLASS_NOT_AVAILABLE;
    }
    get_class_object_t get = load(path);
    if (!get)
        return CLR_CLASS_NOT_AVAILABLE;
    clr_result_t result = get(wanted ? &given : class, interface, object);
    if (result < 0)
        fprintf(stderr, "lintel-clr-shim: %s gives no such class (0x%08x)\n", path, (unsigned int)result);
    return result;
}
