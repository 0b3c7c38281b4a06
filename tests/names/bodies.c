/* SPDX-License-Identifier: MIT */
#include "bodies.h"

#include <string.h>

#if defined(__x86_64__)
static const unsigned char spin_code[] = {
    0x48, 0xff, 0xcf, /* dec rdi */
    0x75, 0xfb,       /* jnz to it */
    0xc3              /* ret */
};
static const unsigned char call_code[] = {
    0x48, 0x83, 0xec, 0x18, /* sub rsp, 24 */
    0xff, 0xd7,             /* call rdi */
    0x48, 0x83, 0xc4, 0x18, /* add rsp, 24 */
    0xc3                    /* ret */
};
/* A CIE; an FDE: from 4 on, up to 10, the CFA is at rsp + 32. */
static const unsigned char call_frame[] = {
    20, 0, 0, 0, 0,  0, 0, 0, 1, 'z', 'R', 0, 1,  0x78, 16, 1, 0x1b, 0x0c, 7,    8,  0x90, 1,    0, 0, /* */
    20, 0, 0, 0, 28, 0, 0, 0, 0, 0,   0,   0, 11, 0,    0,  0, 0,    0x44, 0x0e, 32, 0x46, 0x0e, 8, 0  /* */
};
#elif defined(__aarch64__)
static const unsigned char spin_code[] = {
    0x00, 0x04, 0x00, 0xf1, /* subs x0, x0, #1 */
    0xe1, 0xff, 0xff, 0x54, /* b.ne to it */
    0xc0, 0x03, 0x5f, 0xd6  /* ret */
};
static const unsigned char call_code[] = {
    0xfd, 0x7b, 0xbe, 0xa9, /* stp x29, x30, [sp, #-32]! */
    0x00, 0x00, 0x3f, 0xd6, /* blr x0 */
    0xfd, 0x7b, 0xc2, 0xa8, /* ldp x29, x30, [sp], #32 */
    0xc0, 0x03, 0x5f, 0xd6  /* ret */
};
/* A CIE; an FDE: from 4 on the CFA is at sp + 32, x29 and x30 at its foot; from 12 on all is as at the start. */
static const unsigned char call_frame[] = {
    20,   0,    0, 0,    0,    0, 0, 0, 1, 'z', 'R', 0, 1,  0x78, 30, 1, 0x1b, 0x0c, 31,   0,  0,    0, 0,    0, /* */
    28,   0,    0, 0,    28,   0, 0, 0, 0, 0,   0,   0, 16, 0,    0,  0, 0,    0x44, 0x0e, 32, 0x9d, 4, 0x9e, 3,
    0x48, 0x0e, 0, 0xde, 0xdd, 0, 0, 0 /* */
};
#else
#error "no instructions for this architecture"
#endif

#define FRAME_ADDRESS 32 /* in call_frame: the FDE's, relative to itself */

static void *place(lintel_module_t *module, const unsigned char *code, size_t size, size_t room)
{
    void *body = lintel_alloc(module, size + room);
    void *writable = body ? lintel_writable(module, body) : NULL;

    if (!writable)
        return NULL;
    memcpy(writable, code, size);
    return lintel_publish(module, body, size) ? NULL : body;
}

static void *named(void *body, int result)
{
    if (body && result)
        fprintf(stderr, "lintel_name: %s\n", strerror(-result));
    return result ? NULL : body;
}

static spin_t *as_spin(void *body)
{
    spin_t *function;

    memcpy(&function, &body, sizeof(function));
    return function;
}

spin_t *body_spin(lintel_module_t *module, const char *name)
{
    void *body = place(module, spin_code, sizeof(spin_code), 0);

    return as_spin(named(body, body ? lintel_name(module, body, sizeof(spin_code), name) : 0));
}

spin_t *body_spin_unwindable(lintel_module_t *module, const char *name, bool room)
{
    lintel_unwind_t unwind = {.frameless = 1};
    void           *body = place(module, spin_code, sizeof(spin_code), room ? BODY_ROOM : 0);

    return as_spin(named(body, body ? lintel_name_unwindable(module, body, sizeof(spin_code), name, &unwind) : 0));
}

/* As relocated: relative to where it lies. Code and data may be further apart than 32 bits: so it is laid next to the
 * code. */
static int name_described(lintel_module_t *module, const void *body, const char *name)
{
    void           *frame = lintel_alloc(module, sizeof(call_frame));
    unsigned char  *writable = frame ? lintel_writable(module, frame) : NULL;
    int32_t         distance = (int32_t)((intptr_t)body - ((intptr_t)frame + FRAME_ADDRESS));
    lintel_unwind_t unwind = {.eh_frame = frame, .eh_frame_size = sizeof(call_frame)};

    if (!writable)
        return -1;
    memcpy(writable, call_frame, sizeof(call_frame));
    memcpy(writable + FRAME_ADDRESS, &distance, sizeof(distance));
    return lintel_name_unwindable(module, body, sizeof(call_code), name, &unwind);
}

call_t *body_call(lintel_module_t *module, const char *name, bool described)
{
    void   *body = place(module, call_code, sizeof(call_code), BODY_ROOM);
    int     result = 0;
    call_t *function;

    if (body && described)
        result = name_described(module, body, name);
    else if (body)
        result = lintel_name(module, body, sizeof(call_code), name);
    body = named(body, result);
    memcpy(&function, &body, sizeof(function));
    return function;
}
