/* SPDX-License-Identifier: MIT
 *
 * static_tls: how far from the thread pointer a thread-local variable lies, where that is the same in all threads.
 *
 * A shared library finds a variable of its own by a call through a descriptor, which costs half as much as the rest of
 * an allocation. But a program's start gives all its libraries static thread-local storage, and a dlopen may, if there
 * is enough left. Then the descriptor holds that distance and nothing else, and who knows the distance saves the call.
 * In an executable there is no descriptor: its linker writes the distance instead.
 */
#ifndef LINTEL_STATIC_TLS_H
#define LINTEL_STATIC_TLS_H

#include <stdbool.h>
#include <stdint.h>

/* What the instructions that look for the descriptor of the variable find: its address, or the distance. */
#ifdef __x86_64__
#define STATIC_TLS_FOUND(variable, found) __asm__("leaq " #variable "@tlsdesc(%%rip), %0" : "=a"(found))
#else
#define STATIC_TLS_FOUND(variable, found)                                                                              \
    __asm__("adrp x0, :tlsdesc:" #variable "\n\t"                                                                      \
            "ldr x1, [x0, :tlsdesc_lo12:" #variable "]\n\t"                                                            \
            "add x0, x0, :tlsdesc_lo12:" #variable "\n\t"                                                              \
            "mov %0, x0"                                                                                               \
            : "=r"(found)                                                                                              \
            :                                                                                                          \
            : "x0", "x1")
#endif

/* The distance of a variable that the thread has used and that lies so far from its thread pointer, by what was found;
 * 0 if every thread has its own. A descriptor of the latter kind points at something instead. */
static inline intptr_t static_tls_distance(intptr_t found, intptr_t distance)
{
#ifdef __x86_64__
    if (distance >= 0)
        return 0;
#endif
    return found == distance || ((const intptr_t *)found)[1] == distance ? distance : 0;
}

/* Whether neither is 0; may be false all the same. All bits of a distance are set but the last few, if it is negative.
 */
static inline bool static_tls_both(intptr_t distance, const void *pointer)
{
#ifdef __x86_64__
    return (uintptr_t)distance & (uintptr_t)pointer;
#else
    return distance && pointer;
#endif
}

/* How far the calling thread's variable is from its thread pointer. */
static inline intptr_t static_tls_measure(const volatile void *variable)
{
    return (intptr_t)variable - (intptr_t)__builtin_thread_pointer();
}

/* The calling thread's variable. */
static inline void *static_tls_at(intptr_t distance)
{
    return (char *)__builtin_thread_pointer() + distance;
}

#endif
