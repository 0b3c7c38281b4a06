/* SPDX-License-Identifier: MIT
 *
 * lintel for profilers of the CLR: a module's allocator as the object that the runtime's profiling interface calls
 * IMethodMalloc. A profiler hands out, or uses, lintel's where it would have used the runtime's.
 *
 * Nothing here bears a name of Microsoft's corprof.h: include both, in either order. In C++:
 *
 *     void *object;
 *     if (lintel_clr_method_malloc(module, &object) == 0)
 *         allocator = static_cast<IMethodMalloc *>(object);
 *
 * From C, the object's first word points to its table of functions; each takes the object first, in the platform's C
 * calling convention. HRESULT and ULONG have 32 bits.
 *
 *     HRESULT QueryInterface(REFIID id, void **object)
 *         S_OK for IUnknown and IMethodMalloc {A0EFB28B-6EE2-4D7B-B983-A75EF7BEEDB8}: the object itself, counted once
 *         more; E_NOINTERFACE (0x80004002), and NULL for the object, for any other; E_POINTER (0x80004003) if an
 *         argument is NULL. Any thread. Wait-free.
 *     ULONG AddRef(), ULONG Release()
 *         The new count. Release stays at 0 where the count is 0 already. Any thread. AddRef is wait-free, Release
 *         lock-free; the last Release after the module is gone may block.
 *     void *Alloc(ULONG size)
 *         A body as lintel_alloc gives it, on 4 bytes or the module's alignment, whichever is more; the runtime passes
 *         over a method body with a fat header elsewhere. NULL for size 0 and on failure, with errno as lintel_alloc
 *         has it, or ENOENT once the module is gone: closed, and its last reference released. Any thread. Lock-free
 *         after the thread's first call, which may block.
 */
#ifndef LINTEL_CLR_H
#define LINTEL_CLR_H

#include <lintel/lintel.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Make an IMethodMalloc for the module and store it in *method_malloc, with a count of 1 that is the caller's. Open the
 * module with `align` 4 and bodies pack at 4 bytes.
 *
 * The count governs the object, never a body, and the object holds no reference to the module: a client that never
 * releases it keeps no memory of a closed module. While the module is there, the object works even at a count of 0: it
 * is then the module's to hand out again, here, or to free when it goes. Once the module is gone, Alloc gives NULL, and
 * the object stays until its last Release.
 * Returns 0; -EINVAL (a NULL argument); -ENOMEM.
 * Any thread. May block. */
LINTEL_API int lintel_clr_method_malloc(lintel_module_t *module, void **method_malloc);

#ifdef __cplusplus
}
#endif

#endif
