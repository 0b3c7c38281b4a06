/* SPDX-License-Identifier: MIT */
#include "subject.h"

subject_t subject_above(const char *name, uintptr_t base, size_t image_size)
{
    return (subject_t){
        .name = name,
        .key = base,
        .base = base,
        .image_size = image_size,
        .reach = LINTEL_REACH_RVA32,
        .align = MODULE_ALIGN,
    };
}

subject_t subject_of_code(const char *name, uintptr_t base, size_t image_size)
{
    subject_t subject = subject_above(name, base, image_size);

    subject.kind = LINTEL_CODE;
    subject.reach = LINTEL_REACH_REL32;
    return subject;
}

int subject_open(lintel_heap_t *heap, subject_t *subject)
{
    lintel_module_desc_t desc = {
        .base = subject->base,
        .image_size = subject->image_size,
        .key = subject->key,
        .name = subject->name,
        .kind = subject->kind,
        .reach = subject->reach,
        .align = subject->align,
    };

    return lintel_module_open(heap, &desc, &subject->module);
}

uintptr_t subject_last_address(const subject_t *subject)
{
    return subject->reach > UINTPTR_MAX - subject->base ? UINTPTR_MAX : subject->base + subject->reach;
}
