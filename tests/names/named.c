/* SPDX-License-Identifier: MIT
 *
 * named: a program that runs bodies with names, for perf and gdb to look at. LINTEL_OPTIONS says who is told.
 */
#include <lintel/lintel.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bodies.h"

static lintel_heap_t *heap;

/* Says who it is, for who looks for its files. */
static void introduce(void)
{
    printf("%d\n", (int)getpid());
    fflush(stdout);
}

/* Above the program itself. */
static lintel_module_t *open_module(void)
{
    extern char          __executable_start[];
    lintel_module_desc_t desc = {.base = (uintptr_t)__executable_start, .kind = LINTEL_CODE, .name = "named"};
    lintel_module_t     *module = NULL;

    desc.base &= ~(uintptr_t)(getpagesize() - 1);
    if (lintel_heap_create(NULL, &heap) || lintel_module_open(heap, &desc, &module))
        exit(EXIT_FAILURE);
    return module;
}

/* gdb stops here. */
__attribute__((noinline)) void called_back(void);

void called_back(void)
{
    __asm__ volatile("" ::: "memory");
}

__attribute__((noinline)) void caller_of_bodies(spin_t *spin, uint64_t rounds);

void caller_of_bodies(spin_t *spin, uint64_t rounds)
{
    spin(rounds);
    __asm__ volatile("" ::: "memory");
}

static int debugged(void)
{
    lintel_module_t *module = open_module();
    spin_t          *leaf = body_spin_unwindable(module, "named_leaf", false);
    call_t          *framed = body_call(module, "named_framed", true);

    if (!leaf || !framed)
        return EXIT_FAILURE;
    introduce();
    caller_of_bodies(leaf, 3);
    framed(called_back);
    lintel_module_release(module);
    lintel_heap_destroy(heap);
    called_back();
    return EXIT_SUCCESS;
}

static int profiled(uint64_t rounds)
{
    lintel_module_t *module = open_module();
    spin_t          *spin = body_spin_unwindable(module, "named spinning (body)", true);

    if (!spin)
        return EXIT_FAILURE;
    introduce();
    caller_of_bodies(spin, rounds);
    return EXIT_SUCCESS;
}

/* The child spins in what it inherited, then in a body of its own. */
static int forked(uint64_t rounds)
{
    lintel_module_t *module = open_module();
    spin_t          *inherited = body_spin(module, "named_inherited");
    pid_t            child = inherited ? fork() : -1;
    int              status = EXIT_FAILURE;

    if (child == 0) {
        spin_t *own = body_spin(module, "named_own");
        if (!own)
            _exit(EXIT_FAILURE);
        introduce();
        inherited(rounds);
        own(rounds);
        _exit(EXIT_SUCCESS);
    }
    return child > 0 && waitpid(child, &status, 0) == child ? status : EXIT_FAILURE;
}

/* So many bodies, for what each costs a debugger. */
static int many(uint64_t count)
{
    lintel_module_t *module = open_module();
    char             name[64];

    for (uint64_t i = 0; i < count; i++) {
        snprintf(name, sizeof(name), "named_%llu", (unsigned long long)i);
        if (!body_spin(module, name))
            return EXIT_FAILURE;
    }
    called_back();
    return EXIT_SUCCESS;
}

/* Stays until its input ends, for a debugger that comes later. */
static int attached(void)
{
    lintel_module_t *module = open_module();

    if (!body_spin(module, "named_before"))
        return EXIT_FAILURE;
    introduce();
    (void)getchar();
    return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
    uint64_t number = argc > 2 ? strtoull(argv[2], NULL, 10) : 0;

    if (argc > 1 && !strcmp(argv[1], "debugged"))
        return debugged();
    if (argc > 1 && !strcmp(argv[1], "profiled"))
        return profiled(number);
    if (argc > 1 && !strcmp(argv[1], "forked"))
        return forked(number);
    if (argc > 1 && !strcmp(argv[1], "many"))
        return many(number);
    if (argc > 1 && !strcmp(argv[1], "attached"))
        return attached();
    fprintf(stderr, "usage: named debugged | attached | profiled ROUNDS | forked ROUNDS | many COUNT\n");
    return EXIT_FAILURE;
}
