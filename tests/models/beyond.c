/* SPDX-License-Identifier: MIT
 *
 * beyond: what the explored source calls and no scenario is about: a second view of code, faces, names, chunks that
 * are taken back, the start of a space, and a process without mappings.
 */
#include <errno.h>

#include "explorer.h"
#include "face.h"
#include "names.h"
#include "options.h"
#include "os.h"

static int refuse(void)
{
    explorer_check(false, "code has no second view here");
    return -ENOSYS;
}

int os_code_commit(range_t writable)
{
    (void)writable;
    return refuse();
}

int os_code_copy(range_t range, uintptr_t used, uintptr_t *writable)
{
    (void)used;
    *writable = range.start;
    return refuse();
}

range_t os_code_second(range_t range, uintptr_t writable)
{
    (void)refuse();
    return (range_t){writable, writable + range_size(range)};
}

void os_code_be_nameless(void)
{
    (void)refuse();
}

void names_forget(module_t *module)
{
    (void)module;
}

void faces_part(_Atomic(face_t *) *faces)
{
    (void)faces;
}

void faces_end(_Atomic(face_t *) *faces)
{
    (void)faces;
}

/* Chunks are not taken back. */
int os_barrier(void)
{
    return -ENOSYS;
}

int os_peek(const volatile void *address, size_t size, void *copy)
{
    (void)address;
    (void)size;
    (void)copy;
    return -EFAULT;
}

/* Scenarios have a space that was not started. */
int options_keep(const lintel_heap_options_t *given, const lintel_heap_options_t **kept)
{
    *kept = given;
    return 0;
}

void options_end(const lintel_heap_options_t *kept)
{
    (void)kept;
}

bool os_lacks_mappings(void)
{
    return false;
}
