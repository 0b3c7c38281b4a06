/* SPDX-License-Identifier: MIT
 *
 * jit-formula [lintel|anywhere] [FORMULA...]: a JIT compiler. Eight threads compile formulas by LLVM into memory above
 * the mathematical library, by lintel, or anywhere; compiled code calls the library's functions by plain `call rel32`.
 * Each result is compared with the one that walking the formula's tree gives.
 */
#include <dlfcn.h>
#include <link.h>
#include <llvm-c/Core.h>
#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "compile.h"
#include "linker.h"

enum { THREADS = 8, ROUNDS = 100, POINTS = 50 };

/* As a garbage collector would reserve for its heap, and less than most do. */
#define HEAP_OF_HOST ((size_t)4 << 30)

static const char *const usual[] = {
    "sin(x * 2) + cos(x) * 0.5",
    "pow(x, 1.5) / (1 + exp(x - 3))",
    "log(x + 1) * sqrt(x) - atan2(x, 2)",
    "fmod(x * 7, 3) + hypot(x, tanh(x)) - cbrt(x)",
    "erf(x / 2) * exp(0 - x * x) + floor(x)",
};

typedef struct {
    const char *const *formulas;
    size_t             count;
    void              *library;
    memory_t           memory;
    _Atomic size_t     next;
    _Atomic size_t     programs;
    _Atomic size_t     calls;
    _Atomic int64_t    farthest;
    _Atomic size_t     not_linked;
    _Atomic size_t     wrong;
    atomic_flag        told;
} run_t;

static void tell(run_t *run, const char *text, const obstacle_t *obstacle)
{
    if (atomic_flag_test_and_set(&run->told))
        return;
    if (obstacle->distance != 0)
        printf("cannot link \"%s\": %s is %+.2f GiB away, and a call reaches 2 GiB\n", text, obstacle->name,
               (double)obstacle->distance / (1 << 30));
    else
        printf("cannot link \"%s\"%s%s\n", text, obstacle->name ? ": there is no function " : ": no memory",
               obstacle->name ? obstacle->name : "");
}

static bool gives_the_same(const run_t *run, const formula_t *formula, compiled_t *function)
{
    for (int i = 0; i < POINTS; i++) {
        double x = i * 0.125;
        double expected = formula_evaluate(formula, run->library, x);
        double value = function(x);

        if (value != expected && !(isnan(value) && isnan(expected)))
            return false;
    }
    return true;
}

static void note(run_t *run, const linked_t *linked)
{
    int64_t farthest = atomic_load(&run->farthest);

    atomic_fetch_add(&run->programs, 1);
    atomic_fetch_add(&run->calls, linked->calls);
    while (llabs(linked->farthest) > llabs(farthest) &&
           !atomic_compare_exchange_weak(&run->farthest, &farthest, linked->farthest))
        continue;
}

static void run_program(run_t *run, LLVMTargetMachineRef compiler, const char *text)
{
    formula_t           formula = {0};
    linked_t            linked;
    obstacle_t          obstacle = {0};
    LLVMMemoryBufferRef object = formula_parse(text, &formula) ? compile(compiler, &formula) : NULL;
    bool done = object != NULL && link_object(LLVMGetBufferStart(object), LLVMGetBufferSize(object), run->library,
                                              &run->memory, &linked, &obstacle);

    if (!done)
        tell(run, text, &obstacle); /* whose name is in the object */
    if (object != NULL)
        LLVMDisposeMemoryBuffer(object);
    if (!done) {
        atomic_fetch_add(&run->not_linked, 1);
        return;
    }
    note(run, &linked);
    /* For perf and gdb, if LINTEL_OPTIONS asks for it. */
    if (run->memory.module != NULL)
        (void)lintel_name(run->memory.module, linked.body.run, linked.body.size, text);
    if (!gives_the_same(run, &formula, linked.function))
        atomic_fetch_add(&run->wrong, 1);
}

static void *work(void *context)
{
    run_t               *run = context;
    LLVMTargetMachineRef compiler = compiler_create();
    size_t               index;

    while (compiler != NULL && (index = atomic_fetch_add(&run->next, 1)) < run->count * ROUNDS)
        run_program(run, compiler, run->formulas[index % run->count]);
    if (compiler != NULL)
        LLVMDisposeTargetMachine(compiler);
    return NULL;
}

static void compile_all(run_t *run)
{
    pthread_t threads[THREADS];

    for (size_t i = 0; i < THREADS; i++)
        pthread_create(&threads[i], NULL, work, run);
    for (size_t i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
}

static bool open_above(lintel_heap_t *heap, void *library, lintel_module_t **module)
{
    const struct link_map *map;
    lintel_module_desc_t   desc = {.kind = LINTEL_CODE, .name = "the mathematical library"};

    /* A shared library's first segment is where it was loaded. */
    if (dlinfo(library, RTLD_DI_LINKMAP, (void *)&map) != 0)
        return false;
    desc.base = map->l_addr;
    return lintel_module_open(heap, &desc, module) == 0;
}

static int report(const run_t *run, const lintel_heap_t *heap)
{
    size_t all = run->count * ROUNDS;

    printf("%zu programs by %d threads: %zu linked, %zu not; %zu gave wrong results\n", all, THREADS, run->programs,
           run->not_linked, run->wrong);
    printf("%zu calls by rel32 into the library, the farthest over %+.1f KiB\n", run->calls,
           (double)run->farthest / 1024);
    return lintel_heap_print(heap, stdout, LINTEL_TEXT) != 0 || run->programs != all || run->wrong > 0;
}

/* Takes the formulas from the arguments, where there are any. */
static bool choose_formulas(run_t *run, char **arguments, int count)
{
    formula_t formula = {0};

    if (count > 0) {
        run->formulas = (const char *const *)arguments;
        run->count = (size_t)count;
    }
    for (size_t i = 0; i < run->count; i++) {
        if (!formula_parse(run->formulas[i], &formula)) {
            fprintf(stderr, "no formula, or too long a one: %s\n", run->formulas[i]);
            return false;
        }
    }
    return true;
}

static bool choose_memory(run_t *run, bool anywhere, lintel_heap_t *heap)
{
    if (mmap(NULL, HEAP_OF_HOST, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0) == MAP_FAILED)
        return false;
    return anywhere ? memory_anywhere(&run->memory) : open_above(heap, run->library, &run->memory.module);
}

int main(int argc, char **argv)
{
    run_t          run = {.formulas = usual, .count = sizeof(usual) / sizeof(usual[0]), .told = ATOMIC_FLAG_INIT};
    bool           anywhere = argc > 1 && strcmp(argv[1], "anywhere") == 0;
    lintel_heap_t *heap;

    if (argc > 1 && !anywhere && strcmp(argv[1], "lintel") != 0) {
        fprintf(stderr, "usage: jit-formula [lintel|anywhere] [FORMULA...]\n");
        return 2;
    }
    run.library = dlopen("libm.so.6", RTLD_NOW);
    if (run.library == NULL || !choose_formulas(&run, argv + 2, argc - 2) || !compile_start() ||
        lintel_heap_create(NULL, &heap) != 0 || !choose_memory(&run, anywhere, heap))
        return 1;
    compile_all(&run);
    int status = report(&run, heap);
    lintel_module_release(run.memory.module);
    lintel_heap_destroy(heap);
    return status;
}
