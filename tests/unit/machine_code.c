/* SPDX-License-Identifier: MIT */
#include "machine_code.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

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

unsigned writable_and_executable(void)
{
    FILE    *maps = fopen("/proc/self/maps", "re");
    char     line[8192];
    char     permissions[5];
    unsigned count = 0;

    while (maps && fgets(line, sizeof(line), maps))
        count += sscanf(line, "%*s %4s", permissions) == 1 && permissions[1] == 'w' && permissions[2] == 'x';
    if (maps)
        fclose(maps);
    return count;
}
