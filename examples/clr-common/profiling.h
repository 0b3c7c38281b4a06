/* SPDX-License-Identifier: MIT
 *
 * profiling: the CLR's profiling interfaces, as far as the examples use them: the function tables of
 * ICorProfilerCallback4, ICorProfilerInfo15 (of which the earlier ones are the beginning), IMethodMalloc and
 * ICorProfilerFunctionControl. Functions that no example calls or answers are slots without a type.
 */
#ifndef CLR_PROFILING_H
#define CLR_PROFILING_H

#include <assert.h>
#include <stddef.h>

#include "com.h"

typedef uintptr_t clr_module_id_t;
typedef uintptr_t clr_function_id_t;
typedef uintptr_t clr_class_id_t;
typedef uintptr_t clr_assembly_id_t;
typedef uint32_t  clr_token_t; /* mdToken */

/* What SetEventMask takes. */
#define CLR_MONITOR_MODULE_LOADS       UINT32_C(0x00000004)
#define CLR_MONITOR_JIT_COMPILATION    UINT32_C(0x00000020)
#define CLR_MONITOR_CACHE_SEARCHES     UINT32_C(0x00020000)
#define CLR_ENABLE_REJIT               UINT32_C(0x00040000)
#define CLR_DISABLE_INLINING           UINT32_C(0x00200000)
#define CLR_DISABLE_OPTIMIZATIONS      UINT32_C(0x00400000)
#define CLR_DISABLE_PRECOMPILED_IMAGES UINT32_C(0x80000000) /* COR_PRF_DISABLE_ALL_NGEN_IMAGES */
#define CLR_HIGH_DISABLE_TIERED        UINT32_C(0x00000008) /* SetEventMask2's second word */

/* What GetModuleInfo2 says of a module. */
#define CLR_MODULE_ON_DISK     UINT32_C(0x01)
#define CLR_MODULE_PRECOMPILED UINT32_C(0x02)
#define CLR_MODULE_DYNAMIC     UINT32_C(0x04)
#define CLR_MODULE_COLLECTIBLE UINT32_C(0x08)
#define CLR_MODULE_RESOURCE    UINT32_C(0x10)
#define CLR_MODULE_FLAT        UINT32_C(0x20) /* mapped as the file is, not section by section */

#define CLR_FUNCTION_NOT_COMPILED ((clr_result_t)0x80131350)
#define CLR_DATA_INCOMPLETE       ((clr_result_t)0x80131351)
#define CLR_FUNCTION_NOT_IL       ((clr_result_t)0x80131354)
#define CLR_RUNTIME_UNINITIALIZED ((clr_result_t)0x80131371)

