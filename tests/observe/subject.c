/* SPDX-License-Identifier: MIT
 *
 * subject: a process to trace. It goes round and round, past each probe, until its standard input ends.
 */
#include <lintel/lintel.h>

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BODIES = 100, BODY = 4096 };

static void require(int holds, const char *what)
{
    if (holds)
        return;
    fprintf(stderr, "subject: %s\n", what);
    exit(2);
}

static int is_wanted(void)
{
    struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};

    return poll(&input, 1, 1) == 0;
}

/* Larger than a first region together, so that the module grows; then what is too large for any. */
static void go_round(lintel_heap_t *heap, uintptr_t base)
{
    lintel_module_desc_t description = {.base = base, .image_size = 4096, .key = 4711, .name = "traced"};
    lintel_module_t     *module;

    require(lintel_module_open(heap, &description, &module) == 0, "open");
    for (int i = 0; i < BODIES; i++)
        require(lintel_alloc(module, BODY) != NULL, "a body");
    require(lintel_alloc(module, (size_t)1 << 45) == NULL, "a refusal");
    require(lintel_module_close(heap, 4711) == 0, "close");
    lintel_module_release(module);
}

int main(void)
{
    lintel_heap_t *heap;
    uintptr_t      page = (uintptr_t)sysconf(_SC_PAGESIZE);

    require(lintel_heap_create(NULL, &heap) == 0, "a heap");
    while (is_wanted())
        go_round(heap, (uintptr_t)&heap & ~(page - 1) & ~(((uintptr_t)1 << 34) - 1));
    lintel_heap_destroy(heap);
    return 0;
}
