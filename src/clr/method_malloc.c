/* SPDX-License-Identifier: MIT
 *
 * method_malloc: a module's face for the CLR, an object as COM has them. See <lintel/clr.h> for what each function
 * does.
 */
#include <lintel/clr.h>

#include <errno.h>
#include <string.h>

#include "cache.h"
#include "registry.h"

/* The runtime skips a method body's fat header that is not on 4 bytes. */
#define LEAST_ALIGN 4

typedef struct {
    uint32_t first;
    uint16_t second;
    uint16_t third;
    uint8_t  rest[8];
} interface_id_t;

typedef int32_t result_t;

#define OK           ((result_t)0)
#define NO_INTERFACE ((result_t)0x80004002)
#define NULL_POINTER ((result_t)0x80004003)

typedef struct {
    result_t (*query_interface)(face_t *self, const interface_id_t *id, void **object);
    uint32_t (*add_ref)(face_t *self);
    uint32_t (*release)(face_t *self);
    void *(*alloc)(face_t *self, uint32_t size);
} method_malloc_functions_t;

static_assert(offsetof(face_t, functions) == 0, "an object's first word points to its functions");

static const interface_id_t unknown_id = {0x00000000, 0x0000, 0x0000, {0xc0, 0, 0, 0, 0, 0, 0, 0x46}};
static const interface_id_t method_malloc_id = {
    0xa0efb28b, 0x6ee2, 0x4d7b, {0xb9, 0x83, 0xa7, 0x5e, 0xf7, 0xbe, 0xed, 0xb8}};

static bool same_id(const interface_id_t *one, const interface_id_t *other)
{
    return memcmp(one, other, sizeof(*one)) == 0;
}

static result_t query_interface(face_t *self, const interface_id_t *id, void **object)
{
    if (!id || !object)
        return NULL_POINTER;
    *object = NULL;
    if (!same_id(id, &unknown_id) && !same_id(id, &method_malloc_id))
        return NO_INTERFACE;
    (void)face_add(self);
    *object = self;
    return OK;
}

/* A generation that goes meanwhile is being handed to call_rcu, which writes where lintel_alloc would look for the
 * cache's place. The module's own word stays. */
static void *allocate_from(lintel_module_t *module, uint32_t size)
{
    cache_place_t *near = cache_page_near(module);
    void          *body;

    if (!module) {
        errno = ENOENT;
        return NULL;
    }
    if (module->module->align >= LEAST_ALIGN &&
        cache_take(near ? near : &cache_page_own, module->module, module->module->cache_place, size, &body))
        return body;
    return lintel_alloc_aligned(module, size, LEAST_ALIGN);
}

/* The read-side section keeps a module that goes meanwhile until the body is allocated: cheaper than a reference, whose
 * count all threads would write to. */
static void *allocate(face_t *self, uint32_t size)
{
    void *body = allocate_from(face_enter(self), size);

    face_leave();
    return body;
}

static const method_malloc_functions_t functions = {query_interface, face_add, face_remove, allocate};

int lintel_clr_method_malloc(lintel_module_t *module, void **method_malloc)
{
    if (!module || !method_malloc)
        return -EINVAL;
    face_t *face = face_get(&module->module->faces, module, &functions);
    if (!face)
        return -ENOMEM;
    *method_malloc = face;
    return 0;
}
