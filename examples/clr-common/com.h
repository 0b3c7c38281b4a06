/* SPDX-License-Identifier: MIT
 *
 * com: objects of the CLR's profiling interfaces as C sees them. An object is a pointer to its table of functions;
 * every function gets the object first. Results are 32-bit, negative on failure. The calling convention is the
 * platform's own.
 */
#ifndef CLR_COM_H
#define CLR_COM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <uchar.h>

typedef struct {
    uint32_t first;
    uint16_t second;
    uint16_t third;
    uint8_t  rest[8];
} clr_guid_t;

typedef int32_t clr_result_t; /* HRESULT */
typedef void (*clr_slot_t)(void);

#define CLR_OK                  ((clr_result_t)0)
#define CLR_FALSE               ((clr_result_t)1)
#define CLR_NOT_IMPLEMENTED     ((clr_result_t)0x80004001) /* E_NOTIMPL */
#define CLR_NO_INTERFACE        ((clr_result_t)0x80004002) /* E_NOINTERFACE */
#define CLR_NULL_POINTER        ((clr_result_t)0x80004003) /* E_POINTER */
#define CLR_FAILED              ((clr_result_t)0x80004005) /* E_FAIL */
#define CLR_NO_AGGREGATION      ((clr_result_t)0x80040110) /* CLASS_E_NOAGGREGATION */
#define CLR_CLASS_NOT_AVAILABLE ((clr_result_t)0x80040111) /* CLASS_E_CLASSNOTAVAILABLE */
#define CLR_OUT_OF_MEMORY       ((clr_result_t)0x8007000e) /* E_OUTOFMEMORY */
#define CLR_INVALID_ARGUMENT    ((clr_result_t)0x80070057) /* E_INVALIDARG */

static const clr_guid_t clr_unknown_id = {0x00000000, 0x0000, 0x0000, {0xc0, 0, 0, 0, 0, 0, 0, 0x46}};
static const clr_guid_t clr_class_factory_id = {0x00000001, 0x0000, 0x0000, {0xc0, 0, 0, 0, 0, 0, 0, 0x46}};

/* What every table begins with. */
typedef struct {
    clr_result_t (*query_interface)(void *self, const clr_guid_t *id, void **object);
    uint32_t (*add_ref)(void *self);
    uint32_t (*release)(void *self);
} clr_unknown_table_t;

typedef struct {
    const clr_unknown_table_t *table;
} clr_unknown_t;

typedef struct {
    clr_unknown_table_t unknown;
    clr_result_t (*create_instance)(void *self, void *outer, const clr_guid_t *id, void **object);
    clr_result_t (*lock_server)(void *self, int32_t lock);
} clr_class_factory_table_t;

typedef struct {
    const clr_class_factory_table_t *table;
} clr_class_factory_t;

/* The number of a member of a table. */
#define CLR_SLOT(table, member) (offsetof(table, member) / sizeof(clr_slot_t))

static inline bool clr_same_guid(const clr_guid_t *one, const clr_guid_t *other)
{
    return memcmp(one, other, sizeof(*one)) == 0;
}

#endif
