// SPDX-License-Identifier: MIT
//
// asmjit's JitAllocator as it comes: one lock, executable memory. Names are C's, by which bench/counts knows them.

#include <asmjit/core.h>

#include <cstring>
#include <new>

extern "C" {
#include "allocator.h"
}

extern "C" {

void *asmjit_open(const plan_t * /*plan*/)
{
    return new (std::nothrow) asmjit::JitAllocator();
}

void asmjit_close(void *arena)
{
    delete static_cast<asmjit::JitAllocator *>(arena);
}

void *asmjit_one(void *arena, size_t /*thread*/, size_t size)
{
    void *executable;
    void *writable;

    return static_cast<asmjit::JitAllocator *>(arena)->alloc(&executable, &writable, size) ? nullptr : writable;
}

void asmjit_batch(void *arena, size_t thread, const batch_t *batch)
{
    batch_allocate(asmjit_one, arena, thread, batch);
}

void asmjit_written_batch(void *arena, size_t thread, const batch_t *batch)
{
    batch_write(asmjit_one, arena, thread, batch);
}

// Without a second mapping both addresses of a body are one.
void asmjit_recycle(void *arena, const batch_t *batch)
{
    for (size_t i = 0; i < batch->count; i++)
        static_cast<asmjit::JitAllocator *>(arena)->release(batch->bodies[i]);
}

const allocator_t allocator_asmjit = {
    "asmjit", asmjit_open, asmjit_close, asmjit_one, asmjit_batch, asmjit_written_batch, asmjit_recycle, nullptr,
};

} // extern "C"
