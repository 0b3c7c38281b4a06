/* SPDX-License-Identifier: MIT
 *
 * near LIBRARY [FILLER]: a program that loads lintel by dlopen single-steps through an allocation: it stays inside the
 * library, which finds what it keeps for the thread without the dynamic linker's help. With FILLER, copies of that take
 * all the static thread-local storage that is left before: then it has to ask the linker, and does.
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <link.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <ucontext.h>
#include <unistd.h>

#include <lintel/lintel.h>

enum { MOST_FILLERS = 512, THREADS = 3, WARM = 4096, STEPPED = 8, BODY_SIZE = 64, SKIP = 77 };

extern const char __executable_start;

static __typeof__(&lintel_heap_create) heap_create;
static __typeof__(&lintel_module_open) module_open;
static __typeof__(&lintel_alloc) alloc;
static lintel_module_t *module;

static void require(bool holds, const char *what)
{
    if (holds)
        return;
    printf("broken: %s\n", what);
    exit(1);
}

/* What is at the path, under another name: a library is loaded once only. Returns whether there was room. */
static bool load_copy(const char *path)
{
    struct stat status;
    char name[32];
    int from = open(path, O_RDONLY | O_CLOEXEC);
    int copy = memfd_create("filler", MFD_CLOEXEC);

    require(from >= 0 && copy >= 0 && fstat(from, &status) == 0, "the filler can be copied");
    require(sendfile(copy, from, NULL, (size_t)status.st_size) == status.st_size, "the filler can be copied");
    snprintf(name, sizeof(name), "/proc/self/fd/%d", copy);
    bool loaded = dlopen(name, RTLD_NOW | RTLD_LOCAL) != NULL;
    close(from);
    return loaded;
}

static void take_static_storage(const char *filler)
{
    int loaded = 0;

    while (loaded < MOST_FILLERS && load_copy(filler))
        loaded++;
    require(loaded < MOST_FILLERS, "static thread-local storage comes to an end");
    printf("%d fillers, then: %s\n", loaded, dlerror());
}

static void *find(void *handle, const char *name)
{
    void *function = dlsym(handle, name);

    require(function != NULL, name);
    return function;
}

static void load(const char *path)
{
    void *handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);

    require(handle != NULL, "lintel is loaded");
    *(void **)&heap_create = find(handle, "lintel_heap_create");
    *(void **)&module_open = find(handle, "lintel_module_open");
    *(void **)&alloc = find(handle, "lintel_alloc");
}

/* Until the thread has a chunk. */
static void warm_up(void)
{
    for (int i = 0; i < WARM; i++)
        require(alloc(module, BODY_SIZE) != NULL, "there is room above the program");
}

#if defined(__x86_64__)
enum { TRAP_FLAG = 0x100 };

static uintptr_t linker_start;
static uintptr_t linker_end;

static int find_linker(struct dl_phdr_info *info, size_t size, void *unused)
{
    (void)size;
    (void)unused;
    if (!strstr(info->dlpi_name, "/ld-"))
        return 0;
    for (int i = 0; i < info->dlpi_phnum; i++)
        if (info->dlpi_phdr[i].p_type == PT_LOAD && info->dlpi_phdr[i].p_flags & PF_X) {
            linker_start = info->dlpi_addr + info->dlpi_phdr[i].p_vaddr;
            linker_end = linker_start + info->dlpi_phdr[i].p_memsz;
        }
    return 1;
}

typedef struct {
    volatile sig_atomic_t all;
    volatile sig_atomic_t in_linker;
} steps_t;

static steps_t steps;

static void after_an_instruction(int number, siginfo_t *info, void *context)
{
    uintptr_t at = (uintptr_t)((ucontext_t *)context)->uc_mcontext.gregs[REG_RIP];

    (void)number;
    (void)info;
    steps.all++;
    if (at >= linker_start && at < linker_end)
        steps.in_linker++;
}

/* Past the red zone, where the compiler may keep things. */
static void *step_through_allocation(void)
{
    __asm__ volatile("leaq -128(%%rsp), %%rsp; pushfq; orq %0, (%%rsp); popfq; leaq 128(%%rsp), %%rsp"
                     :
                     : "i"(TRAP_FLAG)
                     : "memory", "cc");
    void *body = alloc(module, BODY_SIZE);
    __asm__ volatile("leaq -128(%%rsp), %%rsp; pushfq; andq %0, (%%rsp); popfq; leaq 128(%%rsp), %%rsp"
                     :
                     : "i"(~TRAP_FLAG)
                     : "memory", "cc");
    return body;
}

/* The shortest of some allocations: a few need a new chunk. */
static void *stepping_thread(void *asks_linker)
{
    steps_t least = {0, 0};

    warm_up();
    for (int i = 0; i < STEPPED; i++) {
        steps = (steps_t){0, 0};
        require(step_through_allocation() != NULL, "there is room above the program");
        if (i == 0 || steps.all < least.all)
            least = steps;
    }
    printf("%d instructions, %d of the dynamic linker\n", (int)least.all, (int)least.in_linker);
    require(least.all > 0, "the processor steps");
    require((least.in_linker > 0) == *(bool *)asks_linker, "the linker is asked where it must be, and only there");
    return NULL;
}

static void watch_steps(void)
{
    struct sigaction action = {.sa_sigaction = after_an_instruction, .sa_flags = SA_SIGINFO};

    require(dl_iterate_phdr(find_linker, NULL) == 1, "the dynamic linker is found");
    sigaction(SIGTRAP, &action, NULL);
}

enum { OUTCOME = 0 };
#else
static void *stepping_thread(void *unused)
{
    (void)unused;
    warm_up();
    return NULL;
}

static void watch_steps(void)
{
    puts("skipped: a program cannot step through itself on this processor");
}

enum { OUTCOME = SKIP };
#endif

int main(int argc, char **argv)
{
    lintel_heap_t *heap;
    lintel_module_desc_t desc = {.base = (uintptr_t)&__executable_start, .name = "host"};
    bool crowded = argc == 3;

    if (argc != 2 && argc != 3) {
        fprintf(stderr, "usage: %s LIBRARY [FILLER]\n", argv[0]);
        return 2;
    }
    if (crowded)
        take_static_storage(argv[2]);
    load(argv[1]);
    require(heap_create(NULL, &heap) == 0 && module_open(heap, &desc, &module) == 0, "a module is opened");
    watch_steps();
    stepping_thread(&crowded);
    for (int i = 0; i < THREADS; i++) {
        pthread_t thread;
        require(pthread_create(&thread, NULL, stepping_thread, &crowded) == 0, "pthread_create");
        pthread_join(thread, NULL);
    }
    return OUTCOME;
}