static const clr_guid_t clr_callback_id[4] = {
    {0x176fbed1, 0xa55c, 0x4796, {0x98, 0xca, 0xa9, 0xda, 0x0e, 0xf8, 0x83, 0xe7}},
    {0x8a8cc829, 0xccf2, 0x49fe, {0xbb, 0xae, 0x0f, 0x02, 0x22, 0x28, 0x07, 0x1a}},
    {0x4fd2ed52, 0x7731, 0x4b8d, {0x94, 0x69, 0x03, 0xd2, 0xcc, 0x30, 0x86, 0xc5}},
    {0x7b63b2e3, 0x107d, 0x4d48, {0xb2, 0xf6, 0xf6, 0x1e, 0x22, 0x94, 0x70, 0xd2}},
};
/* ICorProfilerInfo to ICorProfilerInfo15, in order. */
#define CLR_INFO_VERSIONS 15
static const clr_guid_t clr_info_id[CLR_INFO_VERSIONS] = {
    {0x28b5557d, 0x3f3f, 0x48b4, {0x90, 0xb2, 0x5f, 0x9e, 0xea, 0x2f, 0x6c, 0x48}},
    {0xcc0935cd, 0xa518, 0x487d, {0xb0, 0xbb, 0xa9, 0x32, 0x14, 0xe6, 0x54, 0x78}},
    {0xb555ed4f, 0x452a, 0x4e54, {0x8b, 0x39, 0xb5, 0x36, 0x0b, 0xad, 0x32, 0xa0}},
    {0x0d8fdcaa, 0x6257, 0x47bf, {0xb1, 0xbf, 0x94, 0xda, 0xc8, 0x84, 0x66, 0xee}},
    {0x07602928, 0xce38, 0x4b83, {0x81, 0xe7, 0x74, 0xad, 0xaf, 0x78, 0x12, 0x14}},
    {0xf30a070d, 0xbffb, 0x46a7, {0xb1, 0xd8, 0x87, 0x81, 0xef, 0x7b, 0x69, 0x8a}},
    {0x9aeecc0d, 0x63e0, 0x4187, {0x8c, 0x00, 0xe3, 0x12, 0xf5, 0x03, 0xf6, 0x63}},
    {0xc5ac80a6, 0x782e, 0x4716, {0x80, 0x44, 0x39, 0x59, 0x8c, 0x60, 0xcf, 0xbf}},
    {0x008170db, 0xf8cc, 0x4796, {0x9a, 0x51, 0xdc, 0x8a, 0xa0, 0xb4, 0x70, 0x12}},
    {0x2f1b5152, 0xc869, 0x40c9, {0xaa, 0x5f, 0x3a, 0xbe, 0x02, 0x6b, 0xd7, 0x20}},
    {0x06398876, 0x8987, 0x4154, {0xb6, 0x21, 0x40, 0xa0, 0x0d, 0x6e, 0x4d, 0x04}},
    {0x27b24ccd, 0x1cb1, 0x47c5, {0x96, 0xee, 0x98, 0x19, 0x0d, 0xc3, 0x09, 0x59}},
    {0x6e6c7ee2, 0x0701, 0x4ec2, {0x9d, 0x29, 0x2e, 0x87, 0x33, 0xb6, 0x69, 0x34}},
    {0xf460e352, 0xd76d, 0x4fe9, {0x83, 0x5f, 0xf6, 0xaf, 0x9d, 0x6e, 0x86, 0x2d}},
    {0xb446462d, 0xbd22, 0x41dd, {0x87, 0x2d, 0xdc, 0x71, 0x4c, 0x49, 0xeb, 0x56}},
};
static const clr_guid_t clr_method_malloc_id = {
    0xa0efb28b, 0x6ee2, 0x4d7b, {0xb9, 0x83, 0xa7, 0x5e, 0xf7, 0xbe, 0xed, 0xb8}};

/* ICorProfilerCallback4: what a profiler answers. */
#define CLR_CALLBACK_SLOTS 89
typedef struct {
    clr_unknown_table_t unknown;
    clr_result_t (*initialize)(void *self, clr_unknown_t *info);
    clr_result_t (*shutdown)(void *self);
    clr_slot_t slots_5_to_13[9];
    clr_result_t (*module_load_finished)(void *self, clr_module_id_t module, clr_result_t result);
    clr_result_t (*module_unload_started)(void *self, clr_module_id_t module);
    clr_result_t (*module_unload_finished)(void *self, clr_module_id_t module, clr_result_t result);
    clr_result_t (*module_attached_to_assembly)(void *self, clr_module_id_t module, clr_assembly_id_t assembly);
    clr_slot_t slots_18_to_22[5];
    clr_result_t (*jit_compilation_started)(void *self, clr_function_id_t function, int32_t safe_to_block);
    clr_slot_t slot_24[1];
    clr_result_t (*jit_cached_search_started)(void *self, clr_function_id_t function, int32_t *use_cached);
    clr_slot_t slots_26_to_27[2];
    clr_result_t (*jit_inlining)(void *self, clr_function_id_t caller, clr_function_id_t callee, int32_t *inline_it);
    clr_slot_t slots_29_to_79[51];
    clr_result_t (*initialize_for_attach)(void *self, clr_unknown_t *info, void *data, uint32_t size);
    clr_slot_t slots_81_to_83[3];
    clr_result_t (*get_rejit_parameters)(void *self, clr_module_id_t module, clr_token_t method, void *control);
    clr_slot_t slot_85[1];
    clr_result_t (*rejit_error)(void *self, clr_module_id_t module, clr_token_t method, clr_function_id_t function,
                                clr_result_t result);
    clr_slot_t slots_87_to_88[2];
} clr_callback_table_t;

static_assert(CLR_SLOT(clr_callback_table_t, initialize) == 3, "Initialize");
static_assert(CLR_SLOT(clr_callback_table_t, module_load_finished) == 14, "ModuleLoadFinished");
static_assert(CLR_SLOT(clr_callback_table_t, jit_compilation_started) == 23, "JITCompilationStarted");
static_assert(CLR_SLOT(clr_callback_table_t, jit_inlining) == 28, "JITInlining");
static_assert(CLR_SLOT(clr_callback_table_t, initialize_for_attach) == 80, "InitializeForAttach");
static_assert(CLR_SLOT(clr_callback_table_t, get_rejit_parameters) == 84, "GetReJITParameters");
static_assert(CLR_SLOT(clr_callback_table_t, rejit_error) == 86, "ReJITError");
static_assert(sizeof(clr_callback_table_t) == CLR_CALLBACK_SLOTS * sizeof(clr_slot_t), "ICorProfilerCallback4");

