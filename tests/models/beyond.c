/* SPDX-License-Identifier: MIT
 *
 * beyond: what the explored source calls and no scenario is about: modules of code, faces and the service thread. No
 * module here has any of them.
 */
#include <errno.h>

#include "explorer.h"
#include "face.h"
#include "os.h"
#include "service.h"

static int refuse(void)
{
    explorer_check(false, "no module is of code");
    return -ENOSYS;
}

int os_code_map(range_t range, const char *name, uintptr_t *writable)
{
    (void)name;
    *writable = range.start;
    return refuse();
}

int os_code_commit(range_t writable)
{
    (void)writable;
    return refuse();
}

int os_code_open(range_t range)
{
    (void)range;
    return refuse();
}

int os_code_close(range_t range)
{
    (void)range;
    return refuse();
}

int os_code_copy(range_t range, uintptr_t used, uintptr_t *writable)
{
    (void)used;
    *writable = range.start;
    return refuse();
}

void faces_part(_Atomic(face_t *) *faces)
{
    (void)faces;
}

void faces_end(_Atomic(face_t *) *faces)
{
    (void)faces;
}

void service_forget(service_t *service, module_t *module)
{
    (void)service;
    (void)module;
}
