/* SPDX-License-Identifier: MIT
 *
 * client: an IMethodMalloc of lintel's, used as C code uses the runtime's. The build includes what declares the
 * interface and <lintel/clr.h>, in either order.
 */
static int judge(lintel_module_t *module)
{
    void *object = NULL;
    void *same = NULL;

    if (lintel_clr_method_malloc(module, &object))
        return 2;
    IMethodMalloc *allocator = object;
    if (allocator->lpVtbl->QueryInterface(allocator, &IID_IUnknown, &same) != S_OK || same != object)
        return 3;
    if (allocator->lpVtbl->QueryInterface(allocator, &IID_ICorProfilerInfo, &same) != E_NOINTERFACE || same)
        return 4;
    if (allocator->lpVtbl->QueryInterface(allocator, &IID_IMethodMalloc, NULL) != E_POINTER)
        return 5;
    if (!allocator->lpVtbl->Alloc(allocator, 13))
        return 6;
    allocator->lpVtbl->Release(allocator);
    return allocator->lpVtbl->Release(allocator) == 0 ? 0 : 7;
}

int main(void)
{
    lintel_heap_t       *heap = NULL;
    lintel_module_t     *module = NULL;
    lintel_module_desc_t desc = {.base = (uintptr_t)&main & ~(uintptr_t)0xffff, .align = 4};

    if (lintel_heap_create(NULL, &heap) || lintel_module_open(heap, &desc, &module))
        return 1;
    int result = judge(module);
    lintel_heap_destroy(heap);
    return result;
}
