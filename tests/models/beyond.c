/* SPDX-License-Identifier: MIT
 *
 * beyond: what the explored source calls and no scenario is about: a second view of code, faces, names, and
 * chunks that are taken back.
 */
#include <errno.h>

#include "explorer.h"
#include "face.h"
#include "names.h"
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
