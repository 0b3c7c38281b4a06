/* SPDX-License-Identifier: MIT
 *
 * subject: a process for lintel-map to look at. It has two heaps, and modules with bodies of known sizes, from several
 * threads. Each line on standard input is an order; each is answered by one line, "done", after what it prints:
 *
 *   books       both heaps, as lintel_heap_print has them in JSON
 *   close N     close module N of the first heap
 *   churn       have a thread open, use and close modules until the end
 *   fail        ask for more than there is
 */
#include <lintel/lintel.h>

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { MODULES = 5, THREADS = 3, BODIES = 3000, CHURN_KEYS = 64 };

#define SPACE_SIZE ((size_t)1 << 30)

static lintel_heap_t   *heaps[2];
static lintel_module_t *modules[MODULES];
static uintptr_t        space;
static atomic_bool      ending;

static void require(int result, const char *what)
{
    if (result == 0)
        return;
    fprintf(stderr, "subject: %s: %s\n", what, strerror(-result));
    exit(2);
}

static lintel_module_desc_t description(size_t index, const char *name)
{
    return (lintel_module_desc_t){
        .base = space + index * (SPACE_SIZE / 128), .image_size = 4096, .name = name, .key = 1000 + index};
}

/* Chunks stay in these threads' hands: they wait for the end. */
static void *use_modules(void *barrier)
{
    for (size_t i = 0; i < MODULES; i++)
        for (size_t body = 0; body < BODIES / (i + 1); body++)
            require(lintel_alloc(modules[i], 1 + body % 300) != NULL ? 0 : -1, "a body");
    pthread_barrier_wait(barrier);
    pthread_barrier_wait(barrier);
    return NULL;
}

static void *churn(void *unused)
{
    for (size_t round = 0; !atomic_load(&ending); round++) {
        lintel_module_t     *module;
        lintel_module_desc_t churned = description(20 + round % CHURN_KEYS, "comes and goes");

        require(lintel_module_open(heaps[round % 2], &churned, &module), "a churned module");
        for (size_t body = 0; body < 20; body++)
            require(lintel_alloc(module, 1 + body * 100) != NULL ? 0 : -1, "a churned body");
        require(lintel_module_close(heaps[round % 2], churned.key), "a churned close");
        lintel_module_release(module);
    }
    return unused;
}

static void open_modules(void)
{
    static const char *const names[MODULES] = {"alpha", "with a rather long name, for a column at least.so",
                                               "b\xc3\xa4r <&> \"quoted\" \\ \x01\xff", "", "code"};

    for (size_t i = 0; i < MODULES; i++) {
        lintel_module_desc_t wanted = description(i, names[i]);
        int                  result;

        wanted.kind = i == 4 ? LINTEL_CODE : LINTEL_DATA;
        result = lintel_module_open(heaps[i == 3], &wanted, &modules[i]);
        /* Where executable memory is barred it is data too. */
        if (result != 0 && wanted.kind == LINTEL_CODE) {
            wanted.kind = LINTEL_DATA;
            result = lintel_module_open(heaps[0], &wanted, &modules[i]);
        }
        require(result, "a module");
    }
}

static void start(pthread_t threads[THREADS], pthread_barrier_t *barrier)
{
    lintel_heap_options_t options = {0};
    void                 *found = mmap(NULL, SPACE_SIZE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    require(found != MAP_FAILED ? 0 : -1, "address space");
    require(munmap(found, SPACE_SIZE), "address space");
    space = (uintptr_t)found;
    require(lintel_heap_create(NULL, &heaps[0]), "a heap");
    options.pool_near = space;
    options.pool_size = 1 << 20;
    require(lintel_heap_create(&options, &heaps[1]), "a heap with a pool");
    open_modules();
    pthread_barrier_init(barrier, NULL, THREADS + 1);
    for (size_t i = 0; i < THREADS; i++)
        require(-pthread_create(&threads[i], NULL, use_modules, barrier), "a thread");
    pthread_barrier_wait(barrier);
}

static void obey(const char *order, pthread_t *churner)
{
    static const char closing[] = "close ";

    if (strcmp(order, "books\n") == 0) {
        require(lintel_heap_print(heaps[0], stdout, LINTEL_JSON), "the books");
        require(lintel_heap_print(heaps[1], stdout, LINTEL_JSON), "the books");
    } else if (strncmp(order, closing, sizeof(closing) - 1) == 0) {
        size_t index = strtoul(order + sizeof(closing) - 1, NULL, 10);

        require(lintel_module_close(heaps[index == 3], 1000 + index), "closing");
    } else if (strcmp(order, "churn\n") == 0) {
        require(-pthread_create(churner, NULL, churn, NULL), "a thread");
    } else if (strcmp(order, "fail\n") == 0) {
        require(lintel_alloc(modules[0], (size_t)1 << 40) == NULL ? 0 : -1, "a failure");
    }
    puts("done");
    fflush(stdout);
}

int main(void)
{
    pthread_t         threads[THREADS];
    pthread_t         churner = 0;
    pthread_barrier_t barrier;
    char              order[64];

    start(threads, &barrier);
    puts("ready");
    fflush(stdout);
    while (fgets(order, sizeof(order), stdin) != NULL)
        obey(order, &churner);
    atomic_store(&ending, true);
    if (churner != 0)
        pthread_join(churner, NULL);
    pthread_barrier_wait(&barrier);
    for (size_t i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    for (size_t i = 0; i < MODULES; i++)
        lintel_module_release(modules[i]);
    lintel_heap_destroy(heaps[0]);
    lintel_heap_destroy(heaps[1]);
    return 0;
}
