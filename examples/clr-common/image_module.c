/* SPDX-License-Identifier: MIT */
#include "image_module.h"

#define PAGE         ((uintptr_t)4096)
#define METHOD_ALIGN 4

lintel_module_desc_t image_module(uintptr_t base, size_t size, uint64_t key, const char *name)
{
    /* An image that a program read into memory by itself need not be on a page. */
    uintptr_t into_page = base % PAGE;

    return (lintel_module_desc_t){
        .base = base - into_page,
        .image_size = size ? into_page + size : 0,
        .key = key,
        .name = name,
        .kind = LINTEL_DATA,
        .reach = LINTEL_REACH_RVA32,
        .align = METHOD_ALIGN,
    };
}
