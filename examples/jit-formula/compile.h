/* SPDX-License-Identifier: MIT
 *
 * compile: a formula to an object file in memory, by LLVM's C interface. Each thread has a compiler of its own.
 */
#ifndef JIT_FORMULA_COMPILE_H
#define JIT_FORMULA_COMPILE_H

#include <llvm-c/TargetMachine.h>

#include "formula.h"

/* The machine that the process runs on; NULL where LLVM does not know it. Call once, before any compiler_create. */
bool compile_start(void);

LLVMTargetMachineRef compiler_create(void);

/* An object file whose one function, double formula(double), computes `formula`. NULL where LLVM refuses; dispose of it
 * with LLVMDisposeMemoryBuffer. */
LLVMMemoryBufferRef compile(LLVMTargetMachineRef compiler, const formula_t *formula);

#endif
