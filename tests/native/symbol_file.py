# SPDX-License-Identifier: MIT
"""symbol_file: a debug file that names functions of a stripped library.

callgrind takes a jump to a function's first instruction for a call (a tail call), but only where a symbol tells it that
a function begins there. A stripped library lacks the symbols of its own inner functions. This file supplies them.
"""
import os
import struct
import subprocess

HEADER = struct.Struct("<16sHHIQQQIHHHHHH")
SECTION = struct.Struct("<IIQQQQIIQQ")
SYMBOL = struct.Struct("<IBBHQQ")
SYMTAB, STRTAB, LOCAL_FUNCTION = 2, 3, 2


def sections_of(data, header):
    offset, count = header[6], header[12]
    return [list(SECTION.unpack_from(data, offset + i * SECTION.size)) for i in range(count)]


def text_index(data, sections, names):
    start = sections[names][4]
    for index, section in enumerate(sections):
        end = data.index(b"\0", start + section[0])
        if data[start + section[0] : end] == b".text":
            return index
    raise ValueError("no section .text")


def tables(functions, text):
    """The symbol table and its strings for (offset, size, name)."""
    strings, symbols = b"\0", SYMBOL.pack(0, 0, 0, 0, 0, 0)
    for offset, size, name in functions:
        symbols += SYMBOL.pack(len(strings), LOCAL_FUNCTION, 0, text, offset, size)
        strings += name.encode() + b"\0"
    return symbols, strings


def add_symbols(path, functions):
    with open(path, "rb") as file:
        data = file.read()
    header = list(HEADER.unpack_from(data))
    sections = sections_of(data, header)
    names = header[13]
    symbols, strings = tables(functions, text_index(data, sections, names))
    old_names = data[sections[names][4] : sections[names][4] + sections[names][5]]
    data += b"\0" * (-len(data) % 8)
    at = len(data)
    sections[names][4:6] = [at + len(symbols) + len(strings), len(old_names) + len(b".symtab\0.strtab\0")]
    sections.append([len(old_names), SYMTAB, 0, 0, at, len(symbols), len(sections) + 1, len(functions) + 1, 8,
                     SYMBOL.size])
    sections.append([len(old_names) + len(b".symtab\0"), STRTAB, 0, 0, at + len(symbols), len(strings), 0, 0, 1, 0])
    data += symbols + strings + old_names + b".symtab\0.strtab\0"
    data += b"\0" * (-len(data) % 8)
    header[6], header[12] = len(data), len(sections)
    with open(path, "wb") as file:
        file.write(HEADER.pack(*header) + data[HEADER.size :] + b"".join(SECTION.pack(*one) for one in sections))


def write(library, functions, folder):
    """Writes the debug file for (offset, size, name) to where valgrind, given --extra-debuginfo-path=`folder` and
    --allow-mismatched-debuginfo=yes, looks for that of `library`."""
    path = os.path.join(folder, library.lstrip("/"))
    os.makedirs(os.path.dirname(path), exist_ok=True)
    subprocess.run(["objcopy", "--only-keep-debug", library, path], check=True)
    add_symbols(path, functions)
