/* SPDX-License-Identifier: MIT
 *
 * metadata: the CLR's interfaces to a module's metadata, as far as the examples use them.
 */
#ifndef CLR_METADATA_H
#define CLR_METADATA_H

#include <assert.h>
#include <stddef.h>

#include "com.h"

#define CLR_OPEN_READ  UINT32_C(0) /* ofRead */
#define CLR_OPEN_WRITE UINT32_C(1) /* ofWrite */

/* Of a token, which table it names. */
#define CLR_TOKEN_TABLE(token) ((token) >> 24)
#define CLR_TOKEN_ROW(token)   ((token)&UINT32_C(0xffffff))
#define CLR_TABLE_TYPE_DEF     0x02
#define CLR_TABLE_METHOD_DEF   0x06
#define CLR_TABLE_SIGNATURE    0x11

static const clr_guid_t clr_metadata_import_id = {
    0x7dac8207, 0xd3ae, 0x4c75, {0x9b, 0x67, 0x92, 0x80, 0x1a, 0x49, 0x7d, 0x44}};
static const clr_guid_t clr_metadata_emit_id = {
    0xba3fee4c, 0xecb9, 0x4e41, {0x83, 0xb7, 0x18, 0x3f, 0xa4, 0x1c, 0xd8, 0x59}};

/* IMetaDataImport. */
typedef struct {
    clr_unknown_table_t unknown;
    clr_slot_t          slots_3_to_9[7];
    clr_result_t (*get_scope_props)(void *self, char16_t *name, uint32_t capacity, uint32_t *length, clr_guid_t *id);
    clr_slot_t slot_11[1];
    clr_result_t (*get_type_def_props)(void *self, uint32_t type, char16_t *name, uint32_t capacity, uint32_t *length,
                                       uint32_t *flags, uint32_t *extends);
    clr_slot_t slots_13_to_29[17];
    clr_result_t (*get_method_props)(void *self, uint32_t method, uint32_t *type, char16_t *name, uint32_t capacity,
                                     uint32_t *length, uint32_t *flags, const uint8_t **signature,
                                     uint32_t *signature_size, uint32_t *address, uint32_t *implementation);
    clr_slot_t slots_31_to_61[31];
    clr_result_t (*get_nested_class_props)(void *self, uint32_t nested, uint32_t *enclosing);
} clr_metadata_import_table_t;

static_assert(CLR_SLOT(clr_metadata_import_table_t, get_scope_props) == 10, "GetScopeProps");
static_assert(CLR_SLOT(clr_metadata_import_table_t, get_type_def_props) == 12, "GetTypeDefProps");
static_assert(CLR_SLOT(clr_metadata_import_table_t, get_method_props) == 30, "GetMethodProps");
static_assert(CLR_SLOT(clr_metadata_import_table_t, get_nested_class_props) == 62, "GetNestedClassProps");

typedef struct {
    const clr_metadata_import_table_t *table;
} clr_metadata_import_t;

/* IMetaDataEmit. */
typedef struct {
    clr_unknown_table_t unknown;
    clr_slot_t          slots_3_to_22[20];
    clr_result_t (*get_token_from_sig)(void *self, const uint8_t *signature, uint32_t size, uint32_t *token);
} clr_metadata_emit_table_t;

static_assert(CLR_SLOT(clr_metadata_emit_table_t, get_token_from_sig) == 23, "GetTokenFromSig");

typedef struct {
    const clr_metadata_emit_table_t *table;
} clr_metadata_emit_t;

#endif
