/* SPDX-License-Identifier: MIT */
#include "rewrite.h"

#include "il_body.h"
#include "prologue.h"
#include "say.h"

static unsigned long          refused_period;
static _Atomic(unsigned long) allocations;

/* What methods_rewrite_once passes on. */
typedef struct {
    clr_info_t      *info;
    loaded_module_t *module;
} place_t;

void rewrite_refuse(unsigned long period)
{
    refused_period = period;
}

static bool is_refused(void)
{
    return refused_period && atomic_fetch_add(&allocations, 1) % refused_period == refused_period - 1;
}

static uint8_t *allocate(loaded_module_t *module, uint32_t size)
{
    static atomic_flag is_told = ATOMIC_FLAG_INIT;
    uint8_t           *body = is_refused() ? NULL : bodies_allocate(&module->bodies, size);

    if (!body && !atomic_flag_test_and_set(&is_told))
        say("%s: no memory for a method's new body: it runs on, uncounted; the report lists all that do", module->name);
    return body;
}

static const char *read_body(const place_t *place, clr_token_t token, il_body_t *body)
{
    const uint8_t *bytes = NULL;
    uint32_t       size = 0;
    clr_result_t   result = place->info->table->get_il_function_body(place->info, place->module->id, token, &bytes,
                                                                     &size);

    if (result == CLR_FUNCTION_NOT_IL || (result >= 0 && !bytes))
        return "it has no IL";
    return result < 0 ? "the runtime does not give its IL" : il_body_read(bytes, size, body);
}

static const char *rewrite(method_t *method, void *context)
{
    const place_t *place = context;
    il_body_t      body;
    uint8_t        prologue[PROLOGUE_SIZE];
    const char    *refusal = read_body(place, method->token, &body);

    if (refusal)
        return refusal;
    uint32_t size = il_body_size_with(&body, PROLOGUE_SIZE);
    if (!size)
        return "its code is too large";
    uint8_t *memory = allocate(place->module, size);
    if (!memory)
        return "no memory for its body";
    prologue_write(&method->calls, place->module->signature, prologue);
    il_body_write_with(&body, prologue, PROLOGUE_SIZE, PROLOGUE_STACK, memory);
    /* The runtime keeps the address and copies nothing. */
    if (place->info->table->set_il_function_body(place->info, place->module->id, method->token, memory) < 0)
        return "the runtime does not take a new body";
    return NULL;
}

static const char *leave(method_t *method, void *context)
{
    const place_t *place = context;

    (void)method;
    return place->module->obstacle;
}

const char *rewrite_method(clr_info_t *info, loaded_module_t *module, clr_token_t token)
{
    place_t place = {info, module};

    return methods_rewrite_once(&module->methods, token, module->obstacle ? leave : rewrite, &place);
}
