// SPDX-License-Identifier: MIT
//
// client: an IMethodMalloc of lintel's, used as C++ code uses the runtime's. The build includes what declares the
// interface and <lintel/clr.h>, in either order.

static int judge(lintel_module_t *module)
{
    void *object = nullptr;
    if (lintel_clr_method_malloc(module, &object))
        return 2;
    IMethodMalloc *allocator = static_cast<IMethodMalloc *>(object);
    void          *same = nullptr;
    void          *other = nullptr;
    if (allocator->QueryInterface(IID_IMethodMalloc, &same) != S_OK || same != object)
        return 3;
    if (allocator->QueryInterface(IID_ICorProfilerInfo, &other) != E_NOINTERFACE || other)
        return 4;
    if (!allocator->Alloc(13) || allocator->Alloc(0))
        return 5;
    if (allocator->AddRef() != 3 || allocator->Release() != 2)
        return 6;
    allocator->Release();
    return allocator->Release() == 0 ? 0 : 7;
}

int main()
{
    lintel_heap_t       *heap = nullptr;
    lintel_module_t     *module = nullptr;
    lintel_module_desc_t desc = {};

    desc.base = reinterpret_cast<uintptr_t>(&judge) & ~static_cast<uintptr_t>(0xffff);
    desc.align = 4;
    if (lintel_heap_create(nullptr, &heap) || lintel_module_open(heap, &desc, &module))
        return 1;
    int result = judge(module);
    lintel_heap_destroy(heap);
    return result;
}
