/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <lintel/lintel.h>
#include <string.h>

/* int answer(void) { return 42; } */
#if defined(__x86_64__)
static const unsigned char answer[] = {0xb8, 42, 0, 0, 0, /* mov $42,%eax */ 0xc3 /* ret */};
#else
static const unsigned char answer[] = {0x40, 0x05, 0x80, 0x52, /* mov w0, #42 */ 0xc0, 0x03, 0x5f, 0xd6 /* ret */};
#endif

int main(void)
{
    Dl_info          libc;
    lintel_heap_t   *heap;
    lintel_module_t *module;

    if (!dladdr(stdout, &libc) || lintel_heap_create(NULL, &heap))
        return 1;
    lintel_module_desc_t desc = {.base = (uintptr_t)libc.dli_fbase, .kind = LINTEL_CODE};
    int                  error = lintel_module_open(heap, &desc, &module);
    if (error) {
        printf("no executable memory above libc: error %d\n", -error);
        return 1;
    }

    void *body = lintel_alloc(module, sizeof answer);
    void *writable = body ? lintel_writable(module, body) : NULL;
    if (!writable)
        return 1;
    memcpy(writable, answer, sizeof answer);
    if (lintel_publish(module, body, sizeof answer))
        return 1;
    printf("runs at offset %#llx and is written elsewhere: %s\n", (long long)lintel_offset(module, body),
           writable == body ? "no" : "yes");
    printf("it says %d\n", ((int (*)(void))(uintptr_t)body)());
    lintel_heap_destroy(heap);
}
