/* SPDX-License-Identifier: MIT
 *
 * host LIBRARY MALLOC: a plain C program that knows nothing of lintel loads it by dlopen, uses it from several
 * threads, closes it while they live, lets them exit, and goes on; several times over. MALLOC is part of the file
 * name that the program's own malloc must come from, before, meanwhile and after.
 */
#include <dlfcn.h>
#include <malloc.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <lintel/lintel.h>

enum { ROUNDS = 20, THREADS = 4, BODIES = 2000, BODY_SIZE = 48, SKIP = 77 };

extern const char __executable_start;

/* The functions of the library, found by name. */
typedef struct {
    void *handle;
    __typeof__(&lintel_heap_create) heap_create;
    __typeof__(&lintel_heap_destroy) heap_destroy;
    __typeof__(&lintel_module_open) module_open;
    __typeof__(&lintel_module_acquire) module_acquire;
    __typeof__(&lintel_module_release) module_release;
    __typeof__(&lintel_module_close) module_close;
    __typeof__(&lintel_alloc) alloc;
    __typeof__(&lintel_offset) offset;
} library_t;

typedef struct {
    const library_t *library;
    lintel_heap_t *heap;
    uint64_t key;
    pthread_barrier_t used;
    pthread_barrier_t closed;
} round_t;

static void require(int holds, const char *what)
{
    if (holds)
        return;
    printf("broken: %s\n", what);
    exit(1);
}

static void *find(void *handle, const char *name)
{
    void *function = dlsym(handle, name);

    require(function != NULL, name);
    require(dlsym(RTLD_DEFAULT, name) == NULL, "the library's names stay out of the host's");
    return function;
}

static void library_load(const char *path, library_t *library)
{
    library->handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    require(library->handle != NULL, dlerror());
    *(void **)&library->heap_create = find(library->handle, "lintel_heap_create");
    *(void **)&library->heap_destroy = find(library->handle, "lintel_heap_destroy");
    *(void **)&library->module_open = find(library->handle, "lintel_module_open");
    *(void **)&library->module_acquire = find(library->handle, "lintel_module_acquire");
    *(void **)&library->module_release = find(library->handle, "lintel_module_release");
    *(void **)&library->module_close = find(library->handle, "lintel_module_close");
    *(void **)&library->alloc = find(library->handle, "lintel_alloc");
    *(void **)&library->offset = find(library->handle, "lintel_offset");
}

/* Every body is written whole at once and read back once all are placed. */
static void use(const library_t *library, lintel_heap_t *heap, uint64_t key)
{
    unsigned char *bodies[BODIES];
    lintel_module_t *module = library->module_acquire(heap, key);

    require(module != NULL, "an open module is found");
    for (int i = 0; i < BODIES; i++) {
        bodies[i] = library->alloc(module, BODY_SIZE);
        require(bodies[i] != NULL, "there is room above the program");
        require(library->offset(module, bodies[i]) > 0, "a body lies above the base");
        memset(bodies[i], i & 0xff, BODY_SIZE);
    }
    for (int i = 0; i < BODIES; i++)
        for (int j = 0; j < BODY_SIZE; j++)
            require(bodies[i][j] == (i & 0xff), "a body keeps its bytes");
    library->module_release(module);
}

/* Uses lintel and malloc, outlives the dlclose, and leaves whatever thread keys there are to run their course. */
static void *host_thread(void *argument)
{
    round_t *round = argument;
    char *before = malloc(1000);

    require(before != NULL, "malloc works in a thread");
    use(round->library, round->heap, round->key);
    pthread_barrier_wait(&round->used);
    pthread_barrier_wait(&round->closed);
    require(malloc_usable_size(before) >= 1000, "a block malloc'ed before is still the host's");
    free(before);
    return NULL;
}

static void play(const char *path)
{
    library_t library;
    round_t round = {.library = &library};
    pthread_t threads[THREADS];
    lintel_module_t *module;
    lintel_module_desc_t desc = {.base = (uintptr_t)&__executable_start, .name = "host"};

    library_load(path, &library);
    require(library.heap_create(NULL, &round.heap) == 0, "lintel_heap_create");
    require(library.module_open(round.heap, &desc, &module) == 0, "lintel_module_open");
    round.key = desc.base;
    pthread_barrier_init(&round.used, NULL, THREADS + 1);
    pthread_barrier_init(&round.closed, NULL, THREADS + 1);
    for (int i = 0; i < THREADS; i++)
        require(pthread_create(&threads[i], NULL, host_thread, &round) == 0, "pthread_create");

    pthread_barrier_wait(&round.used);
    require(library.module_close(round.heap, round.key) == 0, "lintel_module_close");
    library.module_release(module);
    library.heap_destroy(round.heap);
    require(dlclose(library.handle) == 0, "dlclose");
    pthread_barrier_wait(&round.closed);

    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    pthread_barrier_destroy(&round.used);
    pthread_barrier_destroy(&round.closed);
}

static const char *const allocation_names[] = {
    "malloc",         "free",     "calloc", "realloc",           "memalign",      "aligned_alloc",
    "posix_memalign", "valloc",   "sbrk",   "malloc_usable_size", "reallocarray", "mmap",
};
enum { NAMES = sizeof(allocation_names) / sizeof(allocation_names[0]) };

static void allocation_functions(void *functions[NAMES])
{
    for (int i = 0; i < NAMES; i++)
        functions[i] = dlsym(RTLD_DEFAULT, allocation_names[i]);
}

static int malloc_is_from(const char *file)
{
    Dl_info info;

    if (dladdr(dlsym(RTLD_DEFAULT, "malloc"), &info) && strstr(info.dli_fname, file))
        return 1;
    printf("skipped: malloc comes from %s, not from %s: is it installed?\n", info.dli_fname, file);
    return 0;
}

int main(int argc, char **argv)
{
    void *before[NAMES];
    void *after[NAMES];

    if (argc != 3) {
        fprintf(stderr, "usage: %s LIBRARY MALLOC\n", argv[0]);
        return 2;
    }
    if (!malloc_is_from(argv[2]))
        return SKIP;

    allocation_functions(before);
    char *block = malloc(5000);
    for (int round = 0; round < ROUNDS; round++) {
        play(argv[1]);
        allocation_functions(after);
        require(memcmp(before, after, sizeof before) == 0, "the host's malloc stays its own");
        require(malloc_usable_size(block) >= 5000, "a block malloc'ed at the start is still the host's");
    }
    free(block);
    return 0;
}
