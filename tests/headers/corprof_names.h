/* SPDX-License-Identifier: MIT
 *
 * corprof_names: what a client of IMethodMalloc gets from Microsoft's corprof.h and the headers below it, under the
 * same names and in the same shapes: an interface is a class in C++ and a table of functions in C.
 */
#ifndef CORPROF_NAMES_H
#define CORPROF_NAMES_H

#include <stdint.h>

typedef int32_t       HRESULT;
typedef uint32_t      ULONG;
typedef uint32_t      DWORD;
typedef int32_t       BOOL;
typedef void         *PVOID;
typedef unsigned char BYTE;
typedef const BYTE   *LPCBYTE;
typedef uintptr_t     UINT_PTR;
typedef UINT_PTR      ModuleID;
typedef UINT_PTR      FunctionID;
typedef ULONG         mdToken;
typedef mdToken       mdMethodDef;

typedef struct _GUID {
    uint32_t      Data1;
    uint16_t      Data2;
    uint16_t      Data3;
    unsigned char Data4[8];
} GUID;
typedef GUID IID;

#define S_OK          ((HRESULT)0)
#define E_NOINTERFACE ((HRESULT)0x80004002)
#define E_POINTER     ((HRESULT)0x80004003)
#define E_OUTOFMEMORY ((HRESULT)0x8007000E)
#define STDMETHODCALLTYPE
#define interface struct

static const IID IID_IUnknown = {0x00000000, 0x0000, 0x0000, {0xC0, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x46}};
static const IID IID_IMethodMalloc = {0xA0EFB28B, 0x6EE2, 0x4D7B, {0xB9, 0x83, 0xA7, 0x5E, 0xF7, 0xBE, 0xED, 0xB8}};
static const IID IID_ICorProfilerInfo = {0x28B5557D, 0x3F3F, 0x48B4, {0x90, 0xB2, 0x5F, 0x9E, 0xEA, 0x2F, 0x6C, 0x48}};

#ifdef __cplusplus
typedef const IID &REFIID;

interface IUnknown
{
    virtual HRESULT STDMETHODCALLTYPE QueryInterface(REFIID id, void **object) = 0;
    virtual ULONG STDMETHODCALLTYPE   AddRef() = 0;
    virtual ULONG STDMETHODCALLTYPE   Release() = 0;
};

interface IMethodMalloc : public IUnknown
{
    virtual PVOID STDMETHODCALLTYPE Alloc(ULONG cb) = 0;
};
#else
typedef const IID *REFIID;

typedef interface IMethodMalloc IMethodMalloc;

typedef struct IMethodMallocVtbl {
    HRESULT(STDMETHODCALLTYPE *QueryInterface)(IMethodMalloc *This, REFIID riid, void **ppvObject);
    ULONG(STDMETHODCALLTYPE *AddRef)(IMethodMalloc *This);
    ULONG(STDMETHODCALLTYPE *Release)(IMethodMalloc *This);
    PVOID(STDMETHODCALLTYPE *Alloc)(IMethodMalloc *This, ULONG cb);
} IMethodMallocVtbl;

interface IMethodMalloc
{
    const struct IMethodMallocVtbl *lpVtbl;
};
#endif

#endif
