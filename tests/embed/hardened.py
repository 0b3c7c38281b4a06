#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""hardened.py LIBRARY PROTECTION...: the library was linked and compiled as docs/security.md says.

Full RELRO, no stack or segment that can be executed and written, no relocations of code. PROTECTION is what the
compiler was to give beside: `stack` (canaries), `fortify` (checked copies), `branches` (landing pads for indirect
calls: endbr64, or bti and paciasp). Says what is missing.
"""
import re
import struct
import subprocess
import sys

# ENDBR64; BTI c, PACIASP
LANDING_PADS = {b"\xf3\x0f\x1e\xfa", b"\x5f\x24\x03\xd5", b"\x3f\x23\x03\xd5"}


def readelf(library, *options):
    done = subprocess.run(["readelf", "--wide", *options, library], check=True, capture_output=True, text=True)
    return done.stdout


def segments(library):
    """(type, file offset, address, size in the file, size, flags) of each."""
    row = re.compile(r"^ +([A-Z_]+) +0x(\w+) 0x(\w+) 0x\w+ 0x(\w+) 0x(\w+) ([R ][W ][E ])", re.MULTILINE)
    for kind, *numbers, flags in row.findall(readelf(library, "--program-headers")):
        yield (kind, *(int(number, 16) for number in numbers), flags)


def sections(library):
    row = re.compile(r"\] (\S+) +\w+ +(\w{16}) \w+ (\w+) ")
    return {name: (int(start, 16), int(size, 16)) for name, start, size in row.findall(readelf(library, "--sections"))}


def linked(library):
    """What is missing of what the linker does."""
    every = list(segments(library))
    dynamic = readelf(library, "--dynamic")
    relro = next(((address, address + size) for kind, _, address, _, size, _ in every if kind == "GNU_RELRO"), None)
    if relro is None:
        yield "no RELRO"
    if not re.search(r"\(FLAGS\).*BIND_NOW|\(FLAGS_1\).*NOW|\(BIND_NOW\)", dynamic):
        yield "not bound at start: the tables of functions stay writable"
    for name in (".data.rel.ro", ".got", ".dynamic", ".init_array"):
        start, size = sections(library).get(name, (0, 0))
        if relro and size and not relro[0] <= start <= start + size <= relro[1]:
            yield f"{name} stays writable"
    if "TEXTREL" in dynamic:
        yield "code is relocated"
    if not any(kind == "GNU_STACK" and "E" not in flags for kind, *_, flags in every):
        yield "the stack is executable"
    if any("W" in flags and "E" in flags for *_, flags in every):
        yield "a segment is writable and executable"


def first_bytes(library, function):
    symbol = rf" (\w+) +\d+ FUNC .* {function}(?:@@\S+)?$"
    address = int(re.search(symbol, readelf(library, "--dyn-syms"), re.MULTILINE)[1], 16)
    for kind, offset, start, size, *_ in segments(library):
        if kind == "LOAD" and start <= address < start + size:
            with open(library, "rb") as file:
                file.seek(offset + address - start)
                return struct.unpack("4s", file.read(4))[0]
    return b""


def compiled(library, protections):
    """What is missing of what the compiler does."""
    names = readelf(library, "--symbols")
    if "stack" in protections and "__stack_chk_fail" not in names:
        yield "no stack protector"
    if "fortify" in protections and not re.search(r" __\w+_chk(@|$)", names, re.MULTILINE):
        yield "nothing is fortified"
    if "branches" in protections and first_bytes(library, "lintel_version") not in LANDING_PADS:
        yield "functions do not begin with a landing pad"


def main(library, *protections):
    missing = [*linked(library), *compiled(library, protections)]
    for what in missing:
        print(f"{library}: {what}")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
