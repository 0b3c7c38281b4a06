/* SPDX-License-Identifier: MIT
 *
 * lintel-bench-find: what it takes to tell whose code an address is, by lintel_find and by dladdr, with more and more
 * modules and bodies. Addresses in bodies are drawn at random, as a profiler meets them; dladdr is asked for functions
 * of the C library, in a process that has loaded next to nothing, which is the best that it can have.
 */
#include <dlfcn.h>
#include <errno.h>
#include <lintel/lintel.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "failure.h"
#include "random.h"

enum { SAMPLES = 1 << 16, ROUNDS = 9, LOOKUPS = 1 << 18, BODY = 256 };

extern char __executable_start;

typedef struct {
    size_t modules;
    size_t bytes; /* of bodies, over all modules */
} setting_t;

/* A pass over the samples takes so many seconds; the best of several counts. */
typedef void pass_t(const void *context, const void *const *samples);

static double nanoseconds(pass_t *pass, const void *context, const void *const *samples)
{
    double best = 1;

    for (int round = 0; round < ROUNDS; round++) {
        double began = clock_seconds();
        pass(context, samples);
        double took = clock_seconds() - began;
        best = took < best ? took : best;
    }
    return best / LOOKUPS * 1e9;
}

static void find_pass(const void *heap, const void *const *samples)
{
    lintel_location_t location;

    for (size_t i = 0; i < LOOKUPS; i++)
        if (lintel_find(heap, samples[i % SAMPLES], &location) != 0 || location.body == NULL)
            failure("a body was not found");
}

static void dladdr_pass(const void *unused, const void *const *samples)
{
    Dl_info found;

    (void)unused;
    for (size_t i = 0; i < LOOKUPS; i++)
        if (dladdr(samples[i % SAMPLES], &found) == 0)
            failure("dladdr does not know the C library");
}

static lintel_module_t *open_module(lintel_heap_t *heap, uint64_t key)
{
    lintel_module_desc_t desc = {
        .base = (uintptr_t)&__executable_start, .key = key, .kind = LINTEL_CODE, .reach = LINTEL_REACH_ABOVE};
    lintel_module_t *module;
    int              error = lintel_module_open(heap, &desc, &module);

    if (error != 0)
        failure("no module could be opened: %s", strerror(-error));
    return module;
}

/* Fills the modules with bodies and draws samples of them. */
static lintel_heap_t *fill(const setting_t *setting, const void **samples)
{
    lintel_heap_t *heap;
    size_t         bodies = setting->bytes / setting->modules / BODY;
    uint64_t       seed = 7;
    size_t         seen = 0;

    if (lintel_heap_create(NULL, &heap) != 0)
        failure("no heap could be made");
    for (size_t i = 0; i < setting->modules; i++) {
        lintel_module_t *module = open_module(heap, i + 1);
        for (size_t j = 0; j < bodies; j++, seen++) {
            char *body = lintel_alloc(module, BODY);
            if (body == NULL)
                failure("a body could not be had: %s", strerror(errno));
            size_t place = seen < SAMPLES ? seen : random_below(&seed, seen + 1);
            if (place < SAMPLES)
                samples[place] = body + random_below(&seed, BODY);
        }
        lintel_module_release(module);
    }
    if (seen < SAMPLES)
        failure("too few bodies for %d samples", SAMPLES);
    return heap;
}

static void shuffle(const void **samples)
{
    uint64_t seed = 3;

    for (size_t i = SAMPLES; i > 1; i--) {
        size_t      j = random_below(&seed, i);
        const void *taken = samples[j];
        samples[j] = samples[i - 1];
        samples[i - 1] = taken;
    }
}

static double measure_find_in(const setting_t *setting)
{
    static const void *samples[SAMPLES];
    lintel_heap_t     *heap = fill(setting, samples);

    shuffle(samples);
    double took = nanoseconds(find_pass, heap, samples);
    lintel_heap_destroy(heap);
    return took;
}

static double measure_dladdr(void)
{
    static const char *const names[] = {"printf",      "qsort",  "strtod",  "fopen",
                                        "getaddrinfo", "memcpy", "regcomp", "wcsncpy"};
    static const void       *samples[SAMPLES];

    for (size_t i = 0; i < SAMPLES; i++) {
        samples[i] = dlsym(RTLD_DEFAULT, names[i % (sizeof(names) / sizeof(names[0]))]);
        if (samples[i] == NULL)
            failure("the C library lacks a function");
    }
    return nanoseconds(dladdr_pass, NULL, samples);
}

int main(void)
{
    const setting_t settings[] = {
        {1, (size_t)16 << 20},  {1, (size_t)1 << 30},       {100, (size_t)32 << 20},
        {100, (size_t)1 << 30}, {10000, (size_t)160 << 20}, {10000, (size_t)1 << 30},
    };
    double dladdr_took = measure_dladdr();

    printf("%-8s %10s %12s\n", "modules", "MiB", "ns a look-up");
    for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++) {
        printf("%-8zu %10zu ", settings[i].modules, settings[i].bytes >> 20);
        fflush(stdout);
        printf("%12.1f\n", measure_find_in(&settings[i]));
    }
    printf("%-19s %12.1f\n", "dladdr", dladdr_took);
    return 0;
}
