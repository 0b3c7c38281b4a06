/* SPDX-License-Identifier: MIT
 *
 * prologue: the instructions that count one call of a method.
 *
 *     ldc.i8 &counter; conv.i; ldc.i8 &count_call; conv.i; calli void (native int)
 *
 * A managed call by pointer to a C function: on x86-64 and aarch64 the runtime passes a native int as C does. It needs
 * nothing of the module but the call's signature, and nothing of the runtime: no stub to be compiled, no type to be
 * loaded, no other method. So it works in the very first methods that the runtime compiles, and counting calls no
 * method that would be counted. The C function is a leaf of a few instructions, so that a thread inside it is soon back
 * where the garbage collector can stop it. It adds atomically: counts are exact with any number of threads.
 *
 * The alternatives: Interlocked.Increment needs a reference to its class in every module, and while it is itself being
 * compiled it would call itself; an unmanaged calli needs a stub that the runtime compiles as a method.
 */
#ifndef CALLCOUNT_PROLOGUE_H
#define CALLCOUNT_PROLOGUE_H

#include <stdatomic.h>
#include <stdint.h>

enum { PROLOGUE_SIZE = 25, PROLOGUE_STACK = 2, PROLOGUE_SIGNATURE_SIZE = 4 };

/* The signature of the call: managed, one argument, gives nothing, takes a native int. */
extern const uint8_t prologue_signature[PROLOGUE_SIGNATURE_SIZE];

/* Write a prologue that adds one to `counter` at each call; `signature` is the signature's token in the method's
 * module. */
void prologue_write(const _Atomic uint64_t *counter, uint32_t signature, uint8_t out[PROLOGUE_SIZE]);

#endif
