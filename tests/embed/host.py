#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""host.py LIBRARY MALLOC: loads lintel by ctypes, and uses it above libc from several threads.

MALLOC is part of the file name that the interpreter's malloc must come from; elsewhere the test is skipped.
"""
import ctypes
import sys
import threading

THREADS = 4
BODIES = 500
BODY_SIZE = 96
SKIP = 77


class Descriptor(ctypes.Structure):
    _fields_ = [
        ("base", ctypes.c_void_p),
        ("image_size", ctypes.c_size_t),
        ("key", ctypes.c_uint64),
        ("name", ctypes.c_char_p),
        ("kind", ctypes.c_int),
        ("reach", ctypes.c_uint64),
        ("align", ctypes.c_size_t),
        ("reserve", ctypes.c_size_t),
    ]


def require(holds, what):
    if not holds:
        sys.exit(f"broken: {what}")


def mapped_files():
    """Yields the first address and the file of each mapping."""
    with open("/proc/self/maps", encoding="utf-8") as maps:
        for line in maps:
            fields = line.split()
            yield int(fields[0].split("-")[0], 16), fields[5] if len(fields) > 5 else ""


def malloc_file():
    # Not by malloc itself: the address of a function that the interpreter calls may be a stub within the interpreter.
    address = ctypes.cast(ctypes.CDLL(None).malloc_usable_size, ctypes.c_void_p).value
    return max(mapping for mapping in mapped_files() if mapping[0] <= address)[1]


def load(path):
    library = ctypes.CDLL(path, mode=ctypes.RTLD_LOCAL)
    library.lintel_heap_create.argtypes = [ctypes.c_void_p, ctypes.POINTER(ctypes.c_void_p)]
    library.lintel_heap_destroy.argtypes = [ctypes.c_void_p]
    library.lintel_heap_destroy.restype = None
    library.lintel_module_open.argtypes = [
        ctypes.c_void_p,
        ctypes.POINTER(Descriptor),
        ctypes.POINTER(ctypes.c_void_p),
    ]
    library.lintel_module_release.argtypes = [ctypes.c_void_p]
    library.lintel_module_release.restype = None
    library.lintel_alloc.argtypes = [ctypes.c_void_p, ctypes.c_size_t]
    library.lintel_alloc.restype = ctypes.c_void_p
    library.lintel_version.restype = ctypes.c_char_p
    return library


def clone(library, module, base, number, placed):
    """Fills bodies with bytes of this thread's own, reads them back, and notes where they lie."""
    for i in range(BODIES):
        body = library.lintel_alloc(module, BODY_SIZE)
        require(body is not None and body > base, "a body lies above libc")
        text = bytes([(number + i) % 256]) * BODY_SIZE
        ctypes.memmove(body, text, BODY_SIZE)
        placed.append((body, text))
    for body, text in placed[-BODIES:]:
        require(ctypes.string_at(body, BODY_SIZE) == text, "a body keeps its bytes")


def main(path, malloc):
    if malloc not in malloc_file():
        print(f"skipped: malloc comes from {malloc_file()}, not from {malloc}: is it installed?")
        return SKIP

    library = load(path)
    base = min(start for start, file in mapped_files() if "/libc.so" in file or "/libc-" in file)
    heap, module = ctypes.c_void_p(), ctypes.c_void_p()
    require(library.lintel_heap_create(None, ctypes.byref(heap)) == 0, "lintel_heap_create")
    descriptor = Descriptor(base=base, name=b"libc")
    require(library.lintel_module_open(heap, ctypes.byref(descriptor), ctypes.byref(module)) == 0, "lintel_module_open")

    placed = [[] for _ in range(THREADS)]
    threads = [
        threading.Thread(target=clone, args=(library, module, base, number, placed[number]))
        for number in range(THREADS)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    bodies = sorted(pair for own in placed for pair in own)
    require(len(bodies) == THREADS * BODIES, "every thread placed every body")
    require(all(a[0] + BODY_SIZE <= b[0] for a, b in zip(bodies, bodies[1:])), "bodies lie apart")
    require(all(ctypes.string_at(body, BODY_SIZE) == text for body, text in bodies), "bodies keep their bytes")
    require(bodies[-1][0] + BODY_SIZE <= base + 2**32, "bodies lie within reach")

    library.lintel_module_release(module)
    library.lintel_heap_destroy(heap)
    require(malloc in malloc_file(), "the interpreter's malloc stays its own")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2]))
