/* SPDX-License-Identifier: MIT */
#include "machine_code.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base.h"

typedef uint16_t function_t(void);

#if defined(__x86_64__)
size_t machine_code_of(uint16_t value, void *at)
{
    /* mov eax, value; ret */
    const unsigned char code[] = {0xb8, (unsigned char)value, (unsigned char)(value >> 8), 0, 0, 0xc3};

    memcpy(at, code, sizeof(code));
    return sizeof(code);
}
#elif defined(__aarch64__)
size_t machine_code_of(uint16_t value, void *at)
{
    /* mov w0, value; ret */
    const uint32_t code[] = {0x52800000U | (uint32_t)value << 5, 0xd65f03c0U};

    memcpy(at, code, sizeof(code));
    return sizeof(code);
}
#else
#error "no instructions for this architecture"
#endif

static function_t *function_at(const void *body)
{
    function_t *function;

    memcpy(&function, &body, sizeof(function));
    return function;
}

uint16_t machine_code_call(const void *body)
{
    return function_at(body)();
}

static bool is_trap(int signal_number)
{
    return signal_number == SIGTRAP || signal_number == SIGILL || signal_number == SIGSEGV || signal_number == SIGBUS;
}

bool machine_code_traps(const void *address)
{
    int   status;
    pid_t child = fork();

    if (child == 0) {
        for (int signal_number = 1; signal_number < NSIG; signal_number++)
            (void)signal(signal_number, SIG_DFL);
        (void)machine_code_call(address);
        _exit(0);
    }
    return child > 0 && waitpid(child, &status, 0) == child && WIFSIGNALED(status) && is_trap(WTERMSIG(status));
}

typedef struct {
    uintptr_t start;
    size_t    size;
    size_t    count;
    bool     *executable;
} pages_t;

/* Visits the mappings that have all of these permissions. */
static void visit_mappings(const char *wanted, void (*visit)(range_t mapping, void *context), void *context)
{
    FILE *maps = fopen("/proc/self/maps", "re");
    char  line[8192];
    char  permissions[5];

    while (maps && fgets(line, sizeof(line), maps)) {
        char     *dash;
        uintptr_t start = strtoul(line, &dash, 16);
        uintptr_t end = strtoul(dash + 1, NULL, 16);
        bool      fits = sscanf(line, "%*s %4s", permissions) == 1;
        for (const char *letter = wanted; *letter; letter++)
            fits = fits && strchr(permissions, *letter);
        if (fits)
            visit((range_t){start, end}, context);
    }
    if (maps)
        fclose(maps);
}

static void mark_executable(range_t mapping, void *context)
{
    pages_t  *pages = context;
    uintptr_t end = pages->start + pages->count * pages->size;

    for (uintptr_t at = max_address(mapping.start, pages->start); at < min_address(mapping.end, end); at += pages->size)
        pages->executable[(at - pages->start) / pages->size] = true;
}

void machine_code_executable(uintptr_t start, size_t count, bool *pages)
{
    pages_t context = {start, (size_t)sysconf(_SC_PAGESIZE), count, pages};

    memset(pages, 0, count * sizeof(*pages));
    visit_mappings("x", mark_executable, &context);
}

static void count_mapping(range_t mapping, void *context)
{
    (void)mapping;
    ++*(unsigned *)context;
}

static unsigned count_mappings(const char *wanted)
{
    unsigned count = 0;

    visit_mappings(wanted, count_mapping, &count);
    return count;
}

unsigned writable_and_executable(void)
{
    return count_mappings("wx");
}

unsigned shared_mappings(void)
{
    return count_mappings("s");
}
