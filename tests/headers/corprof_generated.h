/* SPDX-License-Identifier: MIT
 *
 * corprof_generated: what corprof.h is below and around IMethodMalloc: a header that a compiler of interface
 * descriptions made, in C and C++, over the headers of Windows with all their macros.
 */
#ifndef CORPROF_GENERATED_H
#define CORPROF_GENERATED_H

#define INITGUID

#include <windef.h>

/* Wine's functions are called as in Windows; those of the CLR's interfaces, on Linux, as any other. */
#undef __stdcall
#define __stdcall

/* What corprof.h is read after, and what it includes itself. */
#include <cor.h>
#include <ole2.h>
#include <windows.h>

#include "method_malloc.h"

DEFINE_GUID(IID_ICorProfilerInfo, 0x28B5557D, 0x3F3F, 0x48B4, 0x90, 0xB2, 0x5F, 0x9E, 0xEA, 0x2F, 0x6C, 0x48);

#endif