typedef struct {
    const clr_callback_table_t *table;
} clr_callback_t;

/* IMethodMalloc: a module's allocator. */
typedef struct {
    clr_unknown_table_t unknown;
    void *(*alloc)(void *self, uint32_t size);
} clr_method_malloc_table_t;

typedef struct {
    const clr_method_malloc_table_t *table;
} clr_method_malloc_t;

/* ICorProfilerInfo15: what a profiler asks. How many of the slots an object has, its interface says. */
#define CLR_INFO_SLOTS  115
#define CLR_INFO3_SLOTS 71
typedef struct {
    clr_unknown_table_t unknown;
    clr_slot_t          slots_3_to_14[12];
    clr_result_t (*get_function_info)(void *self, clr_function_id_t function, clr_class_id_t *type,
                                      clr_module_id_t *module, clr_token_t *method);
    clr_result_t (*set_event_mask)(void *self, uint32_t events);
    clr_slot_t slots_17_to_19[3];
    clr_result_t (*get_module_info)(void *self, clr_module_id_t module, const uint8_t **base, uint32_t capacity,
                                    uint32_t *length, char16_t *name, clr_assembly_id_t *assembly);
    clr_result_t (*get_module_metadata)(void *self, clr_module_id_t module, uint32_t open_flags, const clr_guid_t *id,
                                        void **object);
    clr_result_t (*get_il_function_body)(void *self, clr_module_id_t module, clr_token_t method, const uint8_t **body,
                                         uint32_t *size);
    clr_result_t (*get_il_function_body_allocator)(void *self, clr_module_id_t module, clr_method_malloc_t **allocator);
    clr_result_t (*set_il_function_body)(void *self, clr_module_id_t module, clr_token_t method, const uint8_t *body);
    clr_slot_t slots_25_to_66[42];
    clr_result_t (*get_runtime_information)(void *self, uint16_t *instance, int32_t *kind, uint16_t *major,
                                            uint16_t *minor, uint16_t *build, uint16_t *quick_fix, uint32_t capacity,
                                            uint32_t *length, char16_t *version);
    clr_slot_t slots_68_to_69[2];
    clr_result_t (*get_module_info2)(void *self, clr_module_id_t module, const uint8_t **base, uint32_t capacity,
                                     uint32_t *length, char16_t *name, clr_assembly_id_t *assembly, uint32_t *flags);
    clr_slot_t slots_71_to_72[2];
    clr_result_t (*request_rejit)(void *self, uint32_t count, clr_module_id_t modules[], clr_token_t methods[]);
    clr_slot_t slots_74_to_81[8];
    clr_result_t (*set_event_mask2)(void *self, uint32_t events, uint32_t high_events);
    clr_slot_t slots_83_to_114[32];
} clr_info_table_t;

static_assert(CLR_SLOT(clr_info_table_t, get_function_info) == 15, "GetFunctionInfo");
static_assert(CLR_SLOT(clr_info_table_t, set_event_mask) == 16, "SetEventMask");
static_assert(CLR_SLOT(clr_info_table_t, get_module_info) == 20, "GetModuleInfo");
static_assert(CLR_SLOT(clr_info_table_t, set_il_function_body) == 24, "SetILFunctionBody");
static_assert(CLR_SLOT(clr_info_table_t, get_runtime_information) == 67, "GetRuntimeInformation");
static_assert(CLR_SLOT(clr_info_table_t, get_module_info2) == 70, "GetModuleInfo2");
static_assert(CLR_SLOT(clr_info_table_t, request_rejit) == 73, "RequestReJIT");
static_assert(CLR_SLOT(clr_info_table_t, set_event_mask2) == 82, "SetEventMask2");
static_assert(sizeof(clr_info_table_t) == CLR_INFO_SLOTS * sizeof(clr_slot_t), "ICorProfilerInfo15");

typedef struct {
    const clr_info_table_t *table;
} clr_info_t;

/* ICorProfilerFunctionControl: where a re-compilation gets its body; the runtime copies it. */
typedef struct {
    clr_unknown_table_t unknown;
    clr_result_t (*set_codegen_flags)(void *self, uint32_t flags);
    clr_result_t (*set_il_function_body)(void *self, uint32_t size, const uint8_t *body);
    clr_slot_t slot_5[1];
} clr_function_control_table_t;

#endif
