#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""first_module.py [LIBRARY]: a function, written byte by byte, above the C library of a Python program.

Loads liblintel.so by ctypes, opens a module of code above libc, writes a few instructions into a body, publishes them
and calls them; then prints the heap's books.
"""
import ctypes
import os
import platform
import sys

# int add(int a, int b) { return a + b; }
INSTRUCTIONS = {
    "x86_64": bytes.fromhex("8d0437 c3"),  # lea eax, [rdi + rsi]; ret
    "aarch64": bytes.fromhex("0000010b c0035fd6"),  # add w0, w0, w1; ret
}
LINTEL_CODE = 1
LINTEL_TEXT = 0


class ModuleDesc(ctypes.Structure):
    """lintel_module_desc_t"""

    _fields_ = [
        ("base", ctypes.c_size_t),
        ("image_size", ctypes.c_size_t),
        ("key", ctypes.c_uint64),
        ("name", ctypes.c_char_p),
        ("kind", ctypes.c_int),
        ("reach", ctypes.c_uint64),
        ("align", ctypes.c_size_t),
        ("reserve", ctypes.c_size_t),
    ]


def load(path):
    """The library, with the types of the functions used here; those that return int raise OSError."""
    lintel = ctypes.CDLL(path, use_errno=True)

    def declare(name, result, *arguments):
        function = getattr(lintel, name)
        function.restype, function.argtypes = result, arguments

    def check(result):
        if result < 0:
            raise OSError(-result, os.strerror(-result))
        return result

    pointer, size = ctypes.c_void_p, ctypes.c_size_t
    declare("lintel_heap_create", check, pointer, ctypes.POINTER(pointer))
    declare("lintel_heap_destroy", None, pointer)
    declare("lintel_heap_print", check, pointer, pointer, ctypes.c_int)
    declare("lintel_module_open", check, pointer, ctypes.POINTER(ModuleDesc), ctypes.POINTER(pointer))
    declare("lintel_module_release", None, pointer)
    declare("lintel_alloc", pointer, pointer, size)
    declare("lintel_writable", pointer, pointer, pointer)
    declare("lintel_publish", check, pointer, pointer, size)
    declare("lintel_offset", ctypes.c_int64, pointer, pointer)
    return lintel


def base_of(library):
    """The lowest address at which a library is mapped, by its file's name."""
    with open("/proc/self/maps", encoding="utf-8") as maps:
        for line in maps:
            fields = line.split()
            if len(fields) > 5 and os.path.basename(fields[5]).startswith(library):
                return int(fields[0].split("-")[0], 16)
    sys.exit(f"{library} is not loaded")


def new_function(lintel, module, code):
    """Writes the code where it is to be written, and returns where it can be called."""
    body = lintel.lintel_alloc(module, len(code))
    if not body:
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error))
    ctypes.memmove(lintel.lintel_writable(module, body), code, len(code))
    lintel.lintel_publish(module, body, len(code))
    return body


def print_books(lintel, heap):
    sys.stdout.flush()
    libc = ctypes.CDLL(None)
    out = ctypes.c_void_p.in_dll(libc, "stdout")
    lintel.lintel_heap_print(heap, out, LINTEL_TEXT)
    libc.fflush(out)


def main(path="liblintel.so.0"):
    lintel = load(path)
    heap, module = ctypes.c_void_p(), ctypes.c_void_p()
    desc = ModuleDesc(base=base_of("libc.so"), name=b"libc", kind=LINTEL_CODE)

    lintel.lintel_heap_create(None, ctypes.byref(heap))
    lintel.lintel_module_open(heap, ctypes.byref(desc), ctypes.byref(module))
    body = new_function(lintel, module, INSTRUCTIONS[platform.machine()])
    add = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_int, ctypes.c_int)(body)
    print(f"a function at offset {lintel.lintel_offset(module, body):#x} above libc: 40 + 2 = {add(40, 2)}")
    print_books(lintel, heap)
    lintel.lintel_module_release(module)
    lintel.lintel_heap_destroy(heap)


if __name__ == "__main__":
    main(*sys.argv[1:])
