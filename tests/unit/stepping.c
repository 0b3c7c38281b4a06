/* SPDX-License-Identifier: MIT */
#include "stepping.h"

#include <signal.h>
#include <stdio.h>
#include <ucontext.h>

#include "unit.h"

enum { TRAP_FLAG = 0x100 };

static unsigned long instructions;
static unsigned long visit_at;
static void (*visitor)(void);

unsigned long stepping_count(void)
{
    return instructions;
}

#if defined(__x86_64__)
static void after_an_instruction(int signal, siginfo_t *info, void *context)
{
    ucontext_t *interrupted = context;

    (void)signal;
    (void)info;
    if (++instructions == visit_at) {
        visitor();
        interrupted->uc_mcontext.gregs[REG_EFL] &= ~TRAP_FLAG;
    }
}

void stepping_begin(unsigned long at, void (*visit)(void))
{
    struct sigaction action = {.sa_sigaction = after_an_instruction, .sa_flags = SA_SIGINFO};

    instructions = 0;
    visit_at = at;
    visitor = visit;
    (void)sigaction(SIGTRAP, &action, NULL);
    /* Past the red zone, where the compiler may keep things. */
    __asm__ volatile("leaq -128(%%rsp), %%rsp; pushfq; orq %0, (%%rsp); popfq; leaq 128(%%rsp), %%rsp"
                     :
                     : "i"(TRAP_FLAG)
                     : "memory", "cc");
}

void stepping_end(void)
{
    __asm__ volatile("leaq -128(%%rsp), %%rsp; pushfq; andq %0, (%%rsp); popfq; leaq 128(%%rsp), %%rsp"
                     :
                     : "i"(~TRAP_FLAG)
                     : "memory", "cc");
}
#else
void stepping_begin(unsigned long at, void (*visit)(void))
{
    instructions = 0;
    visit_at = at;
    visitor = visit;
}

void stepping_end(void)
{
}
#endif

bool stepping_works(void)
{
    stepping_begin(0, NULL);
    stepping_end();
    if (instructions && !UNDER_TSAN)
        return true;
    puts(UNDER_TSAN ? "ThreadSanitizer puts signals off" : "no single step on this machine");
    return false;
}
